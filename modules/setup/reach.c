// SPDX-License-Identifier: Apache-2.0
/*
 * reach.c: a session that may live on another worker: mail to that one, and back.
 * [MS-SMB2] 3.3.5.5.2, 3.3.5.5.3
 */
#include "setup.h"

#include <stdlib.h>

struct reach {
	struct smb3_mail mail;
	struct smb3_req *req;
	uint64_t id;
	struct smb3_identity *identity; /* NULL: a visit */
	void (*look)(const struct smb3_session *s, struct smb3_req *req);
	void (*done)(struct smb3_req *req);
};

static void replace_back(struct smb3_worker *w, struct smb3_mail *mail)
{
	struct reach *r = SMB3_CONTAINER(mail, struct reach, mail);
	struct smb3_req *req = r->req;
	void (*done)(struct smb3_req *) = r->done;

	bool over = req->cancelled && r->look;

	smb3_identity_unref(r->identity);
	free(r);
	if (over) {
		bind_forget(req);
		smb3_req_finish(req, req->status);
	} else {
		done(req);
	}
}

static void replace_leave(struct smb3_worker *w, struct smb3_mail *mail)
{
	struct reach *r = SMB3_CONTAINER(mail, struct reach, mail);

	mail->fn = replace_back;
	smb3_mail_post(r->req->worker, mail);
}

static void replace_there(struct smb3_worker *w, struct smb3_mail *mail)
{
	struct reach *r = SMB3_CONTAINER(mail, struct reach, mail);
	struct smb3_session *s = smb3_worker_session(w, r->id);

	if (r->look)
		r->look(s && s->state != SMB3_SESSION_SETUP ? s : NULL, r->req);
	/* Another user's session is not to be killed by naming it. */
	if (r->look || !s || s->state == SMB3_SESSION_SETUP ||
	    !smb3_identity_same(s->identity, r->identity)) {
		replace_leave(w, mail);
		return;
	}
	smb3_session_ref(s);
	smb3_session_close(s, "replaced by a new log-on of its client");
	mail->fn = replace_leave;
	smb3_session_await(s, mail);
	smb3_session_unref(s);
}

/* The mail is under way: a visit comes back and finds the request cancelled. A log-on that has
 * succeeded stays so: what it had was given away. */
static void replace_cancel(struct smb3_req *req)
{
}

static void reach_start(struct reach *r)
{
	struct smb3_worker *w = smb3_session_worker(r->req->server, r->id);

	r->mail.fn = w ? replace_there : replace_back;
	smb3_req_pend(r->req, replace_cancel, false);
	smb3_mail_post(w ? w : r->req->worker, &r->mail);
}

void session_replace(struct smb3_req *req, uint64_t previous_id, struct smb3_identity *identity,
		     void (*done)(struct smb3_req *req))
{
	struct reach *r = smb3_alloc(sizeof(*r));

	r->req = req;
	r->id = previous_id;
	r->identity = smb3_identity_ref(identity);
	r->done = done;
	reach_start(r);
}

void session_visit(struct smb3_req *req, uint64_t id,
		   void (*look)(const struct smb3_session *s, struct smb3_req *req),
		   void (*done)(struct smb3_req *req))
{
	struct reach *r = smb3_alloc(sizeof(*r));

	r->req = req;
	r->id = id;
	r->look = look;
	r->done = done;
	reach_start(r);
}
