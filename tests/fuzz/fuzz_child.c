// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_child.c: what smb3d says to smb3-rpcd: the code that reads the channel, its threads, and the
 * runtime below with all interfaces that are built. The target is the other end of the channel.
 *
 * Input: a byte of flags (1: the rest is the first message, SETUP, and nothing else), then messages:
 * what (1 byte), a pipe (1), a length (2) and bytes; see messages[]. What makes no sense must end the
 * process, by give_up(), before it changes anything. Otherwise each message is answered by one DONE,
 * and when all pipes are closed nothing is left of them.
 */
#include "../../rpcd/process.h"
#include "fuzz_rpc.h"

#include <errno.h>
#include <setjmp.h>
#include <time.h>

#define THREADS    3
#define PIPES      4
#define ASKED_MAX  16
#define BYTES_MAX  4096
#define NOBODY     (1ull << 40)
#define PATIENCE_S 10

static struct process process;

/* What smb3-rpcd has said; under the lock. */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct theirs {
		bool open, busy, closing;
	} pipes[PIPES];
	struct asked {
		uint64_t id;
		uint32_t question;
	} asked[ASKED_MAX];
	unsigned int n_asked, n_busy;
} heard = { .lock = PTHREAD_MUTEX_INITIALIZER, .more = PTHREAD_COND_INITIALIZER };

/* What it is told. */
static struct {
	struct smb3_cursor in;
	bool ending, serving, taking; /* taking: it has a message, and holds its lock */
	uint8_t *body;
	jmp_buf stop;
	const struct smb3_rpc_interface *interface;
} told;

/* ---- in the place of channel.c ---- */

void give_up(const char *fmt, ...)
{
	if (told.taking)
		pthread_mutex_unlock(&process.lock);
	told.taking = false;
	free(told.body);
	longjmp(told.stop, 1);
}

static void hear_done(const struct channel_head *head, const uint8_t *body)
{
	struct theirs *t = &heard.pipes[head->id % PIPES];

	CHECK(head->id < PIPES && t->busy && head->len == 1);
	t->busy = false;
	t->open = !t->closing;
	heard.n_busy--;
}

static void hear_ask(const struct channel_head *head, const uint8_t *body)
{
	struct smb3_cursor c = smb3_cursor_init(body, head->len);
	uint64_t pipe = smb3_get_u64(&c);
	uint32_t question = smb3_get_u32(&c);

	CHECK(head->type == CHANNEL_ASK && heard.n_asked < ASKED_MAX);
	CHECK(pipe < PIPES && question && smb3_cursor_ok(&c));
	heard.asked[heard.n_asked++] = (struct asked){ head->id, question };
}

void channel_write(struct process *p, const struct channel_head *head, const void *body)
{
	pthread_mutex_lock(&heard.lock);
	CHECK(p == &process && head->len <= CHANNEL_MAX);
	switch (head->type) {
	case CHANNEL_REPLY:
		CHECK(head->id < PIPES && heard.pipes[head->id].busy);
		CHECK(head->len >= PDU_HEADER && *(const uint8_t *)body == 5);
		break;
	case CHANNEL_DONE:
		hear_done(head, body);
		break;
	default:
		hear_ask(head, body);
	}
	pthread_cond_signal(&heard.more);
	pthread_mutex_unlock(&heard.lock);
}

/* Until every call is done or waits for an answer. */
static void settle(void)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += PATIENCE_S;
	pthread_mutex_lock(&heard.lock);
	while (heard.n_busy != heard.n_asked)
		CHECK(!pthread_cond_timedwait(&heard.more, &heard.lock, &until));
	pthread_mutex_unlock(&heard.lock);
}

/* ---- messages ---- */

struct message {
	struct channel_head head;
	struct smb3_builder body;
	struct smb3_cursor bytes; /* of the input */
	struct theirs *pipe;
	uint64_t id;
};

static void put_rest(struct message *m)
{
	size_t len = smb3_cursor_left(&m->bytes);

	smb3_put_bytes(&m->body, smb3_get_bytes(&m->bytes, len), len);
}

