// SPDX-License-Identifier: Apache-2.0
/*
 * scan.c: walks a folder and fills the reply. In work. [MS-FSA] 2.1.5.6.3
 *
 * Names are read in batches and looked up one by one afterwards, so that a file system is not
 * asked about entries while it is listing them, and memory is bounded however large the folder.
 * What does not fit stays for the next query: the state is moved on only past what was taken.
 */
#include "dir.h"

#include <errno.h>

#define BATCH     1024 /* no more names than these are kept */
#define BATCH_MIN 16

struct batch {
	struct smb3_arena *arena;
	struct smb3_vfs *top;
	const struct smb3_dir_state *state;
	bool short_names;
	uint32_t count, most;
	uint64_t passed; /* cookie of the last entry seen, taken or not */
	struct {
		const char *name;
		uint64_t cookie;
	} entries[BATCH];
};

/* A pattern may fit the 8.3 name as well. */
static bool batch_wants(const struct batch *b, const char *name)
{
	char short_name[SMB3_SHORT_NAME];

	if (dir_match(b->state->pattern, name))
		return true;
	return b->short_names && !smb3_vfs_short_name(b->top, name, short_name) &&
	       dir_match(b->state->pattern, short_name);
}

/* A name with a backslash would be a path to the client. */
static bool batch_add(void *arg, const struct smb3_dirent *entry)
{
	struct batch *b = arg;

	if (b->count == b->most)
		return false;
	b->passed = entry->cookie;
	if (strchr(entry->name, '\\') || !batch_wants(b, entry->name))
		return true;
	b->entries[b->count].name = smb3_arena_strdup(b->arena, entry->name);
	b->entries[b->count].cookie = entry->cookie;
	b->count++;
	return true;
}

/* The first entry is larger than all the room there is: as much of it as fits. */
static void put_cut(struct dir_query *q, const struct smb3_info_entry *entry)
{
	struct smb3_builder whole = smb3_builder_arena(entry->req->arena, 4096);

	q->row->entry(entry, &whole);
	smb3_put_bytes(&q->out, whole.data, q->out.size);
	q->cut = true;
}

/* The entry's 8.3 name, where it has one that is another; in the arena. */
static const char *entry_short_name(const struct smb3_info_entry *entry)
{
	char *name = smb3_arena_alloc(entry->req->arena, SMB3_SHORT_NAME);

	if (smb3_vfs_short_name(entry->open->handle->mount->top, entry->name, name) ||
	    smb3_name_equal(name, entry->name))
		return NULL;
	return name;
}

/* True when it was taken. */
static bool put_entry(struct dir_query *q, struct smb3_info_entry *entry)
{
	struct smb3_builder before = q->out;
	size_t start;

	if (q->count)
		smb3_put_align(&q->out, 8);
	start = q->out.len;
	entry->index = q->state->index + 1;
	if (q->short_names)
		entry->short_name = entry_short_name(entry);
	q->row->entry(entry, &q->out);
	if (!smb3_builder_ok(&q->out)) {
		q->out = before;
		q->full = true;
		if (!q->count)
			put_cut(q, entry);
		return false;
	}
	if (q->count)
		smb3_set_u32(&q->out, q->last, (uint32_t)(start - q->last));
	q->last = start;
	q->count++;
	q->full = q->single;
	q->state->index++;
	return true;
}

/* The entry that was returned last can be gone back to. */
static void note_index(struct smb3_dir_state *state, uint32_t dots, uint64_t cookie)
{
	state->recent[state->index % DIR_RECENT].dots = dots;
	state->recent[state->index % DIR_RECENT].cookie = cookie;
}

/* The folder above, for "..": the share's root is its own. */
static void stat_above(struct smb3_req *req, struct smb3_stat *st)
{
	struct smb3_open *o = req->open;
	struct smb3_mount *mount = o->handle->mount;
	struct smb3_handle *root = smb3_handle_new(mount), *up = smb3_handle_new(mount);
	const char *parent, *leaf;
	int err;

	smb3_name_split(req->arena, smb3_open_path(o, req->arena), &parent, &leaf);
	err = smb3_vfs_root(mount->top, &req->ctx, root);
	if (!err && *parent)
		err = smb3_vfs_walk(mount->top, &req->ctx, root, parent, up);
	if (!err)
		smb3_vfs_stat(mount->top, &req->ctx, *parent ? up : root, st);
	smb3_handle_free(up);
	smb3_handle_free(root);
}

