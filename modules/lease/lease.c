// SPDX-License-Identifier: Apache-2.0
/*
 * lease.c: the module: what may be configured, and where it is asked.
 */
#include "lease.h"

#include <stdlib.h>

static int lease_init(struct smb3_mod *mod)
{
	struct lease_worker *workers = smb3_alloc(SMB3_WORKERS_MAX * sizeof(*workers));

	for (unsigned int i = 0; i < SMB3_WORKERS_MAX; i++)
		smb3_list_init(&workers[i].breaking);
	mod->data = workers;
	return 0;
}

static void lease_fini(struct smb3_mod *mod)
{
	free(mod->data);
}

static const struct smb3_option lease_options[] = {
	{ .name = "oplocks",
	  .type = SMB3_OPT_BOOL,
	  .scope = SMB3_GLOBAL | SMB3_SHARE,
	  .offset = offsetof(struct lease_conf, oplocks),
	  .value = "true",
	  .help = "Clients may keep contents in their own memory while nobody else has the file "
		  "open. Set it to false for folders that programs on the server change as well." },
	{ .name = "break_time",
	  .type = SMB3_OPT_TIME,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct lease_conf, break_time),
	  .value = "35s",
	  .min = 1000,
	  .max = 600000,
	  .help = "A client that was asked to give an oplock back has this time to write what it "
		  "holds; then it has lost it." },
	SMB3_OPTION_END,
};

static const struct smb3_hook conflict_hook = {
	.point = SMB3_HOOK_OPEN_CONFLICT, .order = 500, .name = "lease", .run = oplock_conflict
};
static const struct smb3_hook opened_hook = {
	.point = SMB3_HOOK_OPENED, .order = 500, .name = "lease", .run = oplock_opened
};
static const struct smb3_hook closing_hook = {
	.point = SMB3_HOOK_CLOSING, .order = 500, .name = "lease", .run = oplock_closing
};
static const struct smb3_hook io_hook = {
	.point = SMB3_HOOK_IO, .order = 600, .name = "lease", .run = oplock_io
};
static const struct smb3_hook changed_hook = {
	.point = SMB3_HOOK_CHANGED, .order = 500, .name = "lease", .run = oplock_changed
};
static const struct smb3_hook tick_hook = {
	.point = SMB3_HOOK_TICK, .order = 500, .name = "lease", .run = break_tick
};

static const struct smb3_provide lease_provides[] = {
	SMB3_COMMAND(SMB2_OPLOCK_BREAK, &break_command),
	SMB3_SLOT(&oplock_slot),
	SMB3_HOOK(&conflict_hook),
	SMB3_HOOK(&opened_hook),
	SMB3_HOOK(&closing_hook),
	SMB3_HOOK(&io_hook),
	SMB3_HOOK(&changed_hook),
	SMB3_HOOK(&tick_hook),
	SMB3_END,
};

SMB3_MODULE(lease, .summary = "oplocks: clients may cache, and are told when they must not",
	    .options = lease_options, .conf_size = sizeof(struct lease_conf),
	    .provides = lease_provides, .init = lease_init, .fini = lease_fini);
