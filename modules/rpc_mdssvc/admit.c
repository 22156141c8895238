// SPDX-License-Identifier: Apache-2.0
/*
 * admit.c: who may search a share, and as whom. Whoever is connected to it has been judged: he
 * searches as his tree. Others (a client may come over IPC$ alone) are judged here as if they were
 * connecting.
 */
#include "mdssvc.h"

#include <errno.h>

#define READ_ONLY_ACCESS (FILE_GENERIC_READ | FILE_GENERIC_EXECUTE)

static bool enabled(const struct spot_admit *admit, const struct smb3_share *share)
{
	const struct smb3_mod *mod = smb3_module_of(admit->server, &spot_ask);
	const struct spot_conf *conf = smb3_conf_of(mod, share);

	return conf->spotlight && !share->pipe;
}

/* ---- the end: back on worker 0 ---- */

static void on_first(struct smb3_worker *w, struct smb3_mail *mail)
{
	struct spot_admit *admit = SMB3_CONTAINER(mail, struct spot_admit, mail);

	admit->then(admit);
}

static void finish(struct spot_admit *admit, int err)
{
	admit->err = err;
	admit->mail.fn = on_first;
	smb3_mail_post(smb3_server_worker(admit->server, 0), &admit->mail);
}

void admit_done(struct spot_admit *admit)
{
	smb3_share_unref(admit->share);
	smb3_identity_unref(admit->who);
	admit->share = NULL;
	admit->who = NULL;
}

/* ---- without a tree: on the pool, as the server ---- */

static int judge_hooks(struct spot_admit *admit, struct smb3_share *share)
{
	struct smb3_event event = { .point = SMB3_HOOK_TREE_CONNECT,
				    .server = admit->server,
				    .conn = admit->conn,
				    .session = admit->session,
				    .share = share,
				    .who = admit->asking->who,
				    .access = share->read_only ? READ_ONLY_ACCESS :
								 FILE_ALL_ACCESS };
	enum smb3_verdict verdict = SMB3_PASS;

	if (smb3_hooked(admit->server, SMB3_HOOK_TREE_CONNECT))
		verdict = smb3_hook_run(&event);
	if (event.identity)
		admit->who = event.identity;
	if (verdict == SMB3_DENY)
		SMB3_DEBUG(SMB3_DBG_IPC, NULL, "share %s is not searched: %s", share->name,
			   event.reason);
	if (verdict == SMB3_DENY || !(event.access & FILE_LIST_DIRECTORY))
		return -EACCES;
	return event.encrypt && !admit->session->encrypt_required ? -EACCES : 0;
}

/* A share that has another folder for each user is found through a tree only. */
static int judge_share(struct spot_admit *admit)
{
	const struct smb3_identity *who = admit->asking->who;
	struct smb3_share *share = smb3_share_find(admit->server, admit->name);
	int err;

	if (!share)
		return -ENOENT;
	admit->share = share;
	if (!enabled(admit, share) || strchr(share->path, '%'))
		return -EOPNOTSUPP;
	if (!share->guest && (who->guest || who->anonymous))
		return -EACCES;
	err = judge_hooks(admit, share);
	if (!err)
		err = smb3_share_mount(share, &admit->mount);
	if (!err && !admit->who)
		admit->who = smb3_identity_ref((struct smb3_identity *)(uintptr_t)who);
	return err;
}

static void judge(struct smb3_job *job)
{
	struct spot_admit *admit = SMB3_CONTAINER(job, struct spot_admit, job);

	admit->err = judge_share(admit);
}

static void judged(struct smb3_worker *w, struct smb3_job *job)
{
	struct spot_admit *admit = SMB3_CONTAINER(job, struct spot_admit, job);

	smb3_session_unref(admit->session);
	smb3_conn_unref(admit->conn);
	finish(admit, admit->err);
}

/* ---- the session: on its worker ---- */

struct search {
	const char *name;
	struct smb3_tree *found;
};

static bool tree_is(struct smb3_hash_node *node, void *arg)
{
	struct smb3_tree *t = SMB3_CONTAINER(node, struct smb3_tree, node);
	struct search *s = arg;

	if (!t->closed && t->mount && smb3_name_equal(t->share->name, s->name))
		s->found = t;
	return !s->found;
}

/* What must be encrypted does not go through a pipe that need not be. */
static int take_tree(struct spot_admit *admit, const struct smb3_tree *t)
{
	if (!enabled(admit, t->share))
		return -EOPNOTSUPP;
	if (!(t->max_access & FILE_LIST_DIRECTORY) ||
	    (t->encrypt_required && !t->session->encrypt_required))
		return -EACCES;
	admit->share = smb3_share_ref(t->share);
	admit->who = smb3_identity_ref(t->identity);
	admit->mount = t->mount;
	return 0;
}

static void on_session(struct smb3_worker *w, struct smb3_mail *mail)
{
	struct spot_admit *admit = SMB3_CONTAINER(mail, struct spot_admit, mail);
	struct smb3_session *s = smb3_worker_session(w, admit->asking->session);
	struct search search = { .name = admit->name };
	struct smb3_conn *conn = s ? smb3_session_conn(s, admit->asking->address) : NULL;

	if (!conn || s->state != SMB3_SESSION_VALID || smb3_session_expired(s)) {
		finish(admit, -EACCES);
		return;
	}
	/* Who has logged on as somebody else inside of the pipe has no trees. */
	if (smb3_identity_same(s->identity, admit->asking->who))
		smb3_hash_each(&s->trees, tree_is, &search);
	if (search.found) {
		finish(admit, take_tree(admit, search.found));
		return;
	}
	admit->session = smb3_session_ref(s);
	admit->conn = smb3_conn_ref(conn);
	admit->job.work = judge;
	admit->job.done = judged;
	smb3_job_start(w, &admit->job);
}

void admit_begin(struct spot_admit *admit)
{
	struct smb3_worker *w = smb3_session_worker(admit->server, admit->asking->session);

	if (!w) {
		finish(admit, -EACCES);
		return;
	}
	admit->mail.fn = on_session;
	smb3_mail_post(w, &admit->mail);
}
