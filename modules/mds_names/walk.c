// SPDX-License-Identifier: Apache-2.0
/*
 * walk.c: goes through the folders of a share as the user, a step at a time. Between steps there
 * are no open files, and no more memory than some names of each folder on the way. Links are not
 * followed.
 */
#include "names.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

/* ---- folders on the way ---- */

static void level_push(struct walk *w, char *path)
{
	struct walk_level *l = smb3_alloc(sizeof(*l));

	l->path = path;
	l->above = w->level;
	w->level = l;
	w->depth++;
}

static void entries_drop(struct walk_level *l)
{
	for (unsigned int i = 0; i < l->n; i++)
		free(l->entries[i].name);
	l->n = l->at = 0;
}

static void level_pop(struct walk *w)
{
	struct walk_level *l = w->level;

	w->level = l->above;
	w->depth--;
	entries_drop(l);
	free(l->path);
	free(l);
}

void walk_end(struct walk *w)
{
	while (w->level)
		level_pop(w);
}

static char *path_join(const char *path, const char *name)
{
	size_t len = strlen(path), size = len + strlen(name) + 2;
	char *joined = smb3_alloc(size);

	snprintf(joined, size, "%s%s%s", path, len ? "/" : "", name);
	return joined;
}

/* ---- reading a folder ---- */

/* A name with a backslash would be a path to the client. */
static bool keep(void *arg, const struct smb3_dirent *entry)
{
	struct walk_level *l = arg;

	if (l->n == WALK_BATCH)
		return false;
	if (!strchr(entry->name, '\\'))
		l->entries[l->n++] =
			(struct walk_entry){ smb3_strdup(entry->name), entry->type, entry->cookie };
	return true;
}

static int open_level(const struct smb3_query *q, const struct smb3_ctx *ctx, const char *path,
		      struct smb3_handle **ret_h)
{
	struct smb3_handle *root = smb3_handle_new(q->mount), *h = NULL;
	int err = smb3_vfs_root(q->mount->top, ctx, root);

	if (!err && *path) {
		h = smb3_handle_new(q->mount);
		err = smb3_vfs_walk(q->mount->top, ctx, root, path, h);
	}
	if (err || h)
		smb3_handle_free(root);
	if (err)
		smb3_handle_free(h);
	else
		*ret_h = h ? h : root;
	return err;
}

/* The next entries. A folder that the user may not list has none. */
static void read_level(const struct smb3_query *q, const struct smb3_ctx *ctx, struct walk_level *l,
		       struct smb3_handle *h)
{
	entries_drop(l);
	if (!l->begun && !q->lists(q, ctx, l->path, h))
		l->read = true;
	else if (smb3_vfs_readdir(q->mount->top, ctx, h, &l->cookie, keep, l) <= 0)
		l->read = true;
	l->begun = true;
}

/* ---- one entry ---- */

static bool is_folder(const struct smb3_query *q, const struct smb3_ctx *ctx,
		      struct smb3_handle *dir, const struct walk_entry *e)
{
	const struct smb3_how how = { .flags = SMB3_O_META | SMB3_O_DIRECTORY | SMB3_O_NOFOLLOW |
					       SMB3_O_EXACT };
	struct smb3_handle *h;
	bool folder;

	if (e->type != DT_UNKNOWN)
		return e->type == DT_DIR;
	h = smb3_handle_new(q->mount);
	folder = !smb3_vfs_open(q->mount->top, ctx, dir, e->name, &how, h);
	smb3_handle_free(h);
	return folder;
}

static bool fits(const struct walk *w, const struct smb3_query *q, const struct smb3_ctx *ctx,
		 struct smb3_handle *dir, const char *name)
{
	struct smb3_stat st;

	if (!cond_wants_stat(w->where))
		return cond_fits(w->where, name, NULL);
	return !smb3_vfs_lookup(q->mount->top, ctx, dir, name, &st) &&
	       cond_fits(w->where, name, &st);
}

struct step {
	struct walk *w;
	const struct smb3_query *q;
	struct smb3_ctx ctx;
	int64_t entries; /* that may still be looked at */
	smb3_found_fn found;
	void *arg;
};

static bool step_over(const struct step *s)
{
	return !s->entries || atomic_load(s->q->stop) || smb3_clock() >= s->q->until;
}

enum after { NEXT, DEEPER, FULL };

/* FULL: the result was not taken, and comes again. */
static enum after look_at_entry(struct step *s, struct smb3_handle *dir)
{
	struct walk_level *l = s->w->level;
	struct walk_entry *e = &l->entries[l->at];
	char *path = path_join(l->path, e->name);
	bool deeper = s->w->depth < WALK_DEPTH && is_folder(s->q, &s->ctx, dir, e);

	if (fits(s->w, s->q, &s->ctx, dir, e->name) && !s->found(s->arg, path)) {
		free(path);
		return FULL;
	}
	l->at++;
	s->entries--;
	if (deeper)
		level_push(s->w, path);
	else
		free(path);
	return deeper ? DEEPER : NEXT;
}

/* Entries of one folder, until there is one to go into, or the step is over. False: it is. */
static bool walk_level(struct step *s)
{
	struct walk_level *l = s->w->level;
	struct smb3_handle *dir = NULL;
	enum after after = NEXT;

	if (open_level(s->q, &s->ctx, l->path, &dir)) {
		level_pop(s->w);
		return true;
	}
	while (after == NEXT && !step_over(s)) {
		if (l->at == l->n && !l->read)
			read_level(s->q, &s->ctx, l, dir);
		if (l->at == l->n) {
			if (l->read)
				break;
			continue;
		}
		after = look_at_entry(s, dir);
	}
	smb3_handle_free(dir);
	if (after == NEXT && l->at == l->n && l->read)
		level_pop(s->w);
	return after != FULL && !step_over(s);
}

/* Each step has memory of its own: what file systems take of it is not kept. */
int walk_more(struct walk *w, const struct smb3_query *q, int64_t entries, smb3_found_fn found,
	      void *arg)
{
	struct step s = { .w = w,
			  .q = q,
			  .ctx = { .who = q->who, .arena = smb3_arena_new() },
			  .entries = entries,
			  .found = found,
			  .arg = arg };
	bool on = true;

	while (on && (w->level || q->paths[w->next_path])) {
		if (!w->level)
			level_push(w, smb3_strdup(q->paths[w->next_path++]));
		on = walk_level(&s);
	}
	smb3_arena_free(s.ctx.arena);
	return w->level || q->paths[w->next_path] ? 1 : 0;
}
