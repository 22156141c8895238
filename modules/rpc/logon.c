// SPDX-License-Identifier: Apache-2.0
/*
 * logon.c: security contexts of pipes: log-ons inside of remote procedure calls, and the messages that
 * they protect. [MS-RPCE] 3.3.1.5.2
 *
 * Mechanisms, accounts and keys are here; smb3-rpcd passes tokens and PDUs on and gets back what it may
 * know. A key of its own would make it quicker by a round trip for each fragment; but then whatever
 * makes it show memory would show keys, and Kerberos' contexts cannot be handed over anyway.
 *
 * Such a log-on is one like any other: the hooks AUTH, AUTH_DONE and AUTHENTICATED hear of it, so that
 * passwords are tried no faster here and audit knows who came. They run where the connection lives.
 * Nobody is kept waiting, as in prove.c: a failure is answered at once, and whoever comes before it has
 * been paid for is refused.
 */
#include "rpc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define LOGONS_MAX 8 /* of a pipe */
#define TOKEN_MAX  60000
#define KEY_SIZE   16 /* of longer ones, clients take that much */

enum auth_type { AUTH_SPNEGO = 9, AUTH_NTLM = 10, AUTH_KERBEROS = 16 };

/* Made, stepped and freed on one thread at a time: logon_busy. */
struct rpc_logon {
	struct smb3_list link;
	uint32_t id;
	uint8_t type, level;
	bool done, failed;
	struct smb3_auth *auth;
	struct smb3_identity *identity;
	size_t sign_len;
};

struct smb3_identity *rpc_logon_who(const struct rpc_pipe *p)
{
	return p->current ? p->current->identity : p->identity;
}

const uint8_t *rpc_logon_key(const struct rpc_pipe *p, size_t *ret_len)
{
	const struct smb3_auth *auth = p->current ? p->current->auth : NULL;

	*ret_len = auth ? KEY_SIZE : p->key_len;
	return auth ? auth->key : p->key;
}

uint8_t rpc_logon_level(const struct rpc_pipe *p)
{
	return p->current ? p->current->level : 0;
}

uint8_t rpc_caller_flags(const struct smb3_identity *who)
{
	return (uint8_t)((who->guest ? SMB3_RPC_CALLER_GUEST : 0) |
			 (who->anonymous ? SMB3_RPC_CALLER_ANONYMOUS : 0) |
			 (who->admin ? SMB3_RPC_CALLER_ADMIN : 0));
}

static void logon_free(struct rpc_logon *l)
{
	smb3_list_remove(&l->link);
	smb3_auth_free(l->auth);
	smb3_identity_unref(l->identity);
	free(l);
}

void rpc_logons_free(struct rpc_pipe *p)
{
	SMB3_LIST_EACH(&p->logons, node)
		logon_free(SMB3_CONTAINER(node, struct rpc_logon, link));
}

static struct rpc_logon *logon_find(const struct rpc_pipe *p, uint32_t id)
{
	SMB3_LIST_EACH(&p->logons, node) {
		struct rpc_logon *l = SMB3_CONTAINER(node, struct rpc_logon, link);

		if (l->id == id)
			return l;
	}
	return NULL;
}

/* ---- beginning one: on worker 0 ---- */

/* The client says which mechanism it is; its token must say so, too. [MS-RPCE] 2.2.1.1.7 */
static bool is_of_type(const struct smb3_auth *auth, uint8_t type)
{
	const char *name = type == AUTH_SPNEGO   ? "spnego" :
			   type == AUTH_NTLM     ? "ntlm" :
			   type == AUTH_KERBEROS ? "krb5" :
						   "";

	return !strcmp(auth->mech->name, name);
}

static int logon_new(struct rpc_answering *an, const struct rpc_logon *what,
		     const struct smb3_cursor *token, struct rpc_logon **ret_logon)
{
	struct rpc_pipe *p = an->pipe;
	struct smb3_auth *auth;
	struct rpc_logon *l;

	if (p->n_logons == LOGONS_MAX)
		return -EMFILE;
	auth = smb3_auth_new(an->rpc->server, p->address, token->pos, smb3_cursor_left(token));
	if (!auth || !is_of_type(auth, what->type)) {
		smb3_auth_free(auth);
		return -EPROTONOSUPPORT;
	}
	l = smb3_alloc(sizeof(*l));
	*l = *what;
	l->auth = auth;
	smb3_list_add(&p->logons, &l->link);
	p->n_logons++;
	*ret_logon = l;
	return 0;
}

