// SPDX-License-Identifier: Apache-2.0
/*
 * request.c: LOCK. [MS-SMB2] 2.2.26, 2.2.27, 3.3.5.14
 */
#include "lock.h"

#define LOCKS_AT     24 /* of the body: where the elements begin */
#define ELEMENT_SIZE 24
#define LOCK_REPLY   4
#define RETRY_MS     1000 /* the kernel does not tell when a local program's lock ends */

/* 2.2.26.1 */
#define SHARED    0x01u
#define EXCLUSIVE 0x02u
#define UNLOCK    0x04u
#define AT_ONCE   0x10u

struct locking {
	uint16_t count;
	uint8_t number;
	uint32_t index; /* of the open's lock sequences; 0: none */
	struct smb3_cursor elements;
	struct lock_waiter waiter;
};

struct element {
	struct lock_ask ask;
	uint32_t flags;
};

/* ---- decoding ---- */

static struct element next_element(struct smb3_req *req, struct smb3_cursor *c)
{
	struct element e = { .ask = { .open = req->open } };

	e.ask.offset = smb3_get_u64(c);
	e.ask.length = smb3_get_u64(c);
	e.flags = smb3_get_u32(c);
	smb3_get_skip(c, 4); /* Reserved */
	e.ask.exclusive = e.flags & EXCLUSIVE;
	return e;
}

static ntstatus decode(struct smb3_req *req, struct locking *l)
{
	struct smb3_cursor in = req->body;
	uint32_t sequence;

	smb3_get_skip(&in, 2); /* StructureSize */
	l->count = smb3_get_u16(&in);
	sequence = smb3_get_u32(&in);
	smb3_get_skip(&in, LOCKS_AT - 8); /* FileId */
	l->number = sequence & 0xF;
	l->index = sequence >> 4;
	if (l->index > LOCK_SEQUENCES)
		l->index = 0;
	l->elements = in;
	if (!l->count || smb3_cursor_left(&in) < (size_t)l->count * ELEMENT_SIZE)
		return STATUS_INVALID_PARAMETER;
	return STATUS_SUCCESS;
}

static ntstatus check(struct smb3_req *req, const struct locking *l)
{
	const struct smb3_open *o = req->open;
	struct smb3_cursor c = l->elements;
	bool unlock = next_element(req, &c).flags & UNLOCK;

	if (req->session->state == SMB3_SESSION_EXPIRED && !unlock)
		return STATUS_NETWORK_SESSION_EXPIRED;
	if (o->pipe)
		return STATUS_INVALID_DEVICE_REQUEST;
	if (o->directory)
		return STATUS_INVALID_PARAMETER;
	if (!(o->access & (FILE_READ_DATA | FILE_WRITE_DATA)))
		return smb3_req_deny(req, STATUS_ACCESS_DENIED,
				     "locks want an open for reading or writing");
	return smb3_req_charge(req, (uint64_t)l->count * ELEMENT_SIZE);
}

static ntstatus check_range(const struct lock_ask *ask)
{
	if (ask->length && ask->offset + ask->length - 1 < ask->offset)
		return STATUS_INVALID_LOCK_RANGE;
	return STATUS_SUCCESS;
}

/* ---- lock sequences: a request that is sent again is not carried out again ---- */

static bool sequence_counts(const struct smb3_req *req, const struct locking *l)
{
	const struct lock_conf *conf = smb3_module_of(req->server, &lock_command)->conf;

	if (!l->index || req->conn->revision == SMB2_DIALECT_0202)
		return false;
	switch (conf->replay) {
	case LOCK_REPLAY_SPEC:
		return req->open->lasting ||
		       req->conn->server_capabilities & SMB2_GLOBAL_CAP_MULTI_CHANNEL;
	case LOCK_REPLAY_ALL:
		return req->open->lasting || req->conn->revision >= SMB2_DIALECT_0300;
	default:
		return false;
	}
}

/* True: it has been carried out already. */
static bool sequence_seen(const struct smb3_req *req, const struct locking *l)
{
	struct lock_open *lo = smb3_slot(&lock_open_slot, req->open);

	if (!sequence_counts(req, l))
		return false;
	if (lo->sequence[l->index] == l->number + 1)
		return true;
	lo->sequence[l->index] = 0;
	return false;
}

