// SPDX-License-Identifier: Apache-2.0
/*
 * test_filesec.c: requests that the server makes itself (smb3/inner.h), by those that fetch and set security
 * descriptors: they do what a client's do, wait as they do, and leave nothing behind.
 */
#include "core.h"
#include "filesec.h"
#include "test_filesec_client.h"
#include "testserver.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <semaphore.h>
#include <time.h>

#define WAIT       10000
#define OWNER_DACL 5u

static struct test_server *server;

/* ---- on the session's worker ---- */

struct task {
	struct smb3_mail mail;
	void (*fn)(struct smb3_session *s);
	sem_t done;
	bool found;
};

static bool take_first(struct smb3_session *s, void *arg)
{
	*(struct smb3_session **)arg = s;
	return false;
}

static void task_run(struct smb3_worker *w, struct smb3_mail *mail)
{
	struct task *t = SMB3_CONTAINER(mail, struct task, mail);
	struct smb3_session *s = NULL;

	smb3_worker_each_session(w, take_first, &s);
	t->found = s;
	if (s)
		t->fn(s);
	sem_post(&t->done);
}

static bool sem_waits(sem_t *sem)
{
	struct timespec end;

	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += WAIT / 1000;
	return sem_timedwait(sem, &end) == 0;
}

static void on_worker(void (*fn)(struct smb3_session *s))
{
	struct smb3_server *core = test_server_core(server);
	bool found = false;

	for (unsigned int i = 0; i < smb3_server_workers(core) && !found; i++) {
		struct task t = { .mail.fn = task_run, .fn = fn };

		sem_init(&t.done, 0, 0);
		smb3_mail_post(smb3_server_worker(core, i), &t.mail);
		cr_assert(sem_waits(&t.done));
		found = t.found;
	}
	cr_assert(found, "no session");
}

/* What must be the same afterwards. */
struct counts {
	size_t trees, opens, in_bytes, async;
	uint32_t requests, granted;
	uint64_t low, high;
	bool idle, encrypts;
};
static struct counts counted;

static struct smb3_conn *conn_of(const struct smb3_session *s)
{
	return SMB3_CONTAINER(s->channels.next, struct smb3_channel, session_link)->conn;
}

static void count(struct smb3_session *s)
{
	const struct smb3_conn *c = conn_of(s);

	memset(&counted, 0, sizeof(counted));
	counted.trees = s->trees.count;
	counted.opens = s->opens.count;
	counted.encrypts = s->encrypts;
	counted.in_bytes = c->in_bytes;
	counted.async = c->async.count;
	counted.requests = c->n_requests;
	counted.granted = c->credits.granted;
	counted.low = c->credits.low;
	counted.high = c->credits.high;
	counted.idle = smb3_list_empty(&c->chains);
}

static struct filesec wanted;
static const uint8_t *raw;
static size_t raw_len;
static int started;
static const char *peer; /* whose connection is asked for */
static sem_t told;
static size_t n_told, told_len;
static ntstatus told_status;
static uint8_t told_sd[FILESEC_GET_MAX];
static size_t told_sd_len;

static void then(void *arg, const uint8_t *replies, size_t len)
{
	struct smb3_cursor sd = smb3_cursor_init(NULL, 0);

	cr_assert_eq(arg, &wanted);
	told_len = len;
	told_status = len ? filesec_result(replies, len, &sd) : STATUS_CANCELLED;
	told_sd_len = smb3_cursor_left(&sd);
	if (told_sd_len)
		memcpy(told_sd, sd.pos, told_sd_len);
	n_told++;
	sem_post(&told);
}

static void start(struct smb3_session *s)
{
	struct smb3_arena *a = smb3_arena_new();
	struct smb3_builder b = smb3_builder_arena(a, 4 * FILESEC_GET_MAX);

	if (raw)
		smb3_put_bytes(&b, raw, raw_len);
	else
		cr_assert(filesec_compound(&wanted, &b));
	started = smb3_inner_start(
		s,
		&(struct smb3_inner_call){
			.peer = peer, .pdus = b.data, .len = b.len, .then = then, .arg = &wanted });
	smb3_arena_free(a);
	cr_assert_eq(n_told, 0u, "never before it returns");
}

static void begin_inner(const struct filesec *f)
{
	wanted = *f;
	n_told = 0;
	on_worker(start);
	cr_assert_eq(started, 0);
}

static ntstatus ends_inner(void)
{
	cr_assert(sem_waits(&told), "no replies");
	cr_assert_eq(n_told, 1u);
	return told_status;
}

