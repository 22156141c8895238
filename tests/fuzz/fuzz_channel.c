// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_channel.c: what a hostile smb3-rpcd says to smb3d. The whole server, module rpc and a client
 * with two open pipes; smb3-rpcd is played by the target, which gets the other end of the socket pair.
 *
 * Input: a byte of flags, then steps: what (1 byte), a pipe (1), a length (2) and bytes; see steps[].
 * Whatever is said: every question about a call in work is answered once, or the process is ended; what
 * the server says can be read; and when the client is gone, so is all that was kept for its pipes.
 */
#include "../../modules/rpc/rpc.h"
#include "core.h"
#include "fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <smb3/rpc.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define PID        0x3fffff00 /* of a process that cannot be */
#define PIPES      2
#define BYTES_MAX  4096
#define PATIENCE   10000000000ull
#define FLAG_ADMIN 1
#define FLAG_GUEST 2
#define FLAG_DUMB  4 /* smb3-rpcd does not say that it is ready */

static struct smb3_server *server;
static struct rpc *rpc;
static int channel_end, our_end = -1;
static _Atomic bool killed;

static uint8_t channel_bytes[4 * (CHANNEL_HEAD + CHANNEL_MAX)];

/* What smb3d has said so far. */
static struct {
	size_t len; /* of channel_bytes: no whole message */
	struct told {
		uint64_t id;
		bool busy;
	} pipes[PIPES];
	size_t n_pipes;
	bool set_up;
	uint64_t asked, answered;
	bool loose; /* where messages begin is not known any more */
} heard;

/* ---- in the place of the system's ---- */

int posix_spawn_file_actions_adddup2(posix_spawn_file_actions_t *actions, int fd, int new_fd)
{
	channel_end = fd;
	return 0;
}

int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
		const posix_spawnattr_t *attr, char *const argv[], char *const env[])
{
	our_end = fcntl(channel_end, F_DUPFD_CLOEXEC, 0);
	fcntl(our_end, F_SETFL, O_NONBLOCK);
	*pid = PID;
	return 0;
}

int kill(pid_t pid, int number)
{
	if (pid != PID)
		return (int)syscall(SYS_kill, pid, number);
	killed = true;
	return 0;
}

pid_t waitpid(pid_t pid, int *status, int options)
{
	if (pid != PID)
		return (pid_t)syscall(SYS_wait4, pid, status, options, NULL);
	CHECK(killed);
	*status = SIGKILL;
	return pid;
}

/* Of OpenSSL, for module sam: keys made of passwords cost as many rounds as a client likes. */
int EVP_KDF_derive(void *kdf, unsigned char *key, size_t len, const void *params);
int EVP_KDF_derive(void *kdf, unsigned char *key, size_t len, const void *params)
{
	memset(key, 0x5a, len);
	return 1;
}

/* ---- what smb3d says ---- */

static struct told *told_find(uint64_t id)
{
	for (size_t i = 0; i < heard.n_pipes; i++)
		if (heard.pipes[i].id == id)
			return &heard.pipes[i];
	return NULL;
}

static void hear_open(const struct channel_head *head, struct smb3_cursor *c)
{
	struct smb3_arena *arena = smb3_arena_new();

	for (int i = 0; i < 4; i++)
		CHECK(smb3_get_text(c, arena));
	smb3_arena_free(arena);
	smb3_get_u64(c);
	smb3_get_u8(c);
	CHECK(smb3_cursor_ok(c) && !smb3_cursor_left(c));
	CHECK(heard.n_pipes < PIPES && !told_find(head->id));
	heard.pipes[heard.n_pipes++].id = head->id;
}

/* One message of a pipe at a time. */
static void hear_job(const struct channel_head *head)
{
	struct told *t = told_find(head->id);

	CHECK(t && !t->busy);
	CHECK(head->type == CHANNEL_CLOSE ? !head->len : head->len);
	CHECK(head->type != CHANNEL_LATE || head->len >= 8);
	t->busy = true;
}

static void hear(const struct channel_head *head, const uint8_t *body)
{
	struct smb3_cursor c = smb3_cursor_init(body, head->len);

	switch (head->type) {
	case CHANNEL_SETUP:
		CHECK(!heard.set_up && smb3_get_u32(&c) == CHANNEL_VERSION);
		heard.set_up = true;
		break;
	case CHANNEL_OPEN:
		hear_open(head, &c);
		break;
	case CHANNEL_DATA:
	case CHANNEL_LATE:
	case CHANNEL_CLOSE:
		hear_job(head);
		break;
	default:
		CHECK(head->type == CHANNEL_ANSWER && head->len >= 4);
		heard.answered++;
	}
}

