// SPDX-License-Identifier: Apache-2.0
/*
 * bind.c: whether a client may use an interface: the hook BIND, asked where its connection lives.
 *
 * smb3-rpcd reads what clients bind to and asks; it is not checked that it does. That is enough: an
 * interface computes, and whatever it does beyond that is a question, which is answered by who asks and
 * not by which interface wants to know. A smb3-rpcd that somebody has taken over can put all questions
 * for the users whose pipes it has, with or without a bind. What a policy takes away here is a way to
 * get that far, and the use of the interface for those who have not.
 */
#include "rpc.h"

#include <errno.h>
#include <stdio.h>

/* The runtime's own, which is in no row and on every pipe: rpcd/mgmt.c. */
static const struct smb3_guid mgmt =
	SMB3_RPC_UUID(0xafa8bd80, 0x7d8a, 0x11c9, 0xbe, 0xf4, 0x08, 0x00, 0x2b, 0x10, 0x29, 0x89);

static bool is_interface(const struct smb3_rpc_interface *i, const struct smb3_rpc_use *use)
{
	return !memcmp(i->uuid.bytes, use->uuid.bytes, sizeof(use->uuid.bytes)) &&
	       i->major == use->major;
}

/* Its names. False: there is no such interface. */
static bool use_name(struct smb3_server *server, struct smb3_rpc_use *use)
{
	size_t n;
	const struct smb3_provide *const *rows = smb3_rows(server, SMB3_KIND_RPC, &n);

	use->interface = "mgmt";
	use->module = "rpc";
	if (!memcmp(use->uuid.bytes, mgmt.bytes, sizeof(mgmt.bytes)))
		return true;
	for (size_t i = 0; i < n; i++) {
		const struct smb3_rpc_interface *row = rows[i]->row;

		if (!is_interface(row, use))
			continue;
		use->interface = row->name;
		use->module = smb3_module_of(server, row)->module->name;
		return true;
	}
	return false;
}

/* ---- on the pipe's worker ---- */

static void tell_denied(struct rpc_answering *an, const struct smb3_event *denied)
{
	struct smb3_event event = *denied;

	smb3_log_conn(event.conn, SMB3_LOG_INFO, "%s: interface %s of pipe %s is denied: %s",
		      an->who->name, an->use.interface, an->use.pipe, event.reason);
	event.point = SMB3_HOOK_DENIED;
	if (smb3_hooked(event.server, SMB3_HOOK_DENIED))
		(void)smb3_hook_run(&event);
}

static void ask_hooks(struct rpc_answering *an, struct smb3_worker *w, struct smb3_open *open)
{
	struct smb3_session *s = open->session;
	struct smb3_event event = { .point = SMB3_HOOK_BIND,
				    .server = an->rpc->server,
				    .worker = w,
				    .session = s,
				    .tree = open->tree,
				    .share = open->tree->share,
				    .open = open,
				    .who = an->who,
				    .path = an->use.pipe,
				    .rpc = &an->use };

	if (!smb3_list_empty(&s->channels))
		event.conn =
			SMB3_CONTAINER(s->channels.next, struct smb3_channel, session_link)->conn;
	if (!event.conn)
		an->err = -ECONNRESET;
	else if (smb3_hook_run(&event) == SMB3_DENY)
		an->err = event.status == STATUS_OBJECT_NAME_NOT_FOUND ? -ENOENT : -EACCES;
	if (an->err == -ENOENT || an->err == -EACCES)
		if (!an->looks)
			tell_denied(an, &event);
}

static void back_on_first(struct smb3_worker *w, struct smb3_mail *mail)
{
	rpc_answer_send(SMB3_CONTAINER(mail, struct rpc_answering, mail));
}

static void on_pipes_worker(struct smb3_worker *w, struct smb3_mail *mail)
{
	struct rpc_answering *an = SMB3_CONTAINER(mail, struct rpc_answering, mail);

	if (an->pipe->open)
		ask_hooks(an, w, an->pipe->open);
	else
		an->err = -ECONNRESET;
	an->mail.fn = back_on_first;
	smb3_mail_post(an->rpc->worker, &an->mail);
}

/* ---- on worker 0 ---- */

void rpc_bind_begin(struct rpc_answering *an)
{
	struct smb3_cursor *in = &an->asking.in;
	uint8_t level = rpc_logon_level(an->pipe);

	an->use.pipe = an->pipe->name;
	an->use.uuid = smb3_get_guid(in);
	an->use.major = smb3_get_u16(in);
	an->use.minor = smb3_get_u16(in);
	an->use.level = smb3_get_u8(in);
	an->looks = smb3_get_u8(in);
	/* What has been proved counts, and not what the client says while it proves it. */
	if (level)
		an->use.level = level;
	if (!smb3_cursor_ok(in))
		an->err = -EINVAL;
	else if (!use_name(an->rpc->server, &an->use))
		an->err = -ENOENT;
	if (an->err || !smb3_hooked(an->rpc->server, SMB3_HOOK_BIND)) {
		rpc_answer_send(an);
		return;
	}
	an->mail.fn = on_pipes_worker;
	smb3_mail_post(an->pipe->worker, &an->mail);
}

/* rpc_bind_begin() answers it. */
static int answer_bind(struct smb3_rpc_asking *asking)
{
	return -EINVAL;
}

const struct smb3_rpc_question rpc_ask_bind = { .name = "bind", .answer = answer_bind };