/* All of it, with nothing left behind. */
static ntstatus inner(const struct filesec *f)
{
	struct counts before;
	ntstatus status;

	on_worker(count);
	before = counted;
	begin_inner(f);
	status = ends_inner();
	on_worker(count);
	cr_expect_eq(memcmp(&before, &counted, sizeof(before)), 0,
		     "trees %zu opens %zu bytes %zu async %zu requests %u credits %u",
		     counted.trees, counted.opens, counted.in_bytes, counted.async,
		     counted.requests, counted.granted);
	return status;
}

/* ---- reading and setting ---- */

static void begin(void)
{
	char path[256];
	int fd;

	server = test_server_start(NULL);
	snprintf(path, sizeof(path), "%s/plan", test_server_dir(server));
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	cr_assert_geq(fd, 0);
	close(fd);
	client_begin(server);
	sem_init(&told, 0, 0);
	raw = NULL;
}

static void end(void)
{
	client_end();
	test_server_stop(server);
}

TestSuite(filesec, .init = begin, .fini = end);

static const struct filesec reading = { .share = "share", .path = "plan", .which = OWNER_DACL };

static struct filesec reading_of(const char *share, const char *path)
{
	struct filesec f = reading;

	f.share = share;
	f.path = path;
	return f;
}

static ntstatus read_of(const char *share, const char *path)
{
	struct filesec f = reading_of(share, path);

	return inner(&f);
}

Test(filesec, descriptor_is_read)
{
	cr_assert_eq(inner(&reading), STATUS_SUCCESS);
	cr_assert_gt(told_sd_len, 20u);
	cr_expect_eq(told_sd[0], 1);
	cr_expect_eq(read_of("SHARE", "\\PLAN"), STATUS_SUCCESS, "as names of SMB are");
	cr_expect_eq(read_of("share", ""), STATUS_SUCCESS, "the share's folder");
	cr_expect_eq(read_of("mem", ""), STATUS_SUCCESS);
}

Test(filesec, refusals_are_those_of_smb)
{
	cr_expect_eq(read_of("nothing", "plan"), STATUS_BAD_NETWORK_NAME);
	cr_expect_eq(read_of("", "plan"), STATUS_INVALID_PARAMETER);
	cr_expect_eq(read_of("share\\x", "plan"), STATUS_INVALID_PARAMETER);
	cr_expect_eq(read_of("share", "nothing"), STATUS_OBJECT_NAME_NOT_FOUND);
	cr_expect_eq(read_of("share", "nothing\\plan"), STATUS_OBJECT_PATH_NOT_FOUND);
	cr_expect(smb3_status_is_error(read_of("share", "..\\plan")));
	cr_expect(smb3_status_is_error(read_of("share", "\\\\plan")));
	cr_expect(smb3_status_is_error(read_of("share", "../plan")));
	cr_expect(smb3_status_is_error(read_of("share", "plan:nothing")));
}

Test(filesec, descriptor_is_set_but_not_in_a_share_to_be_read)
{
	static uint8_t copy[FILESEC_GET_MAX];
	struct filesec f = reading;

	f.which = 4;
	cr_assert_eq(inner(&f), STATUS_SUCCESS);
	memcpy(copy, told_sd, told_sd_len);
	f.sets = true;
	f.sd = copy;
	f.len = told_sd_len;
	cr_expect_eq(inner(&f), STATUS_SUCCESS);
	f.share = "ro";
	cr_expect(smb3_status_is_error(inner(&f)));
	f.share = "share";
	f.len = 7;
	cr_expect(smb3_status_is_error(inner(&f)));
	f.which = 0;
	cr_expect_not(filesec_compound(&f, &(struct smb3_builder){ .bad = true }));
}

/* ---- waiting ---- */

static void begin_waiting(void)
{
	struct filesec f = reading;
	static const uint8_t sd[20] = { 1, 0, 4, 0x80 };

	f.which = 4;
	f.sets = true;
	f.sd = sd;
	f.len = sizeof(sd);
	client_hold("plan");
	begin_inner(&f);
	client_hears_break();
	on_worker(count);
	cr_assert_eq(n_told, 0u);
	cr_assert_eq(counted.trees, 2u);
	cr_assert_gt(counted.requests, 0u);
}

Test(filesec, waits_for_a_client_that_has_the_file_and_no_cancel_finds_it)
{
	begin_waiting();
	client_cancels(6);
	client_echo();
	cr_assert_eq(n_told, 0u);
	client_lets_go();
	cr_expect_eq(ends_inner(), STATUS_SUCCESS);
	on_worker(count);
	cr_expect_eq(counted.trees, 1u);
	cr_expect_eq(counted.opens, 1u);
	cr_expect_eq(counted.async, 0u);
}

static struct smb3_session *kept;

static void close_conn(struct smb3_session *s)
{
	kept = smb3_session_ref(s);
	smb3_conn_close(conn_of(s), NULL);
}

