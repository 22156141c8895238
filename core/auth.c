// SPDX-License-Identifier: Apache-2.0
/*
 * auth.c: log-ons in progress, and the questions to the account stores. Who somebody is, is
 * identity.c.
 */
#include "core.h"

/* A nested log-on lives in the arena of the outer one. */
struct logon {
	struct smb3_auth auth;
	bool nested;
};

int smb3_account_find(struct smb3_server *server, const char *name,
		      struct smb3_account *ret_account)
{
	size_t count;
	const struct smb3_provide *const *rows = smb3_rows(server, SMB3_KIND_ACCOUNTS, &count);

	for (size_t i = 0; i < count; i++) {
		const struct smb3_accounts *store = rows[i]->row;
		int err;

		if (!store->find)
			continue;
		err = store->find(smb3_module_of(server, store), name, ret_account);
		/* A store that fails hides its accounts from nobody: another store's account of
		 * that name must not take the place. */
		if (err != -ENOENT)
			return err;
	}
	return -ENOENT;
}

int smb3_account_guest(struct smb3_server *server, const char *claimed, bool anonymous,
		       struct smb3_identity **ret_identity)
{
	size_t count;
	const struct smb3_provide *const *rows = smb3_rows(server, SMB3_KIND_ACCOUNTS, &count);

	for (size_t i = 0; i < count; i++) {
		const struct smb3_accounts *store = rows[i]->row;

		if (store->guest && store->guest(smb3_module_of(server, store), claimed, anonymous,
						 ret_identity) == 0)
			return 0;
	}
	return -EACCES;
}

static void logon_begin(struct smb3_auth *auth, const struct smb3_auth_mech *mech)
{
	auth->mech = mech;
	auth->state = smb3_arena_alloc(auth->arena, mech->state_size);
}

struct smb3_auth *smb3_auth_new(struct smb3_server *server, const char *peer_name,
				const uint8_t *token, size_t len)
{
	size_t count;
	const struct smb3_provide *const *rows = smb3_rows(server, SMB3_KIND_AUTH, &count);

	for (size_t i = 0; i < count; i++) {
		const struct smb3_auth_mech *mech = rows[i]->row;
		struct logon *l;

		if (!mech->match || !mech->match(token, len))
			continue;
		l = smb3_alloc(sizeof(*l));
		l->auth.server = server;
		l->auth.arena = smb3_arena_new();
		snprintf(l->auth.peer_name, sizeof(l->auth.peer_name), "%s", peer_name);
		logon_begin(&l->auth, mech);
		return &l->auth;
	}
	return NULL;
}

struct smb3_auth *smb3_auth_new_mech(struct smb3_auth *outer, const struct smb3_auth_mech *mech)
{
	struct logon *l = smb3_arena_alloc(outer->arena, sizeof(*l));

	l->nested = true;
	l->auth.server = outer->server;
	l->auth.arena = outer->arena;
	l->auth.tls = outer->tls;
	memcpy(l->auth.peer_name, outer->peer_name, sizeof(l->auth.peer_name));
	logon_begin(&l->auth, mech);
	return &l->auth;
}

void smb3_auth_free(struct smb3_auth *auth)
{
	struct logon *l = SMB3_CONTAINER(auth, struct logon, auth);

	if (!auth)
		return;
	if (auth->mech->done)
		auth->mech->done(auth);
	smb3_identity_unref(auth->identity);
	if (l->nested) {
		smb3_wipe(l, sizeof(*l));
		return;
	}
	smb3_arena_free(auth->arena);
	smb3_wipe(l, sizeof(*l));
	free(l);
}
