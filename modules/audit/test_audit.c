// SPDX-License-Identifier: Apache-2.0
/*
 * test_audit.c: what a server with the module writes about what clients do.
 */
#include "ask.h"
#include "testserver.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <semaphore.h>
#include <signal.h>
#include <smb3/ctl.h>
#include <smb3/hook.h>
#include <smb3/module.h>
#include <smb3/server.h>
#include <smb3/status.h>
#include <smb3/worker.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define WAIT     10000
#define PATIENCE 20000
#define TEXT_MAX 16000000

/* One time-out for all: with several, Criterion's runner loses memory. */
TestSuite(audit, .timeout = 120);

struct rig {
	struct test_server *server;
	struct smbc_lib *lib;
	struct smbc_conn *conn;
	struct smbc_session *session;
	uint32_t tid;
	char path[256], *text;
};

static struct rig *rig_new(const char *options, const char *groups)
{
	struct rig *r = calloc(1, sizeof(*r));
	const char *tmp = getenv("TMPDIR");
	char all[1024];
	const struct test_server_conf conf = {
		.also = "\"audit\"",
		.groups = all,
		.shares = ", { name = \"loud\"; path = \"/\"; backend = \"mem\"; guest = true; "
			  "audit = { opens = \"all\"; }; }",
	};

	snprintf(r->path, sizeof(r->path), "%s/audit.%d", tmp ? tmp : "/tmp", (int)getpid());
	unlink(r->path);
	snprintf(all, sizeof(all), "audit = { file = \"%s\"; %s }; %s", r->path, options, groups);
	r->server = test_server_start(&conf);
	cr_assert_eq(smbc_lib_new(&r->lib), 0);
	return r;
}

static uint32_t log_on(struct rig *r, const char *user, const char *password)
{
	struct smbc_cred cred = { .user = user, .domain = "", .password = password };
	uint32_t status = 0;

	smbc_conn_free(r->conn);
	r->conn = smbc_ask_conn(r->lib, test_server_connect(r->server));
	r->session = smbc_session_new(r->conn);
	cr_assert_eq(smbc_session_setup(r->session, &cred, WAIT, &status), 0);
	return status;
}

/* Ends the server; r->text has the lines. */
static void end(struct rig *r)
{
	FILE *f;

	smbc_conn_free(r->conn);
	test_server_stop(r->server);
	smbc_lib_free(r->lib);
	r->text = calloc(1, TEXT_MAX);
	f = fopen(r->path, "r");
	cr_assert_not_null(f);
	cr_assert_lt(fread(r->text, 1, TEXT_MAX - 1, f), TEXT_MAX - 1u);
	fclose(f);
	unlink(r->path);
}

static void rig_free(struct rig *r)
{
	free(r->text);
	free(r);
}

static uint32_t connect_to(struct rig *r, const char *share)
{
	struct smbc_tree_info info;
	uint32_t status = smbc_ask_tree(r->session, share, &info);

	if (!status)
		r->tid = info.tid;
	return status;
}

static uint32_t create(struct rig *r, const struct smbc_create *c, struct smbc_fid *ret_fid)
{
	struct smbc_req *req = smbc_tree_req(r->session, r->tid, SMB2_CREATE);
	struct smbc_created out;
	uint32_t status;

	smbc_put_create(req, c);
	status = smbc_ask(req);
	if (!status) {
		cr_assert_eq(smbc_create_reply(&req->reply, &out), 0);
		*ret_fid = out.fid;
	}
	smbc_req_free(req);
	return status;
}

static uint32_t set_info(struct rig *r, const struct smbc_info *info)
{
	struct smbc_req *req = smbc_tree_req(r->session, r->tid, SMB2_SET_INFO);

	smbc_put_set_info(req, info);
	return smbc_ask_free(req);
}

static void close_file(struct rig *r, struct smbc_fid fid)
{
	struct smbc_req *req = smbc_tree_req(r->session, r->tid, SMB2_CLOSE);

	smbc_put_close(req, fid, 0);
	cr_assert_eq(smbc_ask(req), 0u);
	smbc_req_free(req);
}

