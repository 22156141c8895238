// SPDX-License-Identifier: Apache-2.0
/*
 * folder.c: names in folders. The mutex is held where there is an m.
 */
#include "mem.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

int mem_check_name(struct smb3_vfs *self, struct smb3_handle *dir, const char *name)
{
	if (!*name || !strcmp(name, ".") || !strcmp(name, "..") || strpbrk(name, "/\\"))
		return -EINVAL;
	return S_ISDIR(mem_of(self, dir)->st.mode) ? 0 : -ENOTDIR;
}

int mem_create(struct mem_mount *m, const struct smb3_ctx *ctx, struct mem_node *dir,
	       const char *name, uint32_t mode, struct mem_node **ret_node)
{
	struct mem_node *node;
	int err;

	if (!dir->st.links)
		return -ENOENT; /* a folder that was removed */
	node = mem_node_new(m, ctx, mode);
	if (!node)
		return -ENOSPC;
	err = mem_add(m, &dir->entries, name, node);
	if (!err) {
		mem_touch(dir);
		*ret_node = node;
	}
	mem_node_unref(m, node);
	return err;
}

/* "file" or "file:stream" in a folder: the list that has it, and the entry there. */
static struct mem_entry *mem_look(struct mem_node *dir, const char *name,
				  struct mem_list **ret_list)
{
	const char *colon = strchr(name, ':');
	struct mem_entry *entry;
	char *base;

	*ret_list = &dir->entries;
	if (!colon)
		return mem_find(&dir->entries, name, false);
	base = smb3_strdup(name);
	base[colon - name] = '\0';
	entry = mem_find(&dir->entries, base, false);
	free(base);
	if (!entry)
		return NULL;
	*ret_list = &entry->node->streams;
	return mem_find(*ret_list, colon + 1, false);
}

int mem_lookup(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
	       const char *name, struct smb3_stat *ret_stat)
{
	struct mem_mount *m = mem_lock(self);
	int err = mem_check_name(self, dir, name);
	struct mem_list *list;
	const struct mem_entry *entry = err ? NULL : mem_look(mem_of(self, dir), name, &list);

	if (entry)
		mem_fill(entry->node, entry->node, ret_stat);
	else if (!err)
		err = -ENOENT;
	mem_unlock(m);
	return err;
}

/* emit runs without the mutex: it may well ask for what it is shown. */
int mem_readdir(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		uint64_t *cookie, smb3_emit_fn emit, void *arg)
{
	for (;;) {
		struct mem_mount *m = mem_lock(self);
		const struct mem_entry *entry = mem_after(&mem_of(self, h)->entries, *cookie);
		struct smb3_dirent out;
		bool taken;
		char *name;

		if (!entry) {
			mem_unlock(m);
			return 0;
		}
		name = smb3_strdup(entry->name);
		out = (struct smb3_dirent){ .name = name,
					    .ino = entry->node->st.ino,
					    .type = IFTODT(entry->node->st.mode),
					    .cookie = entry->cookie };
		mem_unlock(m);
		taken = emit(arg, &out);
		free(name);
		if (!taken)
			return 1;
		*cookie = out.cookie;
	}
}

static int mem_removable(const struct mem_node *node, bool directory)
{
	if (S_ISDIR(node->st.mode) != directory)
		return directory ? -ENOTDIR : -EISDIR;
	return node->entries.count ? -ENOTEMPTY : 0;
}

int mem_remove(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
	       const char *name, bool directory)
{
	struct mem_mount *m = mem_lock(self);
	struct mem_node *at = mem_of(self, dir);
	int err = mem_check_name(self, dir, name);
	struct mem_list *list;
	struct mem_entry *entry = err ? NULL : mem_look(at, name, &list);

	if (!err)
		err = entry ? mem_removable(entry->node, directory) : -ENOENT;
	if (!err) {
		mem_drop(m, list, entry);
		mem_touch(at);
	}
	mem_unlock(m);
	return err;
}

static bool mem_is_below(const struct mem_node *node, const struct mem_node *top)
{
	for (size_t i = 0; i < top->entries.count; i++)
		if (top->entries.entry[i].node == node ||
		    mem_is_below(node, top->entries.entry[i].node))
			return true;
	return node == top;
}

/* The way is free when the name is not there, is the entry itself, or may be replaced. */
static int mem_clear(struct mem_mount *m, struct mem_node *to, const char *name,
		     const struct mem_node *node, uint32_t flags)
{
	struct mem_entry *old = mem_find(&to->entries, name, false);
	int err;

	if (!old)
		return 0;
	if (!(flags & SMB3_RENAME_REPLACE))
		return -EEXIST;
	err = mem_removable(old->node, S_ISDIR(node->st.mode));
	if (!err)
		mem_drop(m, &to->entries, old);
	return err;
}

static int mem_move(struct mem_mount *m, struct mem_node *from, const char *name,
		    struct mem_node *to, const char *to_name, uint32_t flags)
{
	struct mem_entry *entry = mem_find(&from->entries, name, false);
	struct mem_node *node;
	int err;

	if (!entry)
		return -ENOENT;
	node = entry->node;
	if (from == to && smb3_name_equal(name, to_name)) {
		free(entry->name);
		entry->name = smb3_strdup(to_name);
		return 0;
	}
	if (mem_is_below(to, node))
		return -EINVAL;
	err = to->st.links ? mem_clear(m, to, to_name, node, flags) : -ENOENT;
	if (!err)
		err = mem_add(m, &to->entries, to_name, node);
	if (err)
		return err;
	mem_drop(m, &from->entries, mem_find(&from->entries, name, false));
	mem_touch(from);
	mem_touch(to);
	return 0;
}

int mem_rename(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
	       const char *name, struct smb3_handle *to_dir, const char *to_name, uint32_t flags)
{
	struct mem_mount *m = mem_lock(self);
	int err = mem_check_name(self, dir, name);

	if (!err)
		err = mem_check_name(self, to_dir, to_name);
	if (!err)
		err = mem_move(m, mem_of(self, dir), name, mem_of(self, to_dir), to_name, flags);
	mem_unlock(m);
	return err;
}

int mem_link(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
	     struct smb3_handle *to_dir, const char *to_name)
{
	struct mem_mount *m = mem_lock(self);
	struct mem_node *node = mem_of(self, h), *to = mem_of(self, to_dir);
	int err = mem_check_name(self, to_dir, to_name);

	if (!err && S_ISDIR(node->st.mode))
		err = -EPERM;
	if (!err)
		err = to->st.links && node->st.links ? mem_add(m, &to->entries, to_name, node) :
						       -ENOENT;
	mem_unlock(m);
	return err;
}

int mem_make(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
	     const char *name, uint32_t mode, uint64_t rdev, const char *target)
{
	struct mem_mount *m = mem_lock(self);
	struct mem_node *node;
	int err = mem_check_name(self, dir, name);

	if (target)
		mode = S_IFLNK | 0777;
	if (!err)
		err = mem_create(m, ctx, mem_of(self, dir), name, mode, &node);
	if (!err) {
		node->st.attributes = mem_attributes(mode, 0);
		node->st.rdev = rdev;
		if (target) {
			node->target = smb3_strdup(target);
			node->st.size = strlen(target);
		}
	}
	mem_unlock(m);
	return err;
}

ssize_t mem_readlink(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		     char *buf, size_t size)
{
	const char *target = mem_of(self, h)->target; /* never changes */
	size_t len = target ? strlen(target) : 0;

	if (!target)
		return -EINVAL;
	if (len > size)
		return -ERANGE;
	memcpy(buf, target, len);
	return (ssize_t)len;
}
