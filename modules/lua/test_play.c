// SPDX-License-Identifier: Apache-2.0
/*
 * test_play.c: see test_play.h.
 */
#include "test_play.h"

#include "ask.h"
#include "testserver.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdarg.h>
#include <smb3/ctl.h>
#include <smb3/server.h>
#include <smb3/worker.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define WAIT         20000
#define ARGS_MAX     32
#define CLASS_RENAME 10
#define CLASS_DELETE 13

struct play {
	struct test_server *server;
	char dir[96], files[128];
	char why[512];
};

struct player {
	struct smbc_lib *lib;
	struct smbc_conn *conn;
	struct smbc_session *session;
	uint32_t tid;
};

/* ---- the server ---- */

static void text_write(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	cr_assert_not_null(f, "%s", path);
	fputs(text, f);
	fclose(f);
	cr_assert_eq(chmod(path, 0644), 0);
}

void play_write(struct play *p, const char *script)
{
	char path[200];

	snprintf(path, sizeof(path), "%s/play.lua", p->dir);
	text_write(path, script);
}

void play_unlink(struct play *p)
{
	char path[200];

	snprintf(path, sizeof(path), "%s/play.lua", p->dir);
	cr_assert_eq(unlink(path), 0);
}

static const char modules[] =
	"\"loop\", \"smb2\", \"smb3\", \"smb311\", \"sign\", \"encrypt\", \"setup\", \"tree\", "
	"\"file\", \"dir\", \"info\", \"ioctl\", \"spnego\", \"ntlm\", \"guest\", \"users\", "
	"\"vfs_posix\", \"vfs_mem\", \"admin\", \"lua\"";

struct play *play_start(const struct play_conf *conf)
{
	struct play *p = calloc(1, sizeof(*p));
	const char *tmp = getenv("TMPDIR"), *source = getenv("SMB3_SRCDIR");
	char groups[4096], shares[2048];
	struct test_server_conf server = { .modules = modules, .groups = groups, .shares = shares };

	snprintf(p->dir, sizeof(p->dir), "%.60s/smb3lua.XXXXXX", tmp ? tmp : "/tmp");
	cr_assert_not_null(mkdtemp(p->dir));
	cr_assert_eq(chmod(p->dir, 0755), 0);
	snprintf(p->files, sizeof(p->files), "%s/files", p->dir);
	cr_assert_eq(mkdir(p->files, 0755), 0);
	if (conf->script)
		play_write(p, conf->script);
	snprintf(groups, sizeof(groups),
		 "lua = { scripts = [ %s%s%s ]; folders = [ \"%s\", \"%s/scripts/lua\" ]; %s };",
		 conf->script ? "\"play\"" : "", conf->script && conf->scripts ? ", " : "",
		 conf->scripts ? conf->scripts : "", p->dir, source ? source : ".",
		 conf->lua ? conf->lua : "");
	snprintf(shares, sizeof(shares), ", { name = \"files\"; path = \"%s\"; %s }%s", p->files,
		 conf->share ? conf->share : "", conf->shares ? conf->shares : "");
	p->server = test_server_start(&server);
	return p;
}

static void remove_tree(const char *dir)
{
	char command[200];

	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	cr_assert_eq(system(command), 0);
}

void play_stop(struct play *p)
{
	test_server_stop(p->server);
	remove_tree(p->dir);
	free(p);
}

const char *play_dir(const struct play *p)
{
	return p->files;
}

struct smb3_server *play_server(const struct play *p)
{
	return test_server_core(p->server);
}

void play_file(struct play *p, const char *name, const char *content, long age)
{
	struct timeval times[2] = { { .tv_sec = time(NULL) - age } };
	char path[300];

	snprintf(path, sizeof(path), "%s/%s", p->files, name);
	if (!content) {
		cr_assert_eq(unlink(path), 0);
		return;
	}
	text_write(path, content);
	times[1] = times[0];
	cr_assert_eq(utimes(path, times), 0);
}

/* ---- admin commands ---- */

struct ask {
	struct smb3_mail mail;
	struct smb3_ctl_request request;
	struct smb3_server *server;
	char *argv[ARGS_MAX + 1];
	char *text;
	bool reload, done, ok;
	pthread_mutex_t lock;
	pthread_cond_t told;
};

static void ask_done(struct ask *a, char *text, bool ok)
{
	pthread_mutex_lock(&a->lock);
	a->text = text;
	a->ok = ok;
	a->done = true;
	pthread_cond_signal(&a->told);
	pthread_mutex_unlock(&a->lock);
}

static void finished(struct smb3_ctl_request *request, char *text, size_t len, bool ok)
{
	ask_done(SMB3_CONTAINER(request, struct ask, request), text, ok);
}

static void reloaded(void *arg, const char *refused)
{
	ask_done(arg, NULL, !refused);
}