static void plain(struct rig *r, uint16_t command)
{
	struct smbc_req *req = smbc_tree_req(r->session, r->tid, command);

	smbc_put_empty(req);
	cr_assert_eq(smbc_ask(req), 0u);
	smbc_req_free(req);
}

/* How many lines have all of these words (NULL at the end). */
static int count(const struct rig *r, const char *const *words)
{
	char *copy = strdup(r->text), *rest = copy, *line;
	int n = 0;

	while ((line = strsep(&rest, "\n"))) {
		bool all = *line;

		for (const char *const *w = words; all && *w; w++)
			all = strstr(line, *w);
		n += all;
	}
	free(copy);
	return n;
}

#define LINES(r, ...) count(r, (const char *const[]){ __VA_ARGS__, NULL })
#define EVENT(name)   "\"event\":\"" name "\""
#define FIELD(k, v)   "\"" k "\":\"" v "\""

/* ---- who comes and goes ---- */

Test(audit, log_ons_and_shares)
{
	struct rig *r = rig_new("", "");

	cr_assert_eq(log_on(r, "alice", "wrong"), (uint32_t)STATUS_LOGON_FAILURE);
	cr_assert_eq(log_on(r, "mallory", "secret"), (uint32_t)STATUS_LOGON_FAILURE);
	cr_assert_eq(log_on(r, "alice", "secret"), 0u);
	cr_assert_eq(connect_to(r, "nothing"), (uint32_t)STATUS_BAD_NETWORK_NAME);
	cr_assert_eq(connect_to(r, "mem"), 0u);
	plain(r, SMB2_TREE_DISCONNECT);
	plain(r, SMB2_LOGOFF);
	cr_assert_eq(log_on(r, "alice", "secret"), 0u);
	end(r);
	cr_expect_eq(LINES(r, EVENT("start"), "\"schema\":1", FIELD("server", "TEST")), 1);
	cr_expect_eq(LINES(r, EVENT("stop")), 1);
	cr_expect_eq(LINES(r, EVENT("logon_failed"), FIELD("user", "alice"),
			   FIELD("mechanism", "ntlm"), FIELD("status", "STATUS_LOGON_FAILURE"),
			   FIELD("kind", "first"), "\"reason\":", "\"address\":", "\"conn\":"),
		     1);
	cr_expect_eq(LINES(r, EVENT("logon_failed"), FIELD("user", "mallory"), "\"reason\":"), 1);
	cr_expect_eq(LINES(r, EVENT("logon_failed")), 2);
	cr_expect_eq(LINES(r, EVENT("logon"), FIELD("user", "alice"), FIELD("mechanism", "ntlm"),
			   FIELD("dialect", "3.1.1"), "\"session\":\"0x"),
		     2);
	cr_expect_eq(LINES(r, EVENT("tree_refused"), FIELD("share", "nothing"),
			   FIELD("status", "STATUS_BAD_NETWORK_NAME")),
		     1);
	cr_expect_eq(LINES(r, EVENT("tree_connect"), FIELD("share", "mem"), "\"unix_user\""), 1);
	cr_expect_eq(LINES(r, EVENT("tree_disconnect"), FIELD("share", "mem")), 1);
	cr_expect_eq(LINES(r, EVENT("logoff")), 2);
	cr_expect_eq(LINES(r, EVENT("logoff"), "its connection has ended"), 1);
	cr_expect_eq(LINES(r, EVENT("negotiated")), 0, "not asked for");
	cr_expect_eq(LINES(r, EVENT("denied")), 0, "told already");
	cr_expect_null(strstr(r->text, "secret"));
	rig_free(r);
}

Test(audit, guests_and_what_they_cannot_protect)
{
	struct rig *r = rig_new("events = [ \"guest_logon\", \"unprotected\", \"negotiated\" ];",
				"guest = { map_unknown = true; };");

	cr_assert_eq(log_on(r, "stranger", "secret"), 0u);
	end(r);
	cr_expect_eq(LINES(r, EVENT("negotiated"), FIELD("dialect", "3.1.1"), "\"cipher\":"), 1);
	cr_expect_eq(LINES(r, EVENT("guest_logon"), FIELD("claimed", "stranger"), "\"guest\":true",
			   FIELD("signing", "none")),
		     1);
	cr_expect_eq(LINES(r, EVENT("unprotected"), "neither sign nor encrypt"), 1);
	cr_expect_eq(LINES(r, EVENT("logoff")), 0);
	rig_free(r);
}

