// SPDX-License-Identifier: Apache-2.0
/*
 * break.c: the notification, the wait, the acknowledgement. [MS-SMB2] 2.2.23.1, 2.2.24.1, 2.2.25.1,
 * 3.3.4.6, 3.3.5.22.1
 *
 * A break begins on whatever thread found the conflict; its notification goes out on the worker
 * of the open.
 */
#include "lease.h"

#include <stdlib.h>

#define BODY_SIZE 24

struct break_mail {
	struct smb3_mail mail;
	struct smb3_mod *mod;
	struct smb3_open *open; /* a reference */
	uint8_t to;
	bool wait; /* for an acknowledgement */
};

static struct lease_worker *worker_of(const struct smb3_mod *mod, const struct smb3_worker *w)
{
	return &((struct lease_worker *)mod->data)[smb3_worker_index(w)];
}

/* Under the mutex: the promise is `level` now, and whoever waits may look again. */
static void break_over(struct smb3_open *o, uint8_t level)
{
	break_forget(o);
	oplock_set(o, level);
	smb3_file_wake(o->file);
}

void break_forget(struct smb3_open *o)
{
	struct oplock *p = oplock_of(o);

	p->breaking = false;
	smb3_list_remove(&p->link);
}

/* ---- the notification ---- */

static struct smb3_conn *conn_of(const struct smb3_session *s)
{
	SMB3_LIST_EACH(&s->channels, node) {
		struct smb3_channel *ch = SMB3_CONTAINER(node, struct smb3_channel, session_link);

		if (ch->bound && ch->conn && !ch->conn->closing)
			return ch->conn;
	}
	return NULL;
}

static bool notify(struct smb3_open *o, uint8_t to)
{
	uint8_t pdu[SMB2_HEADER_SIZE + BODY_SIZE] = { 0 }, *body = pdu + SMB2_HEADER_SIZE;
	struct smb3_conn *conn = conn_of(o->session);

	if (!conn)
		return false;
	smb3_store_u32(pdu, SMB2_MAGIC);
	smb3_store_u16(pdu + 4, SMB2_HEADER_SIZE);
	smb3_store_u16(pdu + 12, SMB2_OPLOCK_BREAK);
	smb3_store_u32(pdu + 16, SMB2_FLAGS_SERVER_TO_REDIR);
	smb3_store_u64(pdu + 24, UINT64_MAX);
	smb3_store_u16(body, BODY_SIZE);
	body[2] = to;
	smb3_store_u64(body + 8, o->persistent_id);
	smb3_store_u64(body + 16, o->volatile_id);
	SMB3_DEBUG(SMB3_DBG_OPLOCK, conn, "open 0x%llx: oplock goes to level %u",
		   (unsigned long long)o->volatile_id, to);
	smb3_conn_notify(conn, o->session, pdu, sizeof(pdu));
	return true;
}

static void wait_for(struct smb3_worker *w, const struct break_mail *b)
{
	const struct lease_conf *conf = b->mod->conf;
	struct oplock *p = oplock_of(b->open);

	p->deadline = smb3_clock() + (uint64_t)conf->break_time * 1000000;
	smb3_list_add(&worker_of(b->mod, w)->breaking, &p->link);
}

static void break_deliver(struct smb3_worker *w, struct smb3_mail *mail)
{
	struct break_mail *b = SMB3_CONTAINER(mail, struct break_mail, mail);
	struct smb3_open *o = b->open;

	/* An open without a session is closing: who waits is woken when it has left the file. */
	if (o->session && !o->closing) {
		bool told = notify(o, b->to);

		smb3_file_lock(o->file);
		if (b->wait && oplock_of(o)->breaking) {
			if (told)
				wait_for(w, b);
			else
				break_over(o, SMB2_OPLOCK_LEVEL_NONE);
		}
		smb3_file_unlock(o->file);
	}
	smb3_open_unref(o);
	free(b);
}

void break_start(struct smb3_mod *mod, struct smb3_open *o, uint8_t to)
{
	struct break_mail *b = smb3_alloc(sizeof(*b));

	b->mail.fn = break_deliver;
	b->mod = mod;
	b->open = smb3_open_ref(o);
	b->to = to;
	b->wait = o->oplock != SMB2_OPLOCK_LEVEL_II;
	if (b->wait) {
		oplock_of(o)->breaking = true;
		oplock_of(o)->to = to;
	} else {
		oplock_set(o, to);
	}
	smb3_mail_post(o->worker, &b->mail);
}

/* Clients that do not answer lose the promise, and what they held back of it. */
enum smb3_verdict break_tick(struct smb3_mod *mod, struct smb3_event *event)
{
	struct lease_worker *lw = worker_of(mod, event->worker);
	uint64_t now = smb3_clock();

	while (!smb3_list_empty(&lw->breaking)) {
		struct oplock *p = SMB3_CONTAINER(lw->breaking.next, struct oplock, link);
		struct smb3_open *o = p->open;

		/* A tick comes once a second: rather early than late. */
		if (p->deadline > now + 1000000000)
			break;
		smb3_log(SMB3_LOG_WARNING,
			 "session 0x%llx: a client has not acknowledged an oplock break in time",
			 (unsigned long long)o->session->id);
		smb3_file_lock(o->file);
		break_over(o, SMB2_OPLOCK_LEVEL_NONE);
		smb3_file_unlock(o->file);
	}
	return SMB3_PASS;
}

/* ---- the acknowledgement ---- */

static ntstatus acknowledge(struct smb3_open *o, uint8_t level)
{
	const struct oplock *p = oplock_of(o);
	ntstatus status = STATUS_SUCCESS;

	if (!p->breaking)
		return o->oplock ? STATUS_INVALID_DEVICE_STATE : STATUS_INVALID_OPLOCK_PROTOCOL;
	if (level == SMB2_OPLOCK_LEVEL_LEASE)
		status = STATUS_INVALID_PARAMETER;
	else if (level != SMB2_OPLOCK_LEVEL_NONE && level != p->to)
		status = STATUS_INVALID_OPLOCK_PROTOCOL;
	break_over(o, status ? SMB2_OPLOCK_LEVEL_NONE : level);
	return status;
}

static ntstatus break_run(struct smb3_req *req)
{
	struct smb3_cursor in = req->body;
	struct smb3_builder *out = smb3_req_out(req);
	struct smb3_open *o = req->open;
	ntstatus status;
	uint8_t level;

	smb3_get_skip(&in, 2); /* StructureSize */
	level = smb3_get_u8(&in);
	if (!o->file)
		return STATUS_INVALID_DEVICE_STATE;
	smb3_file_lock(o->file);
	status = acknowledge(o, level);
	smb3_file_unlock(o->file);
	smb3_put_u16(out, BODY_SIZE);
	smb3_put_u8(out, level);
	smb3_put_zero(out, 5);
	smb3_put_u64(out, o->persistent_id);
	smb3_put_u64(out, o->volatile_id);
	return status;
}

const struct smb3_command break_command = {
	.name = "OPLOCK_BREAK",
	.body_size = BODY_SIZE,
	.fileid_offset = 8,
	.flags = SMB3_NEED_SESSION | SMB3_NEED_TREE | SMB3_NEED_OPEN,
	.run = break_run,
};