static void ask_mail(struct smb3_worker *w, struct smb3_mail *mail)
{
	struct ask *a = SMB3_CONTAINER(mail, struct ask, mail);

	if (a->reload)
		smb3_server_reload(a->server, reloaded, a);
	else
		smb3_ctl_run(a->server, &a->request);
}

static void ask(struct play *p, struct ask *a)
{
	a->server = test_server_core(p->server);
	a->request.argv = a->argv;
	a->request.finished = finished;
	a->mail.fn = ask_mail;
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->told, NULL);
	smb3_mail_post(smb3_server_worker(a->server, 0), &a->mail);
	pthread_mutex_lock(&a->lock);
	while (!a->done)
		pthread_cond_wait(&a->told, &a->lock);
	pthread_mutex_unlock(&a->lock);
	pthread_cond_destroy(&a->told);
	pthread_mutex_destroy(&a->lock);
}

char *play_ctl(struct play *p, ...)
{
	struct ask a = { .text = NULL };
	va_list ap;

	va_start(ap, p);
	while (a.request.argc < ARGS_MAX && (a.argv[a.request.argc] = va_arg(ap, char *)) != NULL)
		a.request.argc++;
	va_end(ap);
	ask(p, &a);
	return a.text;
}

bool play_reload(struct play *p)
{
	struct ask a = { .reload = true };

	ask(p, &a);
	return a.ok;
}

/* The last row that the command "why" has. */
const char *play_why(struct play *p)
{
	static const char key[] = "\"reason\":\"";
	char *answer = play_ctl(p, "why", NULL), *last = NULL;

	for (char *at = answer; (at = strstr(at, key)); at = last)
		last = at + strlen(key);
	snprintf(p->why, sizeof(p->why), "%.*s", last ? (int)strcspn(last, "\"") : 0,
		 last ? last : "");
	free(answer);
	return p->why;
}

bool play_says(struct play *p, const char *reason)
{
	return strstr(play_why(p), reason) != NULL;
}

bool play_answers(char *answer, const char *text)
{
	bool found = strstr(answer, text) != NULL;

	if (!found)
		fprintf(stderr, "%s", answer);
	free(answer);
	return found;
}

bool play_until(struct play *p, const char *command, const char *text)
{
	const struct timespec pause = { .tv_nsec = 20000000 };
	time_t end = time(NULL) + 20;

	while (time(NULL) < end) {
		char *answer = play_ctl(p, command, NULL);
		bool found = strstr(answer, text) != NULL;

		free(answer);
		if (found)
			return true;
		nanosleep(&pause, NULL);
	}
	return false;
}

/* ---- the client ---- */

struct player *player_new(struct play *p, uint32_t *ret_status)
{
	struct smbc_cred cred = { .user = "alice", .domain = "", .password = "secret" };
	struct player *c = calloc(1, sizeof(*c));
	uint32_t status = 1;

	cr_assert_eq(smbc_lib_new(&c->lib), 0);
	c->conn = smbc_ask_conn(c->lib, test_server_connect(p->server));
	c->session = smbc_session_new(c->conn);
	cr_assert_eq(smbc_session_setup(c->session, &cred, WAIT, &status), 0);
	if (!ret_status)
		cr_assert_eq(status, 0u);
	else
		*ret_status = status;
	return c;
}

void player_free(struct player *c)
{
	if (!c)
		return;
	smbc_conn_free(c->conn);
	smbc_lib_free(c->lib);
	free(c);
}

void player_hang_up(struct player *c)
{
	player_free(c);
}

bool player_encrypts(const struct player *c)
{
	return c->session->flags & 4; /* SMB2_SESSION_FLAG_ENCRYPT_DATA */
}

uint32_t player_connect(struct player *c, const char *share)
{
	struct smbc_tree_info info;
	uint32_t status = smbc_ask_tree(c->session, share, &info);

	if (!status)
		c->tid = info.tid;
	return status;
}

static uint32_t create(struct player *c, const struct smbc_create *create,
		       struct play_file *ret_file)
{
	struct smbc_req *req = smbc_tree_req(c->session, c->tid, SMB2_CREATE);
	struct smbc_created made;
	uint32_t status;

	smbc_put_create(req, create);
	status = smbc_ask(req);
	if (!status) {
		cr_assert_eq(smbc_create_reply(&req->reply, &made), 0);
		*ret_file =
			(struct play_file){ made.fid.persistent, made.fid.temporary, made.action };
	}
	smbc_req_free(req);
	return status;
}

uint32_t player_create(struct player *c, const char *name, uint32_t access, uint32_t disposition,
		       struct play_file *ret_file)
{
	struct smbc_create cr = { .name = name,
				  .impersonation = SMB2_IMPERSONATION,
				  .access = access,
				  .share = 7,
				  .disposition = disposition };

	return create(c, &cr, ret_file);
}