static void listen_now(void)
{
	struct channel_head head;
	size_t at = 0;
	ssize_t n;

	if (our_end < 0)
		return;
	while ((n = recv(our_end, channel_bytes + heard.len, sizeof(channel_bytes) - heard.len,
			 0)) > 0)
		heard.len += (size_t)n;
	while (heard.len - at >= CHANNEL_HEAD) {
		CHECK(channel_get_head(channel_bytes + at, &head));
		if (heard.len - at - CHANNEL_HEAD < head.len)
			break;
		hear(&head, channel_bytes + at + CHANNEL_HEAD);
		at += CHANNEL_HEAD + head.len;
	}
	heard.len -= at;
	memmove(channel_bytes, channel_bytes + at, heard.len);
}

/* ---- the loop ---- */

/* What one turn brings may be mail for the next. */
static void turns(void)
{
	for (int i = 0; i < 4; i++) {
		ev_run(server->workers[0]->loop, EVRUN_NOWAIT);
		listen_now();
	}
}

#define WAIT_FOR(what)                                                \
	do {                                                          \
		uint64_t since = smb3_clock();                        \
                                                                      \
		turns();                                              \
		while (!(what)) {                                     \
			CHECK(smb3_clock() - since < PATIENCE);       \
			ev_run(server->workers[0]->loop, EVRUN_ONCE); \
			turns();                                      \
		}                                                     \
	} while (0)

/* ---- what smb3-rpcd says ---- */

static void say_bytes(const uint8_t *data, size_t len)
{
	while (len && !killed && our_end >= 0) {
		ssize_t n = send(our_end, data, len, MSG_NOSIGNAL);

		if (n < 0 && errno != EAGAIN)
			return;
		if (n > 0) {
			data += n;
			len -= (size_t)n;
		}
		turns();
	}
}

static void say(uint16_t type, uint64_t id, const void *before, size_t before_len,
		struct smb3_cursor *c)
{
	uint8_t bytes[CHANNEL_HEAD + 16 + BYTES_MAX];
	struct smb3_builder b = smb3_builder_init(bytes, sizeof(bytes));
	size_t len = smb3_cursor_left(c);

	channel_put_head(&b, &(struct channel_head){ (uint32_t)(before_len + len), type, id });
	smb3_put_bytes(&b, before, before_len);
	smb3_put_bytes(&b, smb3_get_bytes(c, len), len);
	CHECK(smb3_builder_ok(&b));
	say_bytes(bytes, b.len);
}

struct step {
	struct fuzz_peer *client;
	struct told *pipe;
	size_t number;
	struct smb3_cursor bytes;
};

static void step_raw(struct step *s)
{
	size_t len = smb3_cursor_left(&s->bytes);

	heard.loose = true;
	say_bytes(smb3_get_bytes(&s->bytes, len), len);
}

/* The first byte is the question. */
static void step_ask(struct step *s)
{
	uint8_t before[12];

	smb3_store_u64(before, s->pipe->id);
	smb3_store_u32(before + 8, smb3_get_u8(&s->bytes));
	s->bytes.bad = false;
	if (s->pipe->busy && !killed)
		heard.asked++;
	say(CHANNEL_ASK, heard.asked, before, sizeof(before), &s->bytes);
	WAIT_FOR(killed || heard.loose || heard.answered == heard.asked);
}

static void step_reply(struct step *s)
{
	say(CHANNEL_REPLY, s->pipe->id, NULL, 0, &s->bytes);
}

static void step_done(struct step *s)
{
	s->pipe->busy = false;
	say(CHANNEL_DONE, s->pipe->id, NULL, 0, &s->bytes);
}

static void step_log(struct step *s)
{
	say(CHANNEL_LOG, 0, NULL, 0, &s->bytes);
}

/* The first two bytes are the type. */
static void step_any(struct step *s)
{
	uint16_t type = smb3_get_u16(&s->bytes);

	s->bytes.bad = false;
	if (type == CHANNEL_DONE)
		s->pipe->busy = false;
	if (type != CHANNEL_ASK)
		say(type, s->pipe->id, NULL, 0, &s->bytes);
}

/* ---- what the client does meanwhile ---- */

static void put_open(struct smb3_builder *b, const struct step *s)
{
	const struct fuzz_id *id = &s->client->opens[s->number % PIPES];

	smb3_put_u64(b, id->persistent_id);
	smb3_put_u64(b, id->volatile_id);
}

static void step_write(struct step *s)
{
	uint8_t body[48 + BYTES_MAX];
	struct smb3_builder b = smb3_builder_init(body, sizeof(body));
	size_t len = smb3_cursor_left(&s->bytes);

	smb3_put_u16(&b, 49);
	smb3_put_u16(&b, SMB2_HEADER_SIZE + 48);
	smb3_put_u32(&b, (uint32_t)len);
	smb3_put_u64(&b, 0);
	put_open(&b, s);
	smb3_put_zero(&b, 16);
	smb3_put_bytes(&b, smb3_get_bytes(&s->bytes, len), len);
	fuzz_request(s->client, SMB2_WRITE, s->client->ipc, body, b.len);
}

