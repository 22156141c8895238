// SPDX-License-Identifier: Apache-2.0
/*
 * lsa.c: module lsa: rights of accounts, and secrets, which administrators keep here with their clients.
 */
#include "lsa.h"

#include <errno.h>
#include <stdlib.h>

static char *file_name(const struct smb3_mod *mod, const char *name)
{
	const char *dir = smb3_server_conf(mod->server)->state_dir;
	size_t size = strlen(dir) + strlen(name) + 2;
	char *path = smb3_alloc(size);

	snprintf(path, size, "%s/%s", dir, name);
	return path;
}

static void lsa_fini(struct smb3_mod *mod)
{
	struct lsa *lsa = mod->data;

	lsa_cipher_free(lsa->cipher);
	smb3_arena_free(lsa->arena);
	pthread_mutex_destroy(&lsa->lock);
	free(lsa->rights_file);
	free(lsa->secrets_file);
	free(lsa);
	mod->data = NULL;
}

static int lsa_init(struct smb3_mod *mod)
{
	struct lsa *lsa = smb3_alloc(sizeof(*lsa));
	int err;

	lsa->mod = mod;
	pthread_mutex_init(&lsa->lock, NULL);
	lsa->rights_file = file_name(mod, "rights");
	lsa->secrets_file = file_name(mod, "secrets");
	lsa->cipher = lsa_cipher_new();
	mod->data = lsa;
	err = lsa_rights_load(lsa);
	if (!err && lsa_conf(lsa)->secrets)
		err = lsa_secrets_check(lsa);
	if (!err && lsa_conf(lsa)->secrets && !lsa->cipher) {
		smb3_log(SMB3_LOG_ERROR, "lsa: OpenSSL offers no triple DES, without which secrets "
					 "cannot be had: set lsa.secrets to false");
		err = -ENOTSUP;
	}
	if (err)
		lsa_fini(mod);
	return err;
}

#define OPTION(opt, kind, def, lo, hi, text)                                                  \
	{                                                                                     \
		.name = #opt, .type = kind, .scope = SMB3_GLOBAL,                             \
		.offset = offsetof(struct lsa_conf, opt), .value = def, .min = lo, .max = hi, \
		.help = text                                                                  \
	}

static const struct smb3_option lsa_options[] = {
	OPTION(accounts_max, SMB3_OPT_INT, "1000", 0, 10000,
	       "How many accounts administrators may give rights to with their clients."),
	OPTION(secrets, SMB3_OPT_BOOL, "false", 0, 0,
	       "Administrators may keep secrets here, and read them again. They stand in the file "
	       "secrets in server.state_dir, which only the server's user may read, and are not "
	       "encrypted there."),
	OPTION(secrets_max, SMB3_OPT_INT, "100", 0, 1000, "How many secrets there may be."),
	OPTION(secret_size, SMB3_OPT_SIZE, "4K", 1, 65536,
	       "How long the value of a secret may be; the one of before is kept, too."),
	SMB3_OPTION_END,
};

static const struct smb3_provide lsa_provides[] = {
	SMB3_HOOK(&lsa_access_hook),
	SMB3_ASK(SMB3_ASK_HOLDERS, &lsa_ask_holders),
	SMB3_ASK(SMB3_ASK_RIGHTS, &lsa_ask_rights),
	SMB3_ASK(SMB3_ASK_CHANGE_RIGHTS, &lsa_ask_change),
	SMB3_ASK(SMB3_ASK_MAKE_SECRET, &lsa_ask_secret_make),
	SMB3_ASK(SMB3_ASK_FIND_SECRET, &lsa_ask_secret_find),
	SMB3_ASK(SMB3_ASK_SET_SECRET, &lsa_ask_secret_set),
	SMB3_ASK(SMB3_ASK_GET_SECRET, &lsa_ask_secret_get),
	SMB3_ASK(SMB3_ASK_DELETE_SECRET, &lsa_ask_secret_delete),
	SMB3_END,
};

static const char *const lsa_needs[] = { "rpc", NULL };

SMB3_MODULE(lsa, .summary = "rights of accounts, and secrets, that administrators keep here",
	    .needs = lsa_needs, .options = lsa_options, .conf_size = sizeof(struct lsa_conf),
	    .provides = lsa_provides, .init = lsa_init, .fini = lsa_fini);