/* The first two bytes: flags of the caller, and which interface binds next. */
static bool tell_open(struct message *m)
{
	uint8_t flags = smb3_get_u8(&m->bytes), which = smb3_get_u8(&m->bytes);

	if (m->pipe->open)
		return false;
	told.interface = fuzz_interface(&process.host, which);
	m->head.type = CHANNEL_OPEN;
	smb3_put_text(&m->body, told.interface->pipes[0]);
	smb3_put_text(&m->body, "alice");
	smb3_put_text(&m->body, "");
	smb3_put_text(&m->body, "192.0.2.1");
	smb3_put_u64(&m->body, 1);
	smb3_put_u8(&m->body, flags);
	m->pipe->open = true;
	m->pipe->closing = false;
	return true;
}

static bool tell_job(struct message *m, uint16_t type)
{
	if (!m->pipe->open || m->pipe->busy)
		return false;
	m->head.type = type;
	m->pipe->busy = true;
	m->pipe->closing = type == CHANNEL_CLOSE;
	heard.n_busy++;
	return true;
}

static bool tell_data(struct message *m)
{
	put_rest(m);
	return m->body.len && tell_job(m, CHANNEL_DATA);
}

static bool tell_bind(struct message *m)
{
	if (!told.interface || !tell_job(m, CHANNEL_DATA))
		return false;
	fuzz_put_bind(&m->body, told.interface);
	return true;
}

static bool tell_request(struct message *m)
{
	uint8_t opnum = smb3_get_u8(&m->bytes);
	size_t len = smb3_cursor_left(&m->bytes);

	if (!told.interface)
		return false;
	fuzz_put_request(&m->body, told.interface,
			 &(struct fuzz_stub){ opnum, smb3_get_bytes(&m->bytes, len), len });
	return tell_job(m, CHANNEL_DATA);
}

/* One byte of the key, one of the error, the answer. */
static bool tell_late(struct message *m)
{
	smb3_put_u32(&m->body, smb3_get_u8(&m->bytes));
	smb3_put_u32(&m->body, smb3_get_u8(&m->bytes));
	put_rest(m);
	return tell_job(m, CHANNEL_LATE);
}

static bool tell_close(struct message *m)
{
	return tell_job(m, CHANNEL_CLOSE);
}

/* Log-ons succeed, and signatures are right, unless the first byte is 13 (EACCES). */
static bool tell_answer(struct message *m)
{
	bool is_good = !smb3_cursor_left(&m->bytes) || *m->bytes.pos != EACCES;
	uint8_t room[64];
	struct smb3_builder logon = smb3_builder_init(room, sizeof(room));
	struct asked asked;

	if (!heard.n_asked)
		return false;
	asked = heard.asked[--heard.n_asked];
	m->head.type = CHANNEL_ANSWER;
	m->head.id = asked.id;
	if (is_good && fuzz_answer_logon(asked.question, &logon)) {
		smb3_put_u32(&m->body, 0);
		smb3_put_bytes(&m->body, room, logon.len);
	} else {
		put_rest(m);
	}
	return true;
}

/* The first byte is the type; and the pipe one that may not be there. */
static bool tell_any(struct message *m)
{
	m->head.type = smb3_get_u8(&m->bytes) % 12;
	m->head.id = m->id + (m->pipe->open ? 0 : NOBODY);
	put_rest(m);
	/* What makes sense is told by the others. */
	if (m->head.type == CHANNEL_LATE)
		return !m->pipe->open;
	return m->head.type > CHANNEL_ANSWER || !m->head.type || m->head.type == CHANNEL_SETUP ||
	       (m->pipe->open ? m->head.type == CHANNEL_OPEN : m->head.type != CHANNEL_OPEN);
}

static bool (*const messages[])(struct message *m) = { tell_open,    tell_data,  tell_bind,
						       tell_request, tell_close, tell_answer,
						       tell_any,     tell_late };