Test(audit, limits_that_stop_somebody)
{
	struct rig *r = rig_new("", "limits = { trees = 1; };");

	cr_assert_eq(log_on(r, "alice", "secret"), 0u);
	cr_assert_eq(connect_to(r, "mem"), 0u);
	cr_assert_eq(connect_to(r, "share"), (uint32_t)STATUS_INSUFFICIENT_RESOURCES);
	end(r);
	cr_expect_eq(LINES(r, EVENT("limit"), FIELD("limit", "limits.trees"),
			   FIELD("user", "alice"),
			   FIELD("status", "STATUS_INSUFFICIENT_RESOURCES")),
		     1);
	rig_free(r);
}

/* What a script tells goes into a line whatever it calls it. */
Test(audit, notes_of_scripts)
{
	static const struct smb3_detail details[] = { { "user", "alice\n" }, { "a\"b c", "x" } };
	struct rig *r = rig_new("", "");
	struct smb3_event e = { .point = SMB3_HOOK_NOTE,
				.server = test_server_core(r->server),
				.note = "tripwire",
				.details = details,
				.n_details = SMB3_ARRAY_SIZE(details) };

	cr_assert(smb3_hooked(e.server, SMB3_HOOK_NOTE));
	smb3_hook_run(&e);
	end(r);
	cr_expect_eq(LINES(r, EVENT("note"), FIELD("note", "tripwire"),
			   FIELD("note_user", "alice\\u000a"), FIELD("note_a_b_c", "x")),
		     1);
	rig_free(r);
}

/* A name that tries to be an event of its own stays a name. */
Test(audit, user_names_forge_nothing)
{
	struct rig *r = rig_new("", "");

	log_on(r, "x\"}\n{\"time\":\"2026\",\"event\":\"logon\",\"user\":\"root\"}", "secret");
	end(r);
	cr_expect_eq(LINES(r, EVENT("logon_failed"), "x\\u0022}\\u000a{\\u0022time"), 1);
	cr_expect_eq(LINES(r, EVENT("logon")), 0);
	for (const char *line = r->text; *line; line = strchr(line, '\n') + 1)
		cr_expect_eq(strncmp(line, "{\"time\":\"20", 11), 0, "%s", line);
	rig_free(r);
}

/* ---- files ---- */

static void rename_to_new(struct rig *r, struct smbc_fid fid)
{
	uint8_t body[20 + 6] = { [16] = 6, [20] = 'n', [22] = 'e', [24] = 'w' };

	cr_assert_eq(set_info(r, &(struct smbc_info){ .fid = fid,
						      .type = 1,
						      .info_class = 10,
						      .in = { body, sizeof(body) } }),
		     0u);
}

static void delete_on_close(struct rig *r, struct smbc_fid fid)
{
	uint8_t yes = 1;

	cr_assert_eq(set_info(r,
			      &(struct smbc_info){
				      .fid = fid, .type = 1, .info_class = 13, .in = { &yes, 1 } }),
		     0u);
}

static const struct smbc_create old = { .name = "old",
					.impersonation = 2,
					.access = 0x00010003, /* read, write, delete */
					.share = 7,
					.disposition = 2 };