static int scan_dots(struct smb3_req *req, struct dir_query *q)
{
	static const char *const names[] = { ".", ".." };
	struct smb3_dir_state *state = q->state;
	struct smb3_handle *h = req->open->handle;

	for (; state->dots < SMB3_ARRAY_SIZE(names) && !q->full; state->dots++) {
		struct smb3_stat st = { 0 };
		struct smb3_info_entry entry = {
			.name = names[state->dots], .stat = &st, .open = req->open, .req = req
		};
		int err;

		if (!dir_match(state->pattern, entry.name))
			continue;
		err = smb3_vfs_stat(h->mount->top, &req->ctx, h, &st);
		if (err)
			return err;
		if (state->dots == 1)
			stat_above(req, &st);
		if (!put_entry(q, &entry))
			break;
		note_index(state, state->dots + 1, 0);
	}
	return 0;
}

/* True when there is no more room for another one. An entry that is gone meanwhile, or that
 * cannot be looked at, is passed. */
static bool scan_entry(struct smb3_req *req, struct dir_query *q, const char *name)
{
	struct smb3_handle *h = req->open->handle;
	struct smb3_stat st;
	struct smb3_info_entry entry = { .name = name, .stat = &st, .open = req->open, .req = req };

	if (q->row->flags & SMB3_INFO_WANTS_STAT &&
	    smb3_vfs_lookup(h->mount->top, &req->ctx, h, name, &st))
		return true;
	return put_entry(q, &entry);
}

/* About as many names as there is room for: the others would be read for nothing. */
static uint32_t batch_size(const struct dir_query *q)
{
	size_t most = (q->out.size - q->out.len) / (q->row->min_out + 16) + BATCH_MIN;

	if (q->single)
		most = BATCH_MIN;
	return most < BATCH ? (uint32_t)most : BATCH;
}

static int scan_batch(struct smb3_req *req, struct dir_query *q, struct batch *b)
{
	struct smb3_handle *h = req->open->handle;
	uint64_t cookie = q->state->cookie;
	int more;

	b->count = 0;
	b->most = batch_size(q);
	b->passed = cookie;
	more = smb3_vfs_readdir(h->mount->top, &req->ctx, h, &cookie, batch_add, b);
	if (more < 0)
		return more;
	for (uint32_t i = 0; i < b->count && !q->full; i++) {
		if (!scan_entry(req, q, b->entries[i].name))
			return 0;
		q->state->cookie = b->entries[i].cookie;
		note_index(q->state, q->state->dots, q->state->cookie);
	}
	if (!q->full)
		q->state->cookie = b->passed;
	return more;
}

static int scan_wild(struct smb3_req *req, struct dir_query *q)
{
	struct batch *b = smb3_arena_alloc(req->arena, sizeof(*b));
	int more = scan_dots(req, q);

	if (more < 0)
		return more;
	b->arena = req->arena;
	b->top = req->open->handle->mount->top;
	b->state = q->state;
	b->short_names = q->short_names;
	do {
		if (q->full)
			return 0;
		more = scan_batch(req, q, b);
	} while (more > 0);
	return more;
}

/* One name: no need to read the folder. Opened for the name as it stands on disk. */
static int scan_single(struct smb3_req *req, struct dir_query *q)
{
	struct smb3_handle *dir = req->open->handle, *h;
	struct smb3_how how = { .flags = SMB3_O_META | SMB3_O_LISTED };
	struct smb3_stat st;
	struct smb3_info_entry entry = { .stat = &st, .open = req->open, .req = req };
	int err;

	if (q->state->ended)
		return 0;
	h = smb3_handle_new(dir->mount);
	err = smb3_vfs_open(dir->mount->top, &req->ctx, dir, q->state->pattern, &how, h);
	if (err == -ELOOP || err == -EXDEV) { /* a link that is not followed: described */
		how.flags |= SMB3_O_NOFOLLOW;
		err = smb3_vfs_open(dir->mount->top, &req->ctx, dir, q->state->pattern, &how, h);
	}
	if (!err)
		err = smb3_vfs_stat(dir->mount->top, &req->ctx, h, &st);
	entry.name = h->name && *h->name ? h->name : q->state->pattern;
	if (!err && !put_entry(q, &entry))
		err = 0;
	else
		q->state->ended = true;
	smb3_handle_free(h);
	return err == -ENOENT || err == -ENOTDIR || err == -ELOOP ? 0 : err;
}

ntstatus dir_scan(struct smb3_req *req)
{
	struct dir_query *q = req->state;
	bool first = !q->state->answered;
	char probe[SMB3_SHORT_NAME];
	int err;

	q->short_names = !smb3_vfs_short_name(req->open->handle->mount->top, "probe", probe);
	err = q->state->wild ? scan_wild(req, q) : scan_single(req, q);
	if (err < 0)
		return smb3_status_from_errno(err);
	q->state->answered = true;
	if (q->cut)
		return STATUS_BUFFER_OVERFLOW;
	if (q->count)
		return STATUS_SUCCESS;
	return first ? STATUS_NO_SUCH_FILE : STATUS_NO_MORE_FILES;
}
