// SPDX-License-Identifier: Apache-2.0
/*
 * acl.c: module acl: Windows security descriptors.
 */
#include "acl.h"

#include <stdlib.h>

static const struct smb3_option acl_options[] = {
	{ .name = "enabled",
	  .type = SMB3_OPT_BOOL,
	  .scope = SMB3_SHARE,
	  .offset = offsetof(struct acl_conf, enabled),
	  .value = "true",
	  .help = "Windows ACLs are kept and decide; otherwise permission bits alone do." },
	{ .name = "xattr",
	  .type = SMB3_OPT_STRING,
	  .scope = SMB3_SHARE,
	  .offset = offsetof(struct acl_conf, xattr),
	  .value = "",
	  .help = "The extended attribute that keeps them. Empty: security.NTACL when the server "
		  "can act as other users, else user.NTACL." },
	{ .name = "keep_inherited_flags",
	  .type = SMB3_OPT_BOOL,
	  .scope = SMB3_SHARE,
	  .offset = offsetof(struct acl_conf, keep_inherited_flags),
	  .value = "false",
	  .help = "The auto-inherited flag of a list stays as the client sets it, also without the "
		  "request for it that Windows wants to see." },
	{ .name = "map_mode",
	  .type = SMB3_OPT_BOOL,
	  .scope = SMB3_SHARE,
	  .offset = offsetof(struct acl_conf, map_mode),
	  .value = "true",
	  .help = "Permission bits follow the ACL, as far as they can say the same." },
	SMB3_OPTION_END,
};

static int acl_init(struct smb3_mod *mod)
{
	struct acl_state *state = smb3_alloc(sizeof(*state));

	state->server = mod->server;
	state->machine = acl_sid_machine(smb3_server_guid(mod->server));
	state->can_switch = smb3_server_can_switch(mod->server);
	state->default_xattr = state->can_switch ? "security.NTACL" : "user.NTACL";
	mod->data = state;
	return 0;
}

static void acl_fini(struct smb3_mod *mod)
{
	free(mod->data);
}

static const struct smb3_provide acl_provides[] = {
	SMB3_VFS(&acl_vfs),          SMB3_INFO(SMB2_0_INFO_SECURITY, 0, &acl_security),
	SMB3_CREATECTX(&acl_secd),   SMB3_HOOK(&acl_access_hook),
	SMB3_HOOK(&acl_entry_hook),  SMB3_HOOK(&acl_made_hook),
	SMB3_SLOT(&acl_making_slot), SMB3_END,
};

SMB3_MODULE(acl, .summary = "keeps Windows ACLs and decides by them", .options = acl_options,
	    .conf_size = sizeof(struct acl_conf), .provides = acl_provides, .init = acl_init,
	    .fini = acl_fini);