static int logon_get(struct rpc_answering *an, struct rpc_logon **ret_logon)
{
	struct smb3_cursor *in = &an->asking.in;
	struct rpc_logon what = { .id = smb3_get_u32(in) };
	struct rpc_logon *l = logon_find(an->pipe, what.id);

	what.type = smb3_get_u8(in);
	what.level = smb3_get_u8(in);
	if (!smb3_cursor_ok(in) || what.level < SMB3_RPC_LEVEL_CONNECT ||
	    what.level > SMB3_RPC_LEVEL_PRIVACY)
		return -EINVAL;
	if (an->pipe->logon_busy)
		return -EBUSY;
	if (!l)
		return logon_new(an, &what, in, ret_logon);
	if (l->done || l->failed || l->type != what.type || l->level != what.level)
		return -EINVAL;
	*ret_logon = l;
	return 0;
}

/* ---- the end: back on worker 0 ---- */

/* What the client wants must be possible with what was agreed on. */
static int logon_take(struct rpc_answering *an)
{
	struct rpc_logon *l = an->logon;
	const struct smb3_auth_mech *mech = l->auth->mech;

	if (l->level >= SMB3_RPC_LEVEL_CALL) {
		if (mech->wrap_size)
			l->sign_len = mech->wrap_size(l->auth, l->level == SMB3_RPC_LEVEL_PRIVACY);
		if (!l->sign_len)
			return -EACCES;
	}
	l->identity = l->auth->identity;
	l->auth->identity = NULL;
	l->done = true;
	an->pipe->current = l;
	return 0;
}

static void answer_put(struct rpc_answering *an)
{
	const struct rpc_logon *l = an->logon;
	struct smb3_builder *out = &an->asking.out;

	smb3_put_u8(out, l->done);
	if (l->done) {
		smb3_put_u8(out, rpc_caller_flags(l->identity));
		smb3_put_u16(out, (uint16_t)l->sign_len);
		smb3_put_text(out, l->identity->anonymous ? "" : l->identity->name);
		smb3_put_text(out, l->identity->domain);
	}
	smb3_put_bytes(out, an->token.data, an->token.len);
}

static void logon_end(struct smb3_worker *w, struct smb3_mail *mail)
{
	struct rpc_answering *an = SMB3_CONTAINER(mail, struct rpc_answering, mail);

	an->pipe->logon_busy = false;
	if (!an->err && an->status == STATUS_SUCCESS)
		an->err = logon_take(an);
	else if (!an->err && an->status != STATUS_MORE_PROCESSING_REQUIRED)
		an->err = -EACCES;
	if (an->err)
		an->logon->failed = true;
	else
		answer_put(an);
	rpc_answer_send(an);
}

/* ---- in between: on the pipe's worker ---- */

static void logon_finish(struct rpc_answering *an)
{
	if (an->conn)
		smb3_conn_unref(an->conn);
	an->conn = NULL;
	an->mail.fn = logon_end;
	smb3_mail_post(an->rpc->worker, &an->mail);
}

/* Without a session: that its user has logged on says nothing about who does so now. */
static struct smb3_event event_of(struct rpc_answering *an, enum smb3_hook_point point)
{
	const struct smb3_auth *auth = an->logon->auth;

	return (struct smb3_event){ .point = point,
				    .server = an->rpc->server,
				    .worker = an->pipe->worker,
				    .conn = an->conn,
				    .who = auth->identity,
				    .user = auth->who[0] ? auth->who : NULL,
				    .mech = auth->inner ? auth->inner->name : auth->mech->name,
				    .status = an->status };
}

