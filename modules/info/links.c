// SPDX-License-Identifier: Apache-2.0
/*
 * links.c: the names of a file. [MS-FSCC] 2.4.16
 *
 * An inode does not know its names. Those that are found are the one that was opened, those under
 * which others have the file open, and all in the same folders as these. Names in other folders
 * stay unknown: FileStandardInformation tells that there are more.
 */
#include "info.h"

#include <sys/stat.h>

#define LINKS_HEADER 8  /* BytesNeeded, EntriesReturned */
#define LINK_HEADER  20 /* NextEntryOffset at a multiple of 8, ParentFileId, FileNameLength */

struct name_list {
	struct name {
		const char *parent, *leaf;
		uint64_t parent_ino;
		struct name *next;
	} * first, **end;
	uint32_t count;
};

struct link_scan {
	struct smb3_info_call *call;
	struct name_list *list;
	const char *parent;
	uint64_t parent_ino;
};

static bool name_known(const struct name_list *list, const char *parent, const char *leaf)
{
	for (const struct name *n = list->first; n; n = n->next)
		if (!strcmp(n->parent, parent) && !strcmp(n->leaf, leaf))
			return true;
	return false;
}

static void name_add(struct smb3_arena *a, struct name_list *list, const struct name *new)
{
	struct name *n = smb3_arena_alloc(a, sizeof(*n));

	*n = *new;
	n->next = NULL;
	*list->end = n;
	list->end = &n->next;
	list->count++;
}

static bool scan_entry(void *arg, const struct smb3_dirent *entry)
{
	struct link_scan *scan = arg;
	struct smb3_arena *a = scan->call->req->arena;
	struct name name = { .parent = scan->parent, .parent_ino = scan->parent_ino };

	if (entry->ino != scan->call->stat->ino ||
	    name_known(scan->list, scan->parent, entry->name))
		return true;
	name.leaf = smb3_arena_strdup(a, entry->name);
	name_add(a, scan->list, &name);
	return scan->list->count < scan->call->stat->links;
}

/* All names in one folder; the one that led here is there even when the folder cannot be read. */
static void scan_folder(struct smb3_info_call *call, struct name_list *list, const char *parent,
			const char *leaf)
{
	struct link_scan scan = { .call = call, .list = list, .parent = parent };
	struct smb3_handle *dir;
	struct smb3_stat st = { 0 };
	struct name name = { .parent = parent, .leaf = leaf };
	uint64_t cookie = 0;

	if (name_known(list, parent, leaf) || info_reach(call, parent, &dir))
		return;
	smb3_vfs_stat(dir->mount->top, &call->req->ctx, dir, &st);
	scan.parent_ino = name.parent_ino = st.ino;
	name_add(call->req->arena, list, &name);
	if (list->count < call->stat->links)
		smb3_vfs_readdir(dir->mount->top, &call->req->ctx, dir, &cookie, scan_entry, &scan);
	smb3_handle_free(dir);
}

/* Paths under which this share has the file open. */
static const char **open_paths(const struct smb3_info_call *call, size_t *ret_count)
{
	struct smb3_file *f = call->open->file;
	const char **paths;
	size_t count = 0;

	smb3_file_lock(f);
	paths = smb3_arena_alloc(call->req->arena, (f->n_opens + 1) * sizeof(*paths));
	SMB3_LIST_EACH(&f->opens, node) {
		const struct smb3_open *o = SMB3_CONTAINER(node, struct smb3_open, file_link);

		if (o->tree->share == call->req->tree->share && count < f->n_opens)
			paths[count++] = smb3_arena_strdup(call->req->arena, o->path);
	}
	smb3_file_unlock(f);
	*ret_count = count;
	return paths;
}

static void find_names(struct smb3_info_call *call, struct name_list *list)
{
	const char *parent, *leaf;
	size_t count;
	const char **paths = open_paths(call, &count);

	smb3_name_split(call->req->arena, info_path(call), &parent, &leaf);
	scan_folder(call, list, parent, leaf);
	for (size_t i = 0; i < count && list->count < call->stat->links; i++) {
		smb3_name_split(call->req->arena, paths[i], &parent, &leaf);
		scan_folder(call, list, parent, leaf);
	}
}

static size_t entry_size(const struct name *name)
{
	return (LINK_HEADER + smb3_utf16_size(name->leaf) + 7) & ~(size_t)7;
}

static void put_entry(struct smb3_builder *out, const struct name *name, bool more)
{
	smb3_put_u32(out, more ? (uint32_t)entry_size(name) : 0);
	smb3_put_u32(out, 0);
	smb3_put_u64(out, name->parent_ino);
	smb3_put_u32(out, (uint32_t)(smb3_utf16_size(name->leaf) / 2));
	smb3_put_utf16(out, name->leaf);
	if (more)
		smb3_put_align(out, 8);
}

/* As many whole entries as there is room for. */
static ntstatus query_hard_links(struct smb3_info_call *call)
{
	struct name_list list = { .end = &list.first };
	size_t needed = LINKS_HEADER;
	uint32_t returned = 0, i = 0;

	if (S_ISDIR(call->stat->mode) || strchr(info_path(call), ':'))
		call->stat->links = 1;
	find_names(call, &list);
	for (const struct name *n = list.first; n; n = n->next) {
		needed += entry_size(n);
		returned += needed <= call->max;
	}
	smb3_put_u32(call->out, (uint32_t)needed);
	smb3_put_u32(call->out, returned);
	for (const struct name *n = list.first; i < returned; n = n->next)
		put_entry(call->out, n, ++i < returned);
	return returned < list.count ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS;
}

const struct smb3_info info_hard_links = {
	.name = "FileHardLinkInformation",
	.min_out = LINKS_HEADER,
	.flags = SMB3_INFO_WANTS_STAT | SMB3_INFO_SLOW,
	.query_access = FILE_READ_ATTRIBUTES,
	.query = query_hard_links,
};