static void step_read(struct step *s)
{
	uint8_t body[49];
	struct smb3_builder b = smb3_builder_init(body, sizeof(body));

	smb3_put_u16(&b, 49);
	smb3_put_u16(&b, 0x50);
	smb3_put_u32(&b, 1024);
	smb3_put_u64(&b, 0);
	put_open(&b, s);
	smb3_put_zero(&b, 17);
	fuzz_request(s->client, SMB2_READ, s->client->ipc, body, b.len);
}

static void step_close(struct step *s)
{
	uint8_t body[24];
	struct smb3_builder b = smb3_builder_init(body, sizeof(body));

	smb3_put_u16(&b, 24);
	smb3_put_u16(&b, 0);
	smb3_put_u32(&b, 0);
	put_open(&b, s);
	fuzz_request(s->client, SMB2_CLOSE, s->client->ipc, body, b.len);
}

static void (*const steps[])(struct step *s) = {
	step_raw, step_ask,   step_reply, step_done,  step_log,
	step_any, step_write, step_read,  step_close,
};

/* ---- one input ---- */

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const char *const modules[] = { "rpc",         "sam",        "rpc_srvsvc",
					       "rpc_lsarpc",  "rpc_samr",   "rpc_svcctl",
					       "rpc_winreg",  "rpc_fsrvp",  "rpc_epmapper",
					       "rpc_witness", "rpc_mdssvc", "mds_names",
					       "lsa",         NULL };

	fuzz_server_more(modules,
			 "rpc_mdssvc = { spotlight = true; };\nlsa = { secrets = true; };\n");
	server = fuzz_server_start(NULL);
	rpc = smb3_module_of(server, smb3_row_name(server, SMB3_KIND_PIPE, "*"))->data;
	return 0;
}

static void user_begin(struct fuzz_peer *p, uint8_t flags)
{
	struct smb3_session *s;

	fuzz_connect(p);
	fuzz_negotiate(p, SMB2_DIALECT_0300);
	fuzz_log_on(p);
	fuzz_tree_connect(p);
	s = smb3_worker_session(server->workers[0], p->session_id);
	s->guest = flags & FLAG_GUEST;
	s->identity->guest = flags & FLAG_GUEST;
	s->identity->admin = flags & FLAG_ADMIN;
	s->key_len = 16;
	p->tree = p->ipc;
}

/* Two pipes with a message each, which smb3-rpcd has got. */
static void pipes_begin(struct fuzz_peer *p, bool ready)
{
	static const char *const names[PIPES] = { "srvsvc", "samr" };

	for (size_t i = 0; i < PIPES; i++) {
		struct step s = { .client = p, .number = i, .bytes = smb3_cursor_init("hello", 5) };

		fuzz_create(p, names[i], FILE_OPEN, 0, NULL, 0);
		CHECK(p->status == STATUS_SUCCESS);
		step_write(&s);
	}
	WAIT_FOR(heard.set_up);
	if (!ready)
		return;
	say(CHANNEL_READY, 0, NULL, 0, &(struct smb3_cursor){ .base = NULL });
	WAIT_FOR(heard.n_pipes == PIPES && heard.pipes[0].busy && heard.pipes[1].busy);
}

static void play(struct fuzz_peer *p, struct smb3_cursor *in)
{
	struct told unknown = { .id = 0x123456789 };

	while (smb3_cursor_left(in) >= 4 && !killed) {
		struct step s = { .client = p };
		size_t what = smb3_get_u8(in) % SMB3_ARRAY_SIZE(steps), len;

		s.number = smb3_get_u8(in);
		s.pipe = s.number % (PIPES + 1) < heard.n_pipes ?
				 &heard.pipes[s.number % (PIPES + 1)] :
				 &unknown;
		len = smb3_get_u16(in);
		if (len > smb3_cursor_left(in))
			len = smb3_cursor_left(in);
		if (len > BYTES_MAX)
			len = BYTES_MAX;
		s.bytes = smb3_cursor_init(smb3_get_bytes(in, len), len);
		steps[what](&s);
		turns();
	}
}

static void all_gone(void)
{
	/* Their opens leave by the pool. */
	WAIT_FOR(rpc->child.state == CHILD_NONE && !rpc->n_pipes);
	CHECK(!rpc->n_busy && !rpc->pipes.count && !rpc->changing);
	CHECK(smb3_list_empty(&rpc->ready) && smb3_list_empty(&rpc->changes));
	CHECK(rpc->child.fd < 0 && !rpc->child.sending_bytes && !rpc->child.buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct smb3_cursor in = smb3_cursor_init(data, len);
	struct fuzz_peer client;
	uint8_t flags = smb3_get_u8(&in);

	memset(&heard, 0, sizeof(heard));
	killed = false;
	rpc->child.fails = 0; /* the next one starts at once */
	fuzz_reset();
	user_begin(&client, flags);
	pipes_begin(&client, !(flags & FLAG_DUMB));
	play(&client, &in);
	/* Searches stay as long as their pipe, which would wait for its deadline. */
	close(our_end);
	our_end = -1;
	fuzz_end(&client);
	all_gone();
	fuzz_accounts_forget();
	return 0;
}
