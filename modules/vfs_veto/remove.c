// SPDX-License-Identifier: Apache-2.0
/*
 * remove.c: removing a folder in which only vetoed names are left. For clients it is empty; with
 * delete_veto_files these names go with it, and what is below a vetoed folder, too.
 */
#include "veto.h"

#include <errno.h>
#include <stdlib.h>

#define REMOVE_BATCH 64
#define REMOVE_DEPTH 64 /* folders in one another */

struct batch {
	struct smb3_vfs *self;
	bool all;  /* inside a vetoed folder: every name goes */
	bool kept; /* there is a name that stays */
	size_t n;
	char *names[REMOVE_BATCH];
};

static bool batch_add(void *arg, const struct smb3_dirent *entry)
{
	struct batch *b = arg;

	if (b->n == REMOVE_BATCH)
		return false;
	if (!b->all && !vetoed(b->self, entry->name)) {
		b->kept = true;
		return false;
	}
	b->names[b->n++] = smb3_strdup(entry->name);
	return true;
}

static int remove_tree(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		       const char *name, unsigned int depth);

static int batch_remove(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
			struct batch *b, unsigned int depth)
{
	int err = b->kept ? -ENOTEMPTY : 0;

	for (size_t i = 0; i < b->n; i++) {
		if (!err)
			err = remove_tree(self, ctx, dir, b->names[i], depth);
		free(b->names[i]);
	}
	return err;
}

/* Until there is nothing left to read: removing entries may move the others. */
static int empty_folder(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			unsigned int depth)
{
	int err;
	size_t found;

	do {
		struct batch b = { .self = self, .all = depth > 0 };
		uint64_t cookie = 0;

		err = smb3_vfs_readdir(self->next, ctx, h, &cookie, batch_add, &b);
		found = b.n;
		if (err < 0)
			b.kept = true;
		err = batch_remove(self, ctx, h, &b, depth + 1);
	} while (!err && found);
	return err;
}

static int empty_name(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		      const char *name, unsigned int depth)
{
	const struct smb3_how how = { .flags = SMB3_O_READ | SMB3_O_DIRECTORY | SMB3_O_NOFOLLOW };
	struct smb3_handle *h = smb3_handle_new(dir->mount);
	int err = depth > REMOVE_DEPTH ? -ENOTEMPTY :
					 smb3_vfs_open(self->next, ctx, dir, name, &how, h);

	if (!err)
		err = empty_folder(self, ctx, h, depth);
	veto_close_below(self, h);
	return err;
}

static int remove_tree(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		       const char *name, unsigned int depth)
{
	int err = smb3_vfs_remove(self->next, ctx, dir, name, false);

	if (err != -EISDIR && err != -EPERM)
		return err;
	err = smb3_vfs_remove(self->next, ctx, dir, name, true);
	if (err != -ENOTEMPTY)
		return err;
	err = empty_name(self, ctx, dir, name, depth);
	return err ? err : smb3_vfs_remove(self->next, ctx, dir, name, true);
}

/* Nothing is removed before every name of the folder has been seen to be vetoed. */
static bool only_vetoed(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
			const char *name)
{
	const struct smb3_how how = { .flags = SMB3_O_READ | SMB3_O_DIRECTORY | SMB3_O_NOFOLLOW };
	struct smb3_handle *h = smb3_handle_new(dir->mount);
	struct batch b = { .self = self };
	uint64_t cookie = 0;
	int more = smb3_vfs_open(self->next, ctx, dir, name, &how, h) ? -1 : 1;

	while (more > 0 && !b.kept) {
		more = smb3_vfs_readdir(self->next, ctx, h, &cookie, batch_add, &b);
		while (b.n)
			free(b.names[--b.n]);
	}
	veto_close_below(self, h);
	return more == 0 && !b.kept;
}

int veto_remove(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		const char *name, bool directory)
{
	int err;

	if (vetoed(self, name))
		return -ENOENT;
	err = smb3_vfs_remove(self->next, ctx, dir, name, directory);
	if (err != -ENOTEMPTY || !veto_conf_of(self)->delete_veto_files ||
	    !only_vetoed(self, ctx, dir, name))
		return err;
	err = empty_name(self, ctx, dir, name, 0);
	return err ? err : smb3_vfs_remove(self->next, ctx, dir, name, directory);
}