static bool next_of_input(struct message *m)
{
	size_t what = smb3_get_u8(&told.in) % SMB3_ARRAY_SIZE(messages), len;

	m->id = m->head.id = smb3_get_u8(&told.in) % PIPES;
	m->pipe = &heard.pipes[m->id];
	len = smb3_get_u16(&told.in);
	if (len > smb3_cursor_left(&told.in))
		len = smb3_cursor_left(&told.in);
	if (len > BYTES_MAX)
		len = BYTES_MAX;
	m->bytes = smb3_cursor_init(smb3_get_bytes(&told.in, len), len);
	return messages[what](m);
}

/* What brings everything to an end: answers, then CLOSE of every pipe. */
static bool next_of_end(struct message *m)
{
	static const uint8_t refused[4] = { EACCES };

	m->bytes = smb3_cursor_init(refused, sizeof(refused));
	if (tell_answer(m))
		return true;
	for (uint64_t i = 0; i < PIPES; i++) {
		m->head.id = i;
		m->pipe = &heard.pipes[i];
		if (tell_close(m))
			return true;
	}
	return false;
}

static bool next_message(struct message *m, uint8_t *room, size_t size)
{
	bool found = false;

	pthread_mutex_lock(&heard.lock);
	while (!found && !told.ending && smb3_cursor_left(&told.in) >= 4) {
		*m = (struct message){ .body = smb3_builder_init(room, size) };
		found = next_of_input(m);
	}
	told.ending |= !found;
	if (!found) {
		*m = (struct message){ .body = smb3_builder_init(room, size) };
		found = next_of_end(m);
	}
	pthread_mutex_unlock(&heard.lock);
	return found;
}

uint8_t *channel_next(struct channel_head *ret_head)
{
	uint8_t room[FUZZ_PDU_MAX + BYTES_MAX];
	struct message m = { .body = smb3_builder_init(room, sizeof(room)) };

	told.taking = false;
	if (told.serving) {
		settle();
		if (!next_message(&m, room, sizeof(room)))
			longjmp(told.stop, 2);
	} else {
		m.head.type = CHANNEL_SETUP;
		smb3_put_bytes(&m.body, told.in.pos, smb3_cursor_left(&told.in) % BYTES_MAX);
	}
	CHECK(smb3_builder_ok(&m.body));
	m.head.len = (uint32_t)m.body.len;
	*ret_head = m.head;
	told.body = smb3_alloc(m.body.len + 1);
	memcpy(told.body, room, m.body.len);
	told.taking = told.serving;
	return told.body;
}

/* ---- one input ---- */

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	rpcd_host_init(&process.host, &process_ops);
	process.host.limits = (struct rpcd_limits){ 1 << 20, 1 << 20, 16 };
	process.host.facts = (struct smb3_rpc_facts){ "FILES", "WORKGROUP", "", "1", .started = 1 };
	fuzz_interfaces_load(&process.host);
	pthread_mutex_init(&process.lock, NULL);
	pthread_mutex_init(&process.write_lock, NULL);
	pthread_cond_init(&process.more, NULL);
	smb3_hash_init(&process.pipes);
	smb3_list_init(&process.jobs);
	smb3_list_init(&process.questions);
	process.setup.threads = THREADS;
	return process_threads_start(&process);
}

static void try_setup(void)
{
	struct process other = { .setup.threads = 0 };
	struct process *volatile p = &other;

	if (!setjmp(told.stop))
		setup_read(p);
	smb3_arena_free(other.arena);
}

static void try_messages(void)
{
	told.serving = true;
	/* 1: it would have ended: now the pipes that it has are closed. */
	if (setjmp(told.stop) != 2) {
		told.ending |= told.body != NULL;
		process_serve(&process);
	}
	told.serving = false;
	CHECK(!process.pipes.count && smb3_list_empty(&process.jobs));
	CHECK(smb3_list_empty(&process.questions) && !heard.n_busy);
	CHECK(smb3_list_empty(&process.host.groups));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t flags;

	told.in = smb3_cursor_init(data, len);
	told.ending = false;
	told.body = NULL;
	told.interface = NULL;
	flags = smb3_get_u8(&told.in);
	if (flags & 1)
		try_setup();
	else
		try_messages();
	return 0;
}
