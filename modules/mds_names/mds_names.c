// SPDX-License-Identifier: Apache-2.0
/*
 * mds_names.c: module mds_names: finds files by their names, sizes and times, for clients of macOS
 * that search a share. There is no index: each search goes through the folders.
 */
#include "names.h"

#include <errno.h>

static int names_start(struct smb3_mod *mod, const struct smb3_query *q, void **ret_state)
{
	struct smb3_arena *arena = smb3_arena_new();
	struct walk *w = smb3_arena_alloc(arena, sizeof(*w));

	w->arena = arena;
	w->where = cond_of(arena, q->where);
	if (!w->where) {
		smb3_arena_free(arena);
		return -EOPNOTSUPP;
	}
	*ret_state = w;
	return 0;
}

static int names_more(struct smb3_mod *mod, const struct smb3_query *q, void *state,
		      smb3_found_fn found, void *arg)
{
	const struct names_conf *conf = atomic_load(&mod->conf);

	return walk_more(state, q, conf->entries, found, arg);
}

static void names_end(struct smb3_mod *mod, void *state)
{
	struct walk *w = state;

	walk_end(w);
	smb3_arena_free(w->arena);
}

static const struct smb3_spotlight names = {
	.name = "mds_names",
	.start = names_start,
	.more = names_more,
	.end = names_end,
};

static const struct smb3_option options[] = {
	{ .name = "entries",
	  .type = SMB3_OPT_INT,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct names_conf, entries),
	  .value = "20000",
	  .min = 1,
	  .max = 100000000,
	  .help = "Names that are looked at before others get their turn." },
	SMB3_OPTION_END,
};

static const struct smb3_provide provides[] = { SMB3_SPOTLIGHT(&names), SMB3_END };
static const char *const wants[] = { "rpc_mdssvc", NULL };

SMB3_MODULE(mds_names, .summary = "finds files by name for macOS", .wants = wants,
	    .options = options, .conf_size = sizeof(struct names_conf), .provides = provides);