Test(audit, what_happens_to_files)
{
	struct rig *r = rig_new("", "");
	struct smbc_fid fid;

	cr_assert_eq(log_on(r, "alice", "secret"), 0u);
	cr_assert_eq(connect_to(r, "loud"), 0u);
	cr_assert_eq(create(r, &old, &fid), 0u);
	rename_to_new(r, fid);
	delete_on_close(r, fid);
	close_file(r, fid);
	cr_assert_eq(connect_to(r, "mem"), 0u);
	cr_assert_eq(create(r, &old, &fid), 0u);
	cr_assert_eq(connect_to(r, "ro"), 0u);
	cr_assert_neq(create(r, &old, &fid), 0u);
	end(r);
	cr_expect_eq(LINES(r, EVENT("open"), FIELD("path", "old"), FIELD("share", "loud"),
			   FIELD("action", "created"), FIELD("user", "alice"),
			   "\"conn\":", FIELD("access", "0x10003")),
		     1);
	cr_expect_eq(LINES(r, EVENT("open")), 1, "the other share is quiet");
	cr_expect_eq(LINES(r, EVENT("rename"), FIELD("path", "old"), FIELD("new_path", "new"),
			   FIELD("user", "alice"), "\"address\":"),
		     1);
	cr_expect_eq(LINES(r, EVENT("delete"), FIELD("path", "new"), FIELD("share", "loud"),
			   FIELD("user", "alice"), "\"address\":", "\"session\":"),
		     1);
	cr_expect_eq(LINES(r, EVENT("denied"), FIELD("path", "old"), FIELD("share", "ro"),
			   FIELD("command", "CREATE"), "\"reason\":"),
		     1);
	rig_free(r);
}

Test(audit, writes_are_told_from_reads_and_quiet_users_from_others)
{
	struct rig *r = rig_new("opens = \"writes\";", "");
	struct smbc_create look = old;
	struct smbc_fid fid;

	look.access = 1;
	look.disposition = 1;
	cr_assert_eq(log_on(r, "alice", "secret"), 0u);
	cr_assert_eq(connect_to(r, "mem"), 0u);
	cr_assert_eq(create(r, &old, &fid), 0u);
	cr_assert_eq(create(r, &look, &fid), 0u);
	end(r);
	cr_expect_eq(LINES(r, EVENT("open")), 1);
	rig_free(r);
	r = rig_new("opens = \"all\"; quiet_users = [ \"alice\" ];", "");
	cr_assert_eq(log_on(r, "alice", "secret"), 0u);
	cr_assert_eq(connect_to(r, "ro"), 0u);
	look.name = "";
	cr_assert_eq(create(r, &look, &fid), 0u);
	cr_assert_neq(create(r, &old, &fid), 0u);
	end(r);
	cr_expect_eq(LINES(r, EVENT("open")), 0);
	cr_expect_eq(LINES(r, EVENT("denied")), 1);
	rig_free(r);
}

Test(audit, permissions_that_are_set)
{
	/* Revision 1, self-relative with a DACL at 20: revision 2, 8 bytes, nothing in it. */
	static const uint8_t nobody[28] = { 1, [2] = 4, 0x80, [16] = 20, [20] = 2, [22] = 8 };
	struct rig *r = rig_new("", "");
	struct smbc_create c = old;
	struct smbc_fid fid;

	if (!smb3_module_find(test_server_core(r->server), "acl")) {
		end(r);
		cr_skip_test("there is no module acl");
	}
	c.access = 0x00040001;
	cr_assert_eq(log_on(r, "alice", "secret"), 0u);
	cr_assert_eq(connect_to(r, "share"), 0u);
	cr_assert_eq(create(r, &c, &fid), 0u);
	cr_assert_eq(set_info(r, &(struct smbc_info){ .fid = fid,
						      .type = 3,
						      .additional = 4,
						      .in = { nobody, sizeof(nobody) } }),
		     0u);
	end(r);
	cr_expect_eq(LINES(r, EVENT("permissions"), FIELD("path", "old"), FIELD("user", "alice"),
			   FIELD("share", "share"), "\"address\":"),
		     1);
	rig_free(r);
}

/* ---- administrators ---- */

static void finished(struct smb3_ctl_request *request, char *text, size_t len, bool ok)
{
	(void)request, (void)len, (void)ok;
	free(text);
}

struct posted {
	struct smb3_mail mail;
	struct smb3_server *server;
	struct smb3_ctl_request *request;
	sem_t begun;
};

static void on_posted(struct smb3_worker *w, struct smb3_mail *mail)
{
	struct posted *p = SMB3_CONTAINER(mail, struct posted, mail);

	smb3_ctl_run(p->server, p->request);
	sem_post(&p->begun);
}

