// SPDX-License-Identifier: Apache-2.0
/*
 * filesec_ask.c: in smb3d: the security descriptor of a file, for whoever calls. Requests of the session
 * itself fetch or set it (smb3/inner.h), so that it is seen and changed just as over SMB. Files may take
 * their time, and clients that have them open, too: the question is answered later.
 *
 * On worker 0, except where said; the job is at one place at a time.
 */
#include "filesec.h"

#include "keep.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define SESSION_MAX 16 /* calls of one session: as many as go on at a time */

struct job {
	struct smb3_mail mail;
	struct smb3_list link;          /* of the module's: worker 0's */
	struct smb3_rpc_asking *asking; /* NULL: nobody waits for it any more. Worker 0's */
	struct smb3_worker *first;
	struct smb3_identity *who; /* a reference */
	uint64_t session;
	char peer[64];            /* who asks: the address */
	struct smb3_arena *arena; /* of pdus, later of sd */
	struct smb3_builder pdus, sd;
	_Atomic bool given_up;
	int err;
	ntstatus status;
};

static void job_free(struct job *job)
{
	smb3_list_remove(&job->link);
	smb3_identity_unref(job->who);
	if (job->arena)
		smb3_arena_free(job->arena);
	free(job);
}

static void back_on_first(struct smb3_worker *w, struct smb3_mail *mail)
{
	struct job *job = SMB3_CONTAINER(mail, struct job, mail);
	struct smb3_rpc_asking *asking = job->asking;

	(void)w;
	if (asking) {
		smb3_put_u32(&asking->out, job->status);
		smb3_put_bytes(&asking->out, job->sd.data, job->sd.len);
		asking->finish(asking, job->err);
	}
	job_free(job);
}

/* ---- on the session's worker ---- */

static void go_back(struct job *job)
{
	job->mail.fn = back_on_first;
	smb3_mail_post(job->first, &job->mail);
}

static void on_replies(void *arg, const uint8_t *replies, size_t len)
{
	struct job *job = arg;
	struct smb3_cursor sd = smb3_cursor_init(NULL, 0);

	job->arena = smb3_arena_new();
	job->sd = smb3_builder_arena(job->arena, FILESEC_GET_MAX);
	job->status = len ? filesec_result(replies, len, &sd) : STATUS_USER_SESSION_DELETED;
	smb3_put_bytes(&job->sd, sd.pos, smb3_cursor_left(&sd));
	go_back(job);
}

/* Somebody else who has logged on inside of the pipe has no session to open files with. */
static void on_sessions_worker(struct smb3_worker *w, struct smb3_mail *mail)
{
	struct job *job = SMB3_CONTAINER(mail, struct job, mail);
	struct smb3_session *s = smb3_worker_session(w, job->session);

	if (!s || job->given_up)
		job->err = -ECONNRESET;
	else if (!smb3_identity_same(job->who, s->identity))
		job->err = -EACCES;
	else
		job->err = smb3_inner_start(s, &(struct smb3_inner_call){ .peer = job->peer,
									  .pdus = job->pdus.data,
									  .len = job->pdus.len,
									  .then = on_replies,
									  .arg = job });
	/* They are copied. */
	smb3_arena_free(job->arena);
	job->arena = NULL;
	if (job->err)
		go_back(job);
}

/* ---- the question ---- */

static bool get_filesec(struct smb3_rpc_asking *asking, struct filesec *f)
{
	struct smb3_cursor *in = &asking->in;

	f->share = smb3_get_text(in, asking->arena);
	f->path = smb3_get_text(in, asking->arena);
	f->which = smb3_get_u32(in);
	f->sets = smb3_get_u8(in);
	f->len = smb3_cursor_left(in);
	f->sd = smb3_get_bytes(in, f->len);
	return smb3_cursor_ok(in) && (f->sets || !f->len);
}

/* Those that nobody waits for any more count until they have ended: the session's worker may be held up. */
static bool is_room(const struct smb3_mod *mod, uint64_t session)
{
	const struct srvsvc_conf *conf = atomic_load(&mod->conf);
	const struct srvsvc *srvsvc = mod->data;
	int64_t n = 0, of_session = 0;

	SMB3_LIST_EACH(&srvsvc->jobs, node) {
		n++;
		of_session += SMB3_CONTAINER(node, struct job, link)->session == session;
	}
	return n < conf->security_calls && of_session < SESSION_MAX;
}

static int answer_security(struct smb3_rpc_asking *asking)
{
	struct smb3_worker *w = smb3_session_worker(asking->server, asking->session);
	struct smb3_mod *mod = smb3_module_of(asking->server, &srvsvc_ask_security);
	struct srvsvc *srvsvc = mod->data;
	struct filesec f = { 0 };
	struct job *job;

	if (!get_filesec(asking, &f) || !w)
		return -EINVAL;
	if (!is_room(mod, asking->session))
		return -EBUSY;
	job = smb3_alloc(sizeof(*job));
	smb3_list_add(&srvsvc->jobs, &job->link);
	job->arena = smb3_arena_new();
	job->pdus = smb3_builder_arena(job->arena, 4 * FILESEC_GET_MAX);
	if (!filesec_compound(&f, &job->pdus)) {
		job_free(job);
		return -EINVAL;
	}
	job->asking = asking;
	job->first = asking->worker;
	job->who = smb3_identity_ref((struct smb3_identity *)(uintptr_t)asking->who);
	job->session = asking->session;
	snprintf(job->peer, sizeof(job->peer), "%s", asking->address);
	asking->state = job;
	job->mail.fn = on_sessions_worker;
	smb3_mail_post(w, &job->mail);
	return -EINPROGRESS;
}

/* What was begun goes to its end, as when a client does not wait for a reply; what was not is not begun. */
static void cancel_security(struct smb3_rpc_asking *asking)
{
	struct job *job = asking->state;

	job->asking = NULL;
	job->given_up = true;
}

const struct smb3_rpc_question srvsvc_ask_security = { .name = "security of a file",
						       .flags = SMB3_ASK_LATER,
						       .answer = answer_security,
						       .cancel = cancel_security };