static void tell_authenticated(struct rpc_answering *an)
{
	struct smb3_event event = event_of(an, SMB3_HOOK_AUTHENTICATED);
	struct smb3_auth *auth = an->logon->auth;

	event.session = an->pipe->open ? an->pipe->open->session : NULL;
	snprintf(event.reason, sizeof(event.reason), "%s", auth->reason);
	if (event.session && smb3_hooked(an->rpc->server, SMB3_HOOK_AUTHENTICATED) &&
	    smb3_hook_run(&event) == SMB3_DENY && an->status == STATUS_SUCCESS) {
		an->status = event.status;
		snprintf(auth->reason, sizeof(auth->reason), "%s", event.reason);
	}
	if (an->status != STATUS_SUCCESS)
		smb3_log_conn(an->conn, SMB3_LOG_INFO,
			      "log-on of \"%s\" on pipe %s failed: %s (%s)", auth->who,
			      an->pipe->name, auth->reason[0] ? auth->reason : "refused",
			      smb3_status_name(an->status));
}

static void step_work(struct smb3_job *job)
{
	struct rpc_answering *an = SMB3_CONTAINER(job, struct rpc_answering, job);
	struct smb3_auth *auth = an->logon->auth;
	const struct smb3_cursor *in = &an->asking.in;

	an->status = auth->mech->step(auth, in->pos, smb3_cursor_left(in), &an->token);
	if (!smb3_builder_ok(&an->token))
		an->err = -EMSGSIZE;
}

/* Without signatures, who passes on what somebody else proves could speak for him afterwards: over a
 * pipe of his own. So nobody becomes more that way than he is. */
static bool is_borrowed(const struct rpc_answering *an)
{
	const struct rpc_logon *l = an->logon;
	const struct smb3_identity *who = l->auth->identity;

	return l->level < SMB3_RPC_LEVEL_CALL && !who->anonymous && !who->guest &&
	       !smb3_identity_same(who, an->pipe->identity);
}

static void step_done(struct smb3_worker *w, struct smb3_job *job)
{
	struct rpc_answering *an = SMB3_CONTAINER(job, struct rpc_answering, job);
	struct smb3_auth *auth = an->logon->auth;
	struct smb3_event event;

	(void)w;
	if (!an->err && an->status == STATUS_SUCCESS && is_borrowed(an)) {
		an->status = STATUS_ACCESS_DENIED;
		snprintf(auth->reason, sizeof(auth->reason),
			 "another user than the session's must sign");
	}
	event = event_of(an, SMB3_HOOK_AUTH_DONE);
	if (smb3_hooked(an->rpc->server, SMB3_HOOK_AUTH_DONE))
		(void)smb3_hook_run(&event);
	if (an->status != STATUS_MORE_PROCESSING_REQUIRED)
		tell_authenticated(an);
	logon_finish(an);
}

static void logon_deny(struct rpc_answering *an, const struct smb3_event *event)
{
	struct smb3_auth *auth = an->logon->auth;

	an->status = event->status;
	snprintf(auth->reason, sizeof(auth->reason), "%s", event->reason);
	tell_authenticated(an);
	logon_finish(an);
}

static void logon_try(struct rpc_answering *an)
{
	struct smb3_event event = event_of(an, SMB3_HOOK_AUTH);
	enum smb3_verdict verdict = SMB3_PASS;

	if (smb3_hooked(an->rpc->server, SMB3_HOOK_AUTH))
		verdict = smb3_hook_run(&event);
	if (verdict == SMB3_DENY) {
		logon_deny(an, &event);
	} else if (verdict == SMB3_WAIT) {
		smb3_log_conn(an->conn, SMB3_LOG_INFO,
			      "log-on on pipe %s refused: it would have to wait", an->pipe->name);
		an->err = -EAGAIN;
		logon_finish(an);
	} else {
		an->job.work = step_work;
		an->job.done = step_done;
		smb3_job_start(an->pipe->worker, &an->job);
	}
}

static void on_pipes_worker(struct smb3_worker *w, struct smb3_mail *mail)
{
	struct rpc_answering *an = SMB3_CONTAINER(mail, struct rpc_answering, mail);
	struct smb3_conn *conn = rpc_asking_conn(an);

	if (!conn) {
		an->err = -ECONNRESET;
		logon_finish(an);
		return;
	}
	an->conn = smb3_conn_ref(conn);
	logon_try(an);
}

