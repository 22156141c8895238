// SPDX-License-Identifier: Apache-2.0
/*
 * sam.c: module sam: accounts and groups of this machine, as remote procedures ask for them.
 */
#include "sam.h"

#include <stdlib.h>

struct sam *sam_of(const struct smb3_rpc_asking *asking, const struct smb3_rpc_question *question)
{
	return smb3_module_of(asking->server, question)->data;
}

static int sam_init(struct smb3_mod *mod)
{
	struct sam *sam = smb3_alloc(sizeof(*sam));

	sam->mod = mod;
	pthread_mutex_init(&sam->change, NULL);
	pthread_mutex_init(&sam->groups, NULL);
	sam->crypto = sam_crypto_new();
	if (!sam->crypto)
		smb3_log(SMB3_LOG_WARNING,
			 "sam: OpenSSL's legacy provider, which has MD4 and RC4, cannot be loaded: "
			 "clients cannot change passwords");
	mod->data = sam;
	return 0;
}

static void sam_fini(struct smb3_mod *mod)
{
	struct sam *sam = mod->data;

	sam_crypto_free(sam->crypto);
	pthread_mutex_destroy(&sam->change);
	pthread_mutex_destroy(&sam->groups);
	free(sam);
	mod->data = NULL;
}

#define OPTION(opt, kind, def, lo, hi, text)                                                  \
	{                                                                                     \
		.name = #opt, .type = kind, .scope = SMB3_GLOBAL,                             \
		.offset = offsetof(struct sam_conf, opt), .value = def, .min = lo, .max = hi, \
		.help = text                                                                  \
	}

static const struct smb3_option sam_options[] = {
	OPTION(guests, SMB3_OPT_BOOL, "false", 0, 0,
	       "Guests may list accounts and groups, as other users may."),
	OPTION(first_group, SMB3_OPT_INT, "1000", 0, 0xffffffffll,
	       "Unix groups below that number are not in lists."),
	OPTION(password_length, SMB3_OPT_INT, "0", 0, 256,
	       "Characters that a password must have which a client sets or changes."),
	OPTION(rounds, SMB3_OPT_INT, "1000000", 5000, 1000000,
	       "Rounds of PBKDF2 that a client may ask for when it changes a password (AES): they are "
	       "the server's to compute, so those with more than 100000 do not go side by side. "
	       "Samba's clients ask for any number up to a million."),
	OPTION(unix_user, SMB3_OPT_STRING, "", 0, 0,
	       "The Unix user that accounts act as which administrators make with their clients. When "
	       "empty, the one of the same name, which must be there."),
	SMB3_OPTION_END,
};

static const struct smb3_provide sam_provides[] = {
	SMB3_ASK(SMB3_ASK_SIDS, &sam_sids),
	SMB3_ASK(SMB3_ASK_NAMES, &sam_names),
	SMB3_ASK(SMB3_ASK_ACCOUNTS, &sam_accounts),
	SMB3_ASK(SMB3_ASK_ACCOUNT, &sam_account),
	SMB3_ASK(SMB3_ASK_GROUPS, &sam_groups),
	SMB3_ASK(SMB3_ASK_MEMBERS, &sam_members),
	SMB3_ASK(SMB3_ASK_GROUPS_OF, &sam_groups_of),
	SMB3_ASK(SMB3_ASK_GROUP, &sam_group),
	SMB3_ASK(SMB3_ASK_CHANGE_GROUP, &sam_change_group),
	SMB3_ASK(SMB3_ASK_RULES, &sam_rules),
	SMB3_ASK(SMB3_ASK_CREATE_ACCOUNT, &sam_create),
	SMB3_ASK(SMB3_ASK_DELETE_ACCOUNT, &sam_delete),
	SMB3_ASK(SMB3_ASK_CHANGE_ACCOUNT, &sam_change),
	SMB3_ASK(SMB3_ASK_SET_PASSWORD, &sam_set_password),
	SMB3_ASK(SMB3_ASK_NEW_PASSWORD, &sam_new_password),
	SMB3_END,
};

static const char *const sam_needs[] = { "rpc", NULL };

SMB3_MODULE(sam, .summary = "accounts and groups, for remote procedures that ask for them",
	    .needs = sam_needs, .options = sam_options, .conf_size = sizeof(struct sam_conf),
	    .provides = sam_provides, .init = sam_init, .fini = sam_fini);