static void sequence_done(const struct smb3_req *req, const struct locking *l)
{
	struct lock_open *lo = smb3_slot(&lock_open_slot, req->open);

	if (sequence_counts(req, l))
		lo->sequence[l->index] = l->number + 1;
}

/* ---- unlocking ---- */

static ntstatus unlock_one(struct smb3_file *f, const struct element *e)
{
	struct range *r;
	ntstatus status = check_range(&e->ask);

	if (e->flags != UNLOCK)
		return STATUS_INVALID_PARAMETER;
	if (status)
		return status;
	r = lock_find(f, &e->ask);
	if (!r)
		return STATUS_RANGE_NOT_LOCKED;
	lock_release(f, r);
	return STATUS_SUCCESS;
}

/* What has been unlocked before an element that fails stays so. 3.3.5.14.1 */
static ntstatus unlock_all(struct smb3_req *req, const struct locking *l)
{
	struct smb3_file *f = req->open->file;
	struct smb3_cursor c = l->elements;
	ntstatus status = STATUS_SUCCESS;

	smb3_file_lock(f);
	for (uint16_t i = 0; i < l->count && !status; i++) {
		struct element e = next_element(req, &c);

		status = unlock_one(f, &e);
	}
	lock_wake(f);
	smb3_file_unlock(f);
	return status;
}

/* ---- locking ---- */

static ntstatus check_flags(struct smb3_req *req, const struct locking *l)
{
	struct smb3_cursor c = l->elements;

	for (uint16_t i = 0; l->count > 1 && i < l->count; i++)
		if (!(next_element(req, &c).flags & AT_ONCE))
			return STATUS_INVALID_PARAMETER;
	return STATUS_SUCCESS;
}

static bool at_limit(const struct smb3_req *req, struct smb3_file *f)
{
	const struct lock_conf *conf = smb3_module_of(req->server, &lock_command)->conf;
	const struct lock_file *lf = smb3_slot(&lock_file_slot, f);
	const struct lock_open *lo = smb3_slot(&lock_open_slot, req->open);

	return lo->count >= conf->per_open || lf->count >= conf->per_file;
}

/* STATUS_PENDING: it has to wait; the range is in the waiter. */
static ntstatus lock_one(struct smb3_req *req, struct locking *l, const struct element *e)
{
	struct smb3_file *f = req->open->file;
	struct lock_file *lf = smb3_slot(&lock_file_slot, f);
	uint32_t kind = e->flags & ~AT_ONCE;
	ntstatus status = check_range(&e->ask);
	bool conflict;

	if (kind != SHARED && kind != EXCLUSIVE)
		return STATUS_INVALID_PARAMETER;
	if (status)
		return status;
	conflict = lock_in_the_way(f, &e->ask);
	if (conflict && e->flags & AT_ONCE)
		return STATUS_LOCK_NOT_GRANTED;
	if (at_limit(req, f))
		return smb3_req_deny(req, STATUS_INSUFFICIENT_RESOURCES,
				     "lock.per_open or lock.per_file is reached");
	l->waiter.range = lock_range_new(f, &e->ask);
	if (!conflict && lock_grant(f, l->waiter.range))
		return STATUS_SUCCESS;
	if (e->flags & AT_ONCE) {
		lock_range_free(f, l->waiter.range);
		return STATUS_LOCK_NOT_GRANTED;
	}
	l->waiter.file = smb3_file_ref(f);
	smb3_list_add(&lf->waiters, &l->waiter.link);
	return STATUS_PENDING;
}

/* Takes the newest n locks of the open back. */
static void roll_back(struct smb3_req *req, uint16_t n)
{
	struct lock_open *lo = smb3_slot(&lock_open_slot, req->open);

	while (n--)
		lock_release(req->open->file,
			     SMB3_CONTAINER(lo->ranges.prev, struct range, owner_link));
}

/* All or none, but for an element that is no lock: what came before that one stays. 3.3.5.14.2 */
static ntstatus lock_all(struct smb3_req *req, struct locking *l)
{
	struct smb3_cursor c = l->elements;
	ntstatus status = STATUS_SUCCESS;
	uint16_t n = 0;

	smb3_file_lock(req->open->file);
	while (n < l->count && !status) {
		struct element e = next_element(req, &c);

		status = lock_one(req, l, &e);
		if (!status)
			n++;
	}
	if (status && status != STATUS_INVALID_PARAMETER)
		roll_back(req, n);
	smb3_file_unlock(req->open->file);
	return status;
}