uint32_t player_mkdir(struct player *c, const char *name)
{
	struct smbc_create cr = { .name = name,
				  .impersonation = SMB2_IMPERSONATION,
				  .access = PLAY_READ,
				  .share = 7,
				  .disposition = PLAY_CREATE,
				  .options = 1 };
	struct play_file f;
	uint32_t status = create(c, &cr, &f);

	return status ? status : player_close(c, &f);
}

static struct smbc_fid fid_of(const struct play_file *f)
{
	return (struct smbc_fid){ f->persistent_id, f->volatile_id };
}

static struct smbc_req *write_req(struct player *c, const struct play_file *f, const void *data,
				  uint32_t len)
{
	struct smbc_req *req = smbc_tree_req(c->session, c->tid, SMB2_WRITE);
	struct smbc_io io = { .fid = fid_of(f), .length = len, .data = data };

	smbc_put_write(req, &io);
	return req;
}

uint32_t player_write(struct player *c, const struct play_file *f, const char *text)
{
	return smbc_ask_free(write_req(c, f, text, (uint32_t)strlen(text)));
}

uint32_t player_write_raw(struct player *c, const struct play_file *f, const void *data,
			  uint32_t len)
{
	return smbc_ask_free(write_req(c, f, data, len));
}

struct smbc_req *player_write_send(struct player *c, const struct play_file *f, const char *text)
{
	struct smbc_req *req = write_req(c, f, text, (uint32_t)strlen(text));

	cr_assert_eq(smbc_submit_wait(req, WAIT), 0);
	smbc_flush(c->conn);
	return req;
}

uint32_t player_wait(struct smbc_req *req)
{
	uint32_t status;

	cr_assert_eq(smbc_wait(req, WAIT), 0);
	status = req->reply.hdr.status;
	smbc_req_free(req);
	return status;
}

void player_cancel(struct smbc_req *req)
{
	cr_assert_eq(smbc_cancel(req), 0);
}

uint32_t player_read(struct player *c, const struct play_file *f, uint32_t len)
{
	struct smbc_req *req = smbc_tree_req(c->session, c->tid, SMB2_READ);
	struct smbc_io io = { .fid = fid_of(f), .length = len };

	smbc_put_read(req, &io);
	return smbc_ask_free(req);
}

static uint32_t set_info(struct player *c, const struct play_file *f, uint8_t class,
			 const void *data, size_t len)
{
	struct smbc_req *req = smbc_tree_req(c->session, c->tid, SMB2_SET_INFO);
	struct smbc_info i = {
		.fid = fid_of(f), .type = 1, .info_class = class, .in = { .p = data, .n = len }
	};

	smbc_put_set_info(req, &i);
	return smbc_ask_free(req);
}

uint32_t player_rename(struct player *c, const struct play_file *f, const char *to)
{
	uint8_t data[400] = { 1 };
	size_t n = strlen(to);

	data[16] = (uint8_t)(2 * n);
	for (size_t i = 0; i < n; i++)
		data[20 + 2 * i] = (uint8_t)(to[i] == '/' ? '\\' : to[i]);
	return set_info(c, f, CLASS_RENAME, data, 20 + 2 * n + (n < 2 ? 2 : 0));
}

uint32_t player_delete(struct player *c, const struct play_file *f)
{
	return set_info(c, f, CLASS_DELETE, "\1", 1);
}

uint32_t player_close(struct player *c, const struct play_file *f)
{
	struct smbc_req *req = smbc_tree_req(c->session, c->tid, SMB2_CLOSE);

	smbc_put_close(req, fid_of(f), 0);
	return smbc_ask_free(req);
}

uint32_t player_echo(struct player *c)
{
	struct smbc_req *req = smbc_req_new(c->conn, c->session, SMB2_ECHO);

	smbc_put_empty(req);
	return smbc_ask_free(req);
}

uint32_t player_logoff(struct player *c)
{
	struct smbc_req *req = smbc_req_new(c->conn, c->session, SMB2_LOGOFF);

	smbc_put_empty(req);
	return smbc_ask_free(req);
}

uint32_t player_put(struct player *c, const char *name, const char *text)
{
	struct play_file f;
	uint32_t status = player_create(c, name, PLAY_WRITE, PLAY_OPEN_IF, &f);

	if (status)
		return status;
	status = player_write(c, &f, text);
	player_close(c, &f);
	return status;
}

uint32_t player_get(struct player *c, const char *name)
{
	struct play_file f;
	uint32_t status = player_create(c, name, PLAY_READ, PLAY_OPEN, &f);

	if (status)
		return status;
	status = player_read(c, &f, 1);
	player_close(c, &f);
	return status;
}

void play_over(struct play **play, struct player **client)
{
	player_free(*client);
	*client = NULL;
	if (*play)
		play_stop(*play);
	*play = NULL;
}
