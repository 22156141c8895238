// SPDX-License-Identifier: Apache-2.0
/*
 * folders.c: the directories that the kernel watches, as far as their place in a tree is known.
 * The kernel's watches are of directories and not of trees; a tree is as many of them as it has
 * folders, up to notify.folders.
 */
#include "kernel.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint32_t mask_of_filter(uint32_t filter, bool tree)
{
	const uint32_t names = FILE_NOTIFY_CHANGE_FILE_NAME | FILE_NOTIFY_CHANGE_DIR_NAME;
	const uint32_t contents = FILE_NOTIFY_CHANGE_SIZE | FILE_NOTIFY_CHANGE_LAST_WRITE;
	const uint32_t facts = FILE_NOTIFY_CHANGE_ATTRIBUTES | FILE_NOTIFY_CHANGE_LAST_WRITE |
			       FILE_NOTIFY_CHANGE_LAST_ACCESS | FILE_NOTIFY_CHANGE_CREATION |
			       FILE_NOTIFY_CHANGE_EA | FILE_NOTIFY_CHANGE_SECURITY;
	uint32_t mask = 0;

	if (filter & names || tree)
		mask |= IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO;
	if (filter & contents)
		mask |= IN_MODIFY;
	if (filter & facts)
		mask |= IN_ATTRIB;
	return mask;
}

static uint64_t folder_key(const struct folder *parent, const char *name)
{
	return smb3_name_hash(name) ^ (uint64_t)(uint32_t)parent->wd * 0x9E3779B97F4A7C15ull;
}

struct folder *folder_find(struct kernel *k, int wd)
{
	struct smb3_hash_node *n = smb3_hash_find(&k->by_wd, (uint64_t)(uint32_t)wd);

	return n ? SMB3_CONTAINER(n, struct folder, by_wd) : NULL;
}

struct folder *folder_child(struct kernel *k, const struct folder *parent, const char *name)
{
	struct smb3_hash_node *n = smb3_hash_find(&k->by_name, folder_key(parent, name));

	for (; n; n = smb3_hash_next_same(n)) {
		struct folder *f = SMB3_CONTAINER(n, struct folder, by_name);

		if (f->parent == parent && smb3_name_equal(f->name, name))
			return f;
	}
	return NULL;
}

static bool has_tree(const struct folder *f)
{
	SMB3_LIST_EACH(&f->watches, node)
		if (SMB3_CONTAINER(node, struct watch, folder_link)->tree)
			return true;
	return false;
}

uint32_t folder_tree_mask(const struct folder *f)
{
	uint32_t mask = 0;

	for (; f; f = f->parent)
		SMB3_LIST_EACH(&f->watches, node) {
			const struct watch *w = SMB3_CONTAINER(node, struct watch, folder_link);

			if (w->tree)
				mask |= mask_of_filter(w->filter, true);
		}
	return mask;
}

struct watch *folder_tree_watch(const struct folder *f)
{
	for (; f; f = f->parent)
		SMB3_LIST_EACH(&f->watches, node) {
			struct watch *w = SMB3_CONTAINER(node, struct watch, folder_link);

			if (w->tree)
				return w;
		}
	return NULL;
}

char *folder_client_name(const struct folder *f, const char *disk)
{
	const struct watch *w = folder_tree_watch(f);

	return w ? smb3_vfs_client_name(w->mount->top, disk) : smb3_strdup(disk);
}

/* Said once: what is changed there by others is not told. */
static void say_full(struct kernel *k, const char *what)
{
	if (!k->said_full)
		smb3_log(SMB3_LOG_WARNING,
			 "notify: %s is reached: changes that others make in more folders are not "
			 "told",
			 what);
	k->said_full = k->full = true;
}

static struct folder *folder_new(struct kernel *k, int wd, uint32_t mask)
{
	struct folder *f = smb3_alloc(sizeof(*f));

	f->wd = wd;
	f->mask = mask;
	f->name = smb3_strdup("");
	smb3_list_init(&f->sibling);
	smb3_list_init(&f->children);
	smb3_list_init(&f->watches);
	smb3_hash_add(&k->by_wd, &f->by_wd, (uint64_t)(uint32_t)wd);
	k->n_folders++;
	return f;
}

struct folder *folder_add(struct kernel *k, int fd, uint32_t mask)
{
	char path[32];
	struct folder *f;
	int wd;

	if (k->fd < 0)
		return NULL;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	wd = inotify_add_watch(k->fd, path, mask | IN_ONLYDIR | IN_MASK_ADD | IN_EXCL_UNLINK);
	if (wd < 0) {
		if (errno == ENOSPC)
			say_full(k, "fs.inotify.max_user_watches");
		return NULL;
	}
	f = folder_find(k, wd);
	if (f) {
		f->mask |= mask;
		return f;
	}
	if (k->n_folders >= notify_conf(k->notify, NULL)->folders) {
		say_full(k, "notify.folders");
		inotify_rm_watch(k->fd, wd);
		return NULL;
	}
	return folder_new(k, wd, mask);
}

void folder_attach(struct kernel *k, struct folder *f, struct folder *parent, const char *name)
{
	for (const struct folder *p = parent; p; p = p->parent)
		if (p == f)
			return; /* it has just been moved, and news of that is under way */
	folder_detach(k, f);
	free(f->name);
	f->name = smb3_strdup(name);
	f->parent = parent;
	smb3_list_add(&parent->children, &f->sibling);
	smb3_hash_add(&k->by_name, &f->by_name, folder_key(parent, name));
}

void folder_detach(struct kernel *k, struct folder *f)
{
	smb3_list_remove(&f->sibling);
	f->moving = 0;
	if (!f->parent)
		return;
	smb3_hash_remove(&k->by_name, &f->by_name);
	f->parent = NULL;
}

static void folder_free(struct kernel *k, struct folder *f)
{
	folder_detach(k, f);
	smb3_hash_remove(&k->by_wd, &f->by_wd);
	k->n_folders--;
	k->full = false;
	free(f->name);
	free(f);
}

void folder_settle(struct kernel *k, struct folder *f)
{
	if (folder_tree_mask(f->parent))
		return;
	if (!has_tree(f))
		while (!smb3_list_empty(&f->children)) {
			struct folder *child =
				SMB3_CONTAINER(f->children.next, struct folder, sibling);

			folder_detach(k, child);
			folder_settle(k, child);
		}
	if (!smb3_list_empty(&f->watches))
		return;
	inotify_rm_watch(k->fd, f->wd);
	folder_free(k, f);
}

void folder_gone(struct kernel *k, struct folder *f)
{
	while (!smb3_list_empty(&f->children)) {
		struct folder *child = SMB3_CONTAINER(f->children.next, struct folder, sibling);

		folder_detach(k, child);
		folder_settle(k, child);
	}
	SMB3_LIST_EACH(&f->watches, node) {
		struct watch *w = SMB3_CONTAINER(node, struct watch, folder_link);

		smb3_list_remove(node);
		w->folder = NULL;
	}
	folder_free(k, f);
}