/* ---- waiting ---- */

static ntstatus reply(struct smb3_req *req)
{
	struct smb3_builder *out = smb3_req_out(req);

	smb3_put_u16(out, LOCK_REPLY);
	smb3_put_u16(out, 0); /* Reserved */
	return STATUS_SUCCESS;
}

/* Who caches the contents (level II) has to hear of a lock. [MS-FSA] 2.1.5.8 */
static ntstatus reply_locked(struct smb3_req *req)
{
	smb3_io_ask(req, req->open, &(struct smb3_io){ .locked = true });
	return reply(req);
}

/* Whoever closes the open has taken the lock back already. */
void lock_granted(struct smb3_worker *w, struct smb3_mail *mail)
{
	struct smb3_req *req = SMB3_CONTAINER(mail, struct smb3_req, mail);
	struct locking *l = req->state;

	smb3_timer_stop(&l->waiter.timer);
	smb3_file_unref(l->waiter.file);
	if (req->open->closing) {
		smb3_req_finish(req, STATUS_RANGE_NOT_LOCKED);
		return;
	}
	sequence_done(req, l);
	smb3_req_finish(req, reply_locked(req));
}

static void cancel(struct smb3_req *req)
{
	struct locking *l = req->state;
	struct smb3_file *f = l->waiter.file;
	bool waits;

	smb3_file_lock(f);
	waits = !smb3_list_empty(&l->waiter.link);
	if (waits) {
		smb3_list_remove(&l->waiter.link);
		lock_range_free(f, l->waiter.range);
	}
	smb3_file_unlock(f);
	smb3_timer_stop(&l->waiter.timer);
	if (!waits)
		return; /* granted meanwhile: its mail is under way */
	smb3_file_unref(f);
	/* The end of an open, a tree or a session has a status of its own here. */
	if (req->status != STATUS_CANCELLED && req->status != STATUS_INSUFFICIENT_RESOURCES)
		req->status = STATUS_RANGE_NOT_LOCKED;
	smb3_req_finish(req, req->status);
}

static void retry(struct smb3_timer *t)
{
	struct lock_waiter *w = SMB3_CONTAINER(t, struct lock_waiter, timer);
	bool waits;

	smb3_file_lock(w->file);
	waits = !smb3_list_empty(&w->link);
	if (waits)
		lock_try(w->file, w);
	waits = waits && !smb3_list_empty(&w->link);
	smb3_file_unlock(w->file);
	if (waits)
		smb3_timer_start(t, w->req->worker, retry, RETRY_MS);
}

static ntstatus wait_for_it(struct smb3_req *req, struct locking *l)
{
	const struct lock_open *lo = smb3_slot(&lock_open_slot, req->open);

	if (lo->fd >= 0)
		smb3_timer_start(&l->waiter.timer, req->worker, retry, RETRY_MS);
	return smb3_req_pend(req, cancel, true);
}

static ntstatus run(struct smb3_req *req)
{
	struct locking *l = smb3_arena_alloc(req->arena, sizeof(*l));
	struct smb3_cursor c;
	ntstatus status;
	bool unlocks;

	req->state = l;
	l->waiter.req = req;
	smb3_list_init(&l->waiter.link);
	status = decode(req, l);
	if (!status)
		status = check(req, l);
	if (status)
		return status;
	if (sequence_seen(req, l))
		return reply(req);
	c = l->elements;
	unlocks = next_element(req, &c).flags & UNLOCK;
	if (unlocks) {
		status = unlock_all(req, l);
	} else {
		posix_begin(smb3_module_of(req->server, &lock_command), req->open);
		status = check_flags(req, l);
		if (!status)
			status = lock_all(req, l);
	}
	if (status == STATUS_PENDING)
		return wait_for_it(req, l);
	if (status)
		return status;
	sequence_done(req, l);
	return unlocks ? reply(req) : reply_locked(req);
}

/* On an expired session only what was taken may be given back: run() looks. 3.3.5.2.9 */
const struct smb3_command lock_command = {
	.name = "LOCK",
	.body_size = 48,
	.fileid_offset = 8,
	.flags = SMB3_NEED_SESSION | SMB3_NEED_TREE | SMB3_NEED_OPEN | SMB3_EXPIRED_OK,
	.run = run,
};
