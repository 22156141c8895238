// SPDX-License-Identifier: Apache-2.0
/*
 * tree.c: nodes, names and contents in memory.
 */
#include "mem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MEM_NAME_MAX 510 /* bytes of UTF-16 */

static bool mem_charge(struct mem_mount *m, uint64_t bytes)
{
	if (bytes > m->limit - m->used)
		return false;
	m->used += bytes;
	return true;
}

struct mem_node *mem_node_new(struct mem_mount *m, const struct smb3_ctx *ctx, uint32_t mode)
{
	struct mem_node *node;
	smb3_nttime now = smb3_now();

	if (!mem_charge(m, MEM_NODE_COST))
		return NULL;
	node = smb3_alloc(sizeof(*node));
	node->refs = 1;
	node->st = (struct smb3_stat){
		.dev = m->dev,
		.ino = ++m->last_ino,
		.mode = mode,
		.uid = ctx->who ? ctx->who->uid : geteuid(),
		.gid = ctx->who ? ctx->who->gid : getegid(),
		.created = now,
		.accessed = now,
		.written = now,
		.changed = now,
	};
	return node;
}

static void mem_list_free(struct mem_mount *m, struct mem_list *list)
{
	while (list->count)
		mem_drop(m, list, &list->entry[list->count - 1]);
	free(list->entry);
}

void mem_node_unref(struct mem_mount *m, struct mem_node *node)
{
	if (!node || --node->refs)
		return;
	mem_list_free(m, &node->entries);
	mem_list_free(m, &node->streams);
	mem_list_free(m, &node->xattrs);
	m->used -= MEM_NODE_COST + node->room;
	free(node->bytes);
	free(node->target);
	free(node);
}

struct mem_entry *mem_find(const struct mem_list *list, const char *name, bool exact)
{
	for (size_t i = 0; i < list->count; i++) {
		struct mem_entry *entry = &list->entry[i];

		if (exact ? !strcmp(entry->name, name) : smb3_name_equal(entry->name, name))
			return entry;
	}
	return NULL;
}

int mem_add(struct mem_mount *m, struct mem_list *list, const char *name, struct mem_node *node)
{
	if (smb3_utf16_size(name) > MEM_NAME_MAX)
		return -ENAMETOOLONG;
	if (mem_find(list, name, false))
		return -EEXIST;
	if (list->count == list->room) {
		list->room = list->room ? 2 * list->room : 8;
		list->entry = smb3_realloc(list->entry, list->room * sizeof(*list->entry));
	}
	list->entry[list->count++] = (struct mem_entry){ .name = smb3_strdup(name),
							 .node = node,
							 .cookie = ++m->last_cookie };
	node->refs++;
	node->st.links++;
	return 0;
}

void mem_drop(struct mem_mount *m, struct mem_list *list, struct mem_entry *entry)
{
	size_t after = list->count - (size_t)(entry - list->entry) - 1;
	struct mem_node *node = entry->node;

	free(entry->name);
	memmove(entry, entry + 1, after * sizeof(*entry));
	list->count--;
	node->st.links--;
	mem_node_unref(m, node);
}

const struct mem_entry *mem_after(const struct mem_list *list, uint64_t cookie)
{
	size_t low = 0, high = list->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (list->entry[middle].cookie <= cookie)
			low = middle + 1;
		else
			high = middle;
	}
	return low < list->count ? &list->entry[low] : NULL;
}

int mem_grow(struct mem_mount *m, struct mem_node *node, uint64_t end)
{
	size_t room;

	if (end > INT64_MAX)
		return -EFBIG;
	if (end <= node->room)
		return 0;
	if (end > m->limit)
		return -ENOSPC;
	/* By halves, so that writing piece by piece does not copy all of it each time. */
	room = end < node->room + node->room / 2 ? node->room + node->room / 2 : end;
	room = (room + MEM_CLUSTER - 1) / MEM_CLUSTER * MEM_CLUSTER;
	if (!mem_charge(m, room - node->room)) {
		room = (end + MEM_CLUSTER - 1) / MEM_CLUSTER * MEM_CLUSTER;
		if (!mem_charge(m, room - node->room))
			return -ENOSPC;
	}
	node->bytes = smb3_realloc(node->bytes, room);
	memset(node->bytes + node->room, 0, room - node->room);
	node->room = room;
	return 0;
}

void mem_cut(struct mem_mount *m, struct mem_node *node, uint64_t size)
{
	size_t room = (size + MEM_CLUSTER - 1) / MEM_CLUSTER * MEM_CLUSTER;

	if (size < node->room)
		memset(node->bytes + size, 0, node->room - size);
	if (room < node->room) {
		m->used -= node->room - room;
		node->bytes = smb3_realloc(node->bytes, room);
		node->room = room;
	}
	node->st.size = size;
}

void mem_touch(struct mem_node *node)
{
	node->st.written = node->st.changed = smb3_now();
}

void mem_fill(const struct mem_node *node, const struct mem_node *data, struct smb3_stat *ret_stat)
{
	uint64_t alloc = data->st.size < data->room ? data->st.size : data->room;

	alloc = (alloc + MEM_CLUSTER - 1) / MEM_CLUSTER * MEM_CLUSTER;
	*ret_stat = node->st;
	ret_stat->size = S_ISDIR(data->st.mode) ? 0 : data->st.size;
	ret_stat->alloc = alloc > data->st.alloc ? alloc : data->st.alloc;
	if (S_ISLNK(node->st.mode))
		ret_stat->reparse_tag = IO_REPARSE_TAG_SYMLINK;
	else if (!S_ISREG(node->st.mode) && !S_ISDIR(node->st.mode))
		ret_stat->reparse_tag = IO_REPARSE_TAG_NFS;
}

uint32_t mem_attributes(uint32_t mode, uint32_t wanted)
{
	wanted &= MEM_SETTABLE;
	if (S_ISDIR(mode))
		return wanted | FILE_ATTRIBUTE_DIRECTORY;
	return S_ISREG(mode) ? wanted | FILE_ATTRIBUTE_ARCHIVE : FILE_ATTRIBUTE_REPARSE_POINT;
}