/* Where the control socket runs commands. */
static void command(struct rig *r, struct smb3_ctl_request *request)
{
	struct posted p = { .mail.fn = on_posted,
			    .server = test_server_core(r->server),
			    .request = request };

	cr_assert_eq(sem_init(&p.begun, 0, 0), 0);
	smb3_mail_post(smb3_server_worker(p.server, 0), &p.mail);
	while (sem_wait(&p.begun) < 0)
		cr_assert_eq(errno, EINTR);
	sem_destroy(&p.begun);
}

Test(audit, commands_of_administrators)
{
	struct rig *r = rig_new("", "");
	char words[] = "user\0add\0bo\"b", more[] = "user\0del\0nobody";
	char *user[] = { words, words + 5, words + 9 }, *wrong[] = { more, more + 5, more + 9 };
	struct smb3_ctl_request request = {
		.argc = 3, .argv = user, .secret = "opensesame", .uid = 12, .finished = finished
	};
	struct smb3_ctl_request second = { .argc = 3, .argv = wrong, .finished = finished };

	command(r, &request);
	command(r, &second);
	end(r);
	cr_expect_eq(LINES(r, EVENT("admin"), "user add bo\\u0022b", "\"uid\":12"), 1);
	cr_expect_eq(LINES(r, EVENT("admin"), "user del", "STATUS_UNSUCCESSFUL", "\"reason\":"), 1);
	cr_expect_null(strstr(r->text, "opensesame"));
	rig_free(r);
}

/* ---- on_error ---- */

static void limit_files(rlim_t size)
{
	struct rlimit limit;

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = size;
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* Files are made, until that is refused or until it is not. */
static uint32_t create_until(struct rig *r, bool refused)
{
	static int number;
	uint32_t status = 1;

	for (int i = 0; i < PATIENCE; i++) {
		struct smbc_create c = old;
		struct smbc_fid fid;
		char name[16];

		snprintf(name, sizeof(name), "f%d", number++);
		c.name = name;
		status = create(r, &c, &fid);
		if (refused == (status != 0))
			break;
		if (!status)
			close_file(r, fid);
		usleep(1000);
	}
	return status;
}

Test(audit, with_deny_nothing_goes_unseen)
{
	struct rig *r = rig_new("on_error = \"deny\"; opens = \"all\";", "");
	struct smbc_conn *conn;
	struct smbc_session *session;

	cr_assert_eq(log_on(r, "alice", "secret"), 0u);
	cr_assert_eq(connect_to(r, "mem"), 0u);
	limit_files(1);
	cr_expect_eq(create_until(r, true), (uint32_t)STATUS_AUDIT_FAILED);
	cr_expect_eq(connect_to(r, "share"), (uint32_t)STATUS_AUDIT_FAILED);
	conn = r->conn;
	session = r->session;
	r->conn = NULL;
	cr_expect_eq(log_on(r, "alice", "secret"), (uint32_t)STATUS_AUDIT_FAILED);
	smbc_conn_free(r->conn);
	r->conn = conn;
	r->session = session;
	limit_files(RLIM_INFINITY);
	cr_expect_eq(create_until(r, false), 0u);
	cr_expect_eq(log_on(r, "alice", "secret"), 0u);
	end(r);
	cr_expect_eq(LINES(r, EVENT("lost")), 0, "everything waited");
	cr_expect_geq(LINES(r, EVENT("logon_failed"), "STATUS_AUDIT_FAILED"), 1);
	rig_free(r);
}

Test(audit, with_continue_clients_notice_nothing)
{
	struct rig *r = rig_new("queue = \"64K\"; opens = \"all\";", "");
	struct smbc_fid fid;

	cr_assert_eq(log_on(r, "alice", "secret"), 0u);
	cr_assert_eq(connect_to(r, "mem"), 0u);
	limit_files(1);
	for (int i = 0; i < 500; i++) {
		struct smbc_create c = old;
		char name[16];

		snprintf(name, sizeof(name), "f%d", i);
		c.name = name;
		cr_assert_eq(create(r, &c, &fid), 0u);
		close_file(r, fid);
	}
	limit_files(RLIM_INFINITY);
	end(r);
	cr_expect_geq(LINES(r, EVENT("lost"), "\"count\":"), 1);
	rig_free(r);
}
