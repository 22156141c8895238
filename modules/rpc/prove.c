// SPDX-License-Identifier: Apache-2.0
/*
 * prove.c: questions in which somebody proves to know a password, other than to log on: a change of it.
 * The hooks AUTH and AUTH_DONE hear of them as of log-ons, where the connection lives, so that passwords
 * are tried no faster here. But nobody is kept waiting, for that would hold a thread of smb3-rpcd: who
 * would have to wait is refused.
 */
#include "rpc.h"

#include <errno.h>

/* Without a session: that its user has logged on says nothing about whose password this is. */
static struct smb3_event event_of(struct rpc_answering *an, enum smb3_hook_point point)
{
	return (struct smb3_event){ .point = point,
				    .server = an->rpc->server,
				    .worker = an->pipe->worker,
				    .conn = an->conn,
				    .user = an->asking.account };
}

static void on_first(struct smb3_worker *w, struct smb3_mail *mail)
{
	(void)w;
	rpc_answer_send(SMB3_CONTAINER(mail, struct rpc_answering, mail));
}

static void prove_end(struct rpc_answering *an)
{
	if (an->conn)
		smb3_conn_unref(an->conn);
	an->conn = NULL;
	an->mail.fn = on_first;
	smb3_mail_post(an->rpc->worker, &an->mail);
}

static void on_pool(struct smb3_job *job)
{
	struct rpc_answering *an = SMB3_CONTAINER(job, struct rpc_answering, job);

	an->err = an->question->answer(&an->asking);
}

static void tell(const struct rpc_answering *an)
{
	const struct smb3_rpc_asking *asking = &an->asking;

	if (asking->attempt != STATUS_SUCCESS)
		smb3_log_conn(an->conn, SMB3_LOG_INFO,
			      "%s did not prove to know the password of \"%s\" on pipe %s: %s",
			      an->who->anonymous ? "an anonymous user" : an->who->name,
			      asking->account ? asking->account : "", an->pipe->name,
			      smb3_status_name(asking->attempt));
}

/* A success forgives nothing: who has an account could guess at others' in between. */
static void off_pool(struct smb3_worker *w, struct smb3_job *job)
{
	struct rpc_answering *an = SMB3_CONTAINER(job, struct rpc_answering, job);
	struct smb3_event event = event_of(an, SMB3_HOOK_AUTH_DONE);

	(void)w;
	event.status = an->asking.attempt == STATUS_SUCCESS ? STATUS_MORE_PROCESSING_REQUIRED :
							      an->asking.attempt;
	if (smb3_hooked(an->rpc->server, SMB3_HOOK_AUTH_DONE))
		(void)smb3_hook_run(&event);
	tell(an);
	prove_end(an);
}

static void on_pipes_worker(struct smb3_worker *w, struct smb3_mail *mail)
{
	struct rpc_answering *an = SMB3_CONTAINER(mail, struct rpc_answering, mail);
	struct smb3_conn *conn = rpc_asking_conn(an);
	struct smb3_event event;

	if (!conn) {
		an->err = -ECONNRESET;
		prove_end(an);
		return;
	}
	an->conn = smb3_conn_ref(conn);
	event = event_of(an, SMB3_HOOK_AUTH);
	if (smb3_hooked(an->rpc->server, SMB3_HOOK_AUTH) && smb3_hook_run(&event) != SMB3_PASS) {
		an->err = -EAGAIN;
		prove_end(an);
		return;
	}
	an->job.work = on_pool;
	an->job.done = off_pool;
	smb3_job_start(w, &an->job);
}

void rpc_prove_begin(struct rpc_answering *an)
{
	an->mail.fn = on_pipes_worker;
	smb3_mail_post(an->pipe->worker, &an->mail);
}
