// SPDX-License-Identifier: Apache-2.0
/*
 * census.c: walks over what lives on a worker, for listings.
 */
#include "core.h"

void smb3_worker_each_conn(struct smb3_worker *w, bool (*fn)(struct smb3_conn *conn, void *arg),
			   void *arg)
{
	SMB3_LIST_EACH(&w->conns, node)
		if (!fn(SMB3_CONTAINER(node, struct smb3_conn, worker_link), arg))
			return;
}

struct walk {
	bool (*fn)(struct smb3_session *s, void *arg);
	void *arg;
};

static bool walk_session(struct smb3_hash_node *node, void *arg)
{
	const struct walk *walk = arg;

	return walk->fn(SMB3_CONTAINER(node, struct smb3_session, worker_node), walk->arg);
}

void smb3_worker_each_session(struct smb3_worker *w, bool (*fn)(struct smb3_session *s, void *arg),
			      void *arg)
{
	struct walk walk = { fn, arg };

	smb3_hash_each(&w->sessions, walk_session, &walk);
}

uint64_t smb3_worker_late(const struct smb3_worker *w, const char **ret_last)
{
	*ret_last = w->late_last;
	return w->late_count;
}