void rpc_logon_begin(struct rpc_answering *an)
{
	an->err = logon_get(an, &an->logon);
	if (an->err) {
		rpc_answer_send(an);
		return;
	}
	an->pipe->logon_busy = true;
	an->token = smb3_builder_arena(an->asking.arena, TOKEN_MAX);
	an->mail.fn = on_pipes_worker;
	smb3_mail_post(an->pipe->worker, &an->mail);
}

/* ---- messages: on worker 0 ---- */

/* A context that can protect; its PDU, which may be written to. */
static int message_get(struct smb3_rpc_asking *asking, struct rpc_logon **ret_logon,
		       struct smb3_auth_message *ret_message)
{
	struct smb3_cursor *in = &asking->in;
	struct rpc_logon *l = logon_find(rpc_answering_of(asking)->pipe, smb3_get_u32(in));
	struct smb3_auth_message m = { .seal = l && l->level == SMB3_RPC_LEVEL_PRIVACY };
	uint8_t flags = smb3_get_u8(in);
	const uint8_t *pdu;

	m.whole = flags & SMB3_RPC_PDU_WHOLE;
	m.at = smb3_get_u16(in);
	m.data_len = smb3_get_u16(in);
	m.len = smb3_get_u16(in);
	pdu = smb3_get_bytes(in, m.len);
	if (!pdu || m.at + m.data_len > m.len || !l || !l->done || !l->sign_len)
		return -EINVAL;
	if (l->failed)
		return -EACCES;
	m.pdu = smb3_arena_copy(asking->arena, pdu, m.len);
	*ret_logon = l;
	*ret_message = m;
	return 0;
}

/* After one that is wrong, nothing is right any more. */
static int answer_unwrap(struct smb3_rpc_asking *asking)
{
	struct rpc_pipe *p = rpc_answering_of(asking)->pipe;
	struct smb3_cursor *in = &asking->in;
	struct smb3_auth_message m;
	struct rpc_logon *l;
	int err = message_get(asking, &l, &m);

	if (err)
		return err;
	err = l->auth->mech->unwrap(l->auth, &m, in->pos, smb3_cursor_left(in));
	if (err) {
		l->failed = true;
		smb3_log(SMB3_LOG_NOTICE, "pipe %s: a PDU of %s [%s] is not as it was sent",
			 p->name, l->identity->name, p->address);
		return err;
	}
	p->current = l;
	if (m.seal)
		smb3_put_bytes(&asking->out, m.pdu + m.at, m.data_len);
	return 0;
}

static int answer_wrap(struct smb3_rpc_asking *asking)
{
	struct smb3_auth_message m;
	struct rpc_logon *l;
	uint8_t *sign;
	int err = message_get(asking, &l, &m);

	if (err)
		return err;
	sign = smb3_arena_alloc(asking->arena, l->sign_len);
	err = l->auth->mech->wrap(l->auth, &m, sign);
	if (err)
		return err;
	if (m.seal)
		smb3_put_bytes(&asking->out, m.pdu + m.at, m.data_len);
	smb3_put_bytes(&asking->out, sign, l->sign_len);
	return 0;
}

static int answer_caller(struct smb3_rpc_asking *asking)
{
	struct rpc_pipe *p = rpc_answering_of(asking)->pipe;
	bool own = !smb3_cursor_left(&asking->in);
	struct rpc_logon *l = own ? NULL : logon_find(p, smb3_get_u32(&asking->in));

	if (!own && (!l || !l->done || l->failed))
		return -EINVAL;
	p->current = l;
	return 0;
}

/* rpc_logon_begin() answers it. */
static int answer_logon(struct smb3_rpc_asking *asking)
{
	return -EINVAL;
}

const struct smb3_rpc_question rpc_ask_logon = { .name = "logon", .answer = answer_logon };
const struct smb3_rpc_question rpc_ask_unwrap = { .name = "unwrap", .answer = answer_unwrap };
const struct smb3_rpc_question rpc_ask_wrap = { .name = "wrap", .answer = answer_wrap };
const struct smb3_rpc_question rpc_ask_caller = { .name = "caller", .answer = answer_caller };
