// SPDX-License-Identifier: Apache-2.0
/*
 * guest.c: whom strangers become. Both doors are shut by default: unknown users and anonymous
 * log-ons are refused unless smb3.conf opens them, and shares decide on top (guest = true).
 */
#include <errno.h>
#include <smb3/smb3.h>
#include <string.h>

struct guest_conf {
	const char *user;
	bool map_unknown, anonymous;
};

static int guest_guest(struct smb3_mod *mod, const char *claimed, bool anonymous,
		       struct smb3_identity **ret_identity)
{
	const struct guest_conf *conf = mod->conf;
	struct smb3_identity *id;
	int err;

	if (anonymous ? !conf->anonymous : !conf->map_unknown)
		return -EACCES;
	err = smb3_identity_new(mod->server, anonymous ? "ANONYMOUS LOGON" : "guest", "",
				conf->user, &id);
	if (err) {
		smb3_log(SMB3_LOG_ERROR, "guest: the Unix user \"%s\" cannot be looked up: %s",
			 conf->user, strerror(-err));
		return -EACCES;
	}
	id->guest = !anonymous;
	id->anonymous = anonymous;
	*ret_identity = id;
	return 0;
}

/* An open door with nobody behind it should be told at the start, not at the first guest. */
static int guest_check(struct smb3_server *server, const struct guest_conf *conf)
{
	struct smb3_identity *id;
	int err;

	if (!conf->map_unknown && !conf->anonymous)
		return 0;
	err = smb3_identity_new(server, "guest", "", conf->user, &id);
	if (err == -ENOENT)
		smb3_log(SMB3_LOG_ERROR,
			 "guest: there is no Unix user \"%s\" for guests to act as; make one "
			 "(useradd), or name another in guest.user",
			 conf->user);
	else if (err < 0)
		smb3_log(SMB3_LOG_ERROR, "guest: the Unix user \"%s\" cannot be looked up: %s",
			 conf->user, strerror(-err));
	else
		smb3_identity_unref(id);
	return err;
}

static int guest_init(struct smb3_mod *mod)
{
	return guest_check(mod->server, mod->conf);
}

static int guest_reload(struct smb3_mod *mod, const void *new_conf)
{
	return guest_check(mod->server, new_conf);
}

static const struct smb3_accounts guest_accounts = {
	.name = "guest",
	.guest = guest_guest,
};

static const struct smb3_option guest_options[] = {
	{ .name = "user",
	  .type = SMB3_OPT_STRING,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct guest_conf, user),
	  .value = "nobody",
	  .help = "The Unix user that guests and anonymous users act as." },
	{ .name = "map_unknown",
	  .type = SMB3_OPT_BOOL,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct guest_conf, map_unknown),
	  .value = "false",
	  .help = "Users that no store knows become guests, whatever their password. A known user "
		  "with a wrong password never does." },
	{ .name = "anonymous",
	  .type = SMB3_OPT_BOOL,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct guest_conf, anonymous),
	  .value = "false",
	  .help = "Log-ons without a user name are taken." },
	SMB3_OPTION_END,
};

static const struct smb3_provide guest_provides[] = {
	SMB3_ACCOUNTS(&guest_accounts),
	SMB3_END,
};

SMB3_MODULE(guest, .summary = "guests and anonymous users", .options = guest_options,
	    .conf_size = sizeof(struct guest_conf), .provides = guest_provides, .init = guest_init,
	    .reload = guest_reload);