/* As if the session had been bound to the client's other connection, too. */
static void add_channel(struct smb3_session *s)
{
	SMB3_LIST_EACH(&s->client->conns, node) {
		struct smb3_conn *c = SMB3_CONTAINER(node, struct smb3_conn, client_link);

		if (c != conn_of(s))
			smb3_channel_new(s, c)->bound = true;
	}
	cr_assert(s->channels.next != s->channels.prev);
}

static void close_first(struct smb3_session *s)
{
	smb3_conn_close(conn_of(s), NULL);
}

Test(filesec, leaves_nothing_in_a_session_that_has_another_connection)
{
	client_connects_again(server);
	on_worker(add_channel);
	begin_waiting();
	on_worker(close_first);
	cr_expect(smb3_status_is_error(ends_inner()));
	cr_expect_gt(told_len, SMB2_HEADER_SIZE, "what was done by then is told");
	on_worker(count);
	cr_expect_eq(counted.trees, 1u, "only the client's");
	cr_expect_eq(counted.opens, 1u);
}

static void find_conns(struct smb3_session *s)
{
	struct smb3_conn *first = conn_of(s), *second = NULL;
	char gone[sizeof(first->peer_name)];

	SMB3_LIST_EACH(&s->channels, node) {
		second = SMB3_CONTAINER(node, struct smb3_channel, session_link)->conn;
	}
	cr_assert_neq(first, second);
	strcpy(second->peer_name, "198.51.100.7");
	cr_expect_eq(smb3_session_conn(s, NULL), first);
	cr_expect_eq(smb3_session_conn(s, "198.51.100.7"), second);
	cr_expect_eq(smb3_session_conn(s, "198.51.100.8"), first, "any is better than none");
	strcpy(gone, first->peer_name);
	smb3_conn_close(first, NULL);
	cr_expect_eq(smb3_session_conn(s, gone), second);
}

Test(filesec, goes_by_the_connection_of_who_asks)
{
	client_connects_again(server);
	on_worker(add_channel);
	on_worker(find_conns);
}

static void end_session(struct smb3_session *s)
{
	smb3_session_close(s, NULL);
}

Test(filesec, ends_with_the_connection)
{
	const struct smb3_inner_call none = { .pdus = told_sd, .len = 64, .then = then };

	begin_waiting();
	on_worker(close_conn);
	cr_expect(smb3_status_is_error(ends_inner()));
	cr_expect_gt(told_len, SMB2_HEADER_SIZE);
	cr_expect(kept->state == SMB3_SESSION_CLOSED);
	cr_expect_eq(kept->trees.count, 0u);
	cr_expect_eq(kept->opens.count, 0u);
	cr_expect_eq(smb3_inner_start(kept, &none), -ENOTCONN);
}

Test(filesec, ends_with_the_session)
{
	begin_waiting();
	on_worker(end_session);
	cr_expect(smb3_status_is_error(ends_inner()));
}

/* ---- what is no such compound ---- */

Test(filesec, tree_ends_with_the_chain_that_made_it)
{
	struct smb3_arena *a = smb3_arena_new();
	struct smb3_builder b = smb3_builder_arena(a, 65536);
	struct smb3_cursor c;

	cr_assert(filesec_compound(&reading, &b));
	c = smb3_cursor_init(b.data, b.len);
	smb3_cursor_seek(&c, 20);
	raw_len = smb3_get_u32(&c);
	smb3_set_u32(&b, 20, 0); /* only TREE_CONNECT */
	raw = b.data;
	(void)inner(&reading);
	cr_expect_eq(told_len, SMB2_HEADER_SIZE + 16u, "one reply");
	smb3_arena_free(a);
}

Test(filesec, rubbish_is_refused_at_once)
{
	static const uint8_t rubbish[80] = { 1, 2, 3 };

	raw = rubbish;
	raw_len = sizeof(rubbish);
	on_worker(count);
	on_worker(start);
	cr_expect_eq(started, -EINVAL);
	raw_len = 3;
	on_worker(start);
	cr_expect_eq(started, -EINVAL);
	on_worker(count);
	cr_expect(counted.idle);
}

Test(filesec, replies_that_make_no_sense)
{
	struct smb3_arena *a = smb3_arena_new();
	struct smb3_builder b = smb3_builder_arena(a, 65536);
	struct smb3_cursor sd;

	cr_assert(filesec_compound(&reading, &b)); /* requests: with a success as the status */
	for (size_t len = 0; len < b.len; len++)
		(void)filesec_result(b.data, len, &sd);
	cr_expect_eq(filesec_result(b.data, 63, &sd), STATUS_INTERNAL_ERROR);
	smb3_set_u32(&b, 20, (uint32_t)b.len + 1);
	cr_expect_eq(filesec_result(b.data, b.len, &sd), STATUS_INTERNAL_ERROR);
	smb3_arena_free(a);
}
