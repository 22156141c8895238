// SPDX-License-Identifier: Apache-2.0
/*
 * look.c: whether a user sees a file, and what it is: as in a listing of each folder on the way,
 * with all that hides things (permissions, ACLs, filters, hooks). On the pool, as the user.
 */
#include "mdssvc.h"

#include <errno.h>
#include <smb3/snapshot.h>
#include <stdlib.h>

/* Versions are in no listing. */
bool path_sound(const char *path)
{
	if (!*path)
		return true;
	if (smb3_version_parse(path, strcspn(path, "/")))
		return false;
	for (const char *s = path; s; s = strchr(s, '/') ? strchr(s, '/') + 1 : NULL) {
		size_t len = strcspn(s, "/");

		if (!len || (len == 1 && *s == '.') || (len == 2 && !memcmp(s, "..", 2)))
			return false;
	}
	return true;
}

bool look_lists(const struct smb3_query *q, const struct smb3_ctx *ctx, const char *path,
		struct smb3_handle *dir)
{
	struct smb3_event event = { .point = SMB3_HOOK_ACCESS,
				    .server = q->share->server,
				    .share = q->share,
				    .ctx = ctx,
				    .path = path,
				    .who = q->who,
				    .handle = dir,
				    .access = FILE_LIST_DIRECTORY,
				    .wanted = FILE_LIST_DIRECTORY };
	struct smb3_stat st;

	if (!smb3_hooked(event.server, SMB3_HOOK_ACCESS))
		return true;
	if (smb3_vfs_stat(q->mount->top, ctx, dir, &st))
		return false;
	event.stat = &st;
	return smb3_hook_run(&event) != SMB3_DENY && event.access & FILE_LIST_DIRECTORY;
}

static bool no_more(void *arg, const struct smb3_dirent *entry)
{
	return false;
}

/* The file system says whether a folder can be read when it is. */
static bool dir_lists(const struct spot_look *look, const char *path, struct smb3_handle *dir)
{
	uint64_t cookie = 0;

	return smb3_vfs_readdir(look->q->mount->top, &look->ctx, dir, &cookie, no_more, NULL) >=
		       0 &&
	       look_lists(look->q, &look->ctx, path, dir);
}

void look_begin(struct spot_look *look, const struct smb3_query *q, struct smb3_arena *a)
{
	*look = (struct spot_look){ .q = q, .ctx = { .who = q->who, .arena = a } };
}

void look_end(struct spot_look *look)
{
	smb3_handle_free(look->dir);
	free(look->path);
	look->dir = NULL;
	look->path = NULL;
}

/* One folder further down, *path then is its; a link is none. Filters may show other names than handles
 * have: those are the same but for their case, or not looked at. */
static struct smb3_handle *step_down(const struct spot_look *look, struct smb3_handle *dir,
				     const char *name, const char **path)
{
	const struct smb3_how how = { .flags = SMB3_O_META | SMB3_O_DIRECTORY | SMB3_O_NOFOLLOW |
					       SMB3_O_LISTED |
					       (look->any_case ? 0 : SMB3_O_EXACT) };
	struct smb3_handle *h = smb3_handle_new(look->q->mount);

	if (!smb3_vfs_open(look->q->mount->top, &look->ctx, dir, name, &how, h)) {
		if (look->any_case && h->name && smb3_name_equal(h->name, name))
			name = h->name;
		*path = smb3_arena_printf(look->ctx.arena, "%s%s%s", *path, **path ? "/" : "",
					  name);
		if (dir_lists(look, *path, h))
			return h;
	}
	smb3_handle_free(h);
	return NULL;
}

/* The folder at path[0, len), if each on the way to it, and itself, can be listed; to be freed. */
static struct smb3_handle *reach(const struct spot_look *look, const char *path, size_t len,
				 const char **ret_path)
{
	struct smb3_handle *h = smb3_handle_new(look->q->mount);
	char *rest = len ? smb3_arena_printf(look->ctx.arena, "%.*s", (int)len, path) : NULL;
	const char *name;

	*ret_path = "";
	if (smb3_vfs_root(look->q->mount->top, &look->ctx, h) || !dir_lists(look, "", h)) {
		smb3_handle_free(h);
		return NULL;
	}
	while (h && rest && (name = strsep(&rest, "/"))) {
		struct smb3_handle *next = step_down(look, h, name, ret_path);

		smb3_handle_free(h);
		h = next;
	}
	return h;
}

const char *look_name(struct spot_look *look, const char *path)
{
	const char *found;
	struct smb3_handle *h;

	look->any_case = true;
	h = reach(look, path, strlen(path), &found);
	look->any_case = false;
	smb3_handle_free(h);
	return h ? found : path;
}

/* Results come folder by folder as a rule. */
static struct smb3_handle *folder(struct spot_look *look, const char *path, size_t len)
{
	const char *found;

	if (look->path && strlen(look->path) == len && !memcmp(look->path, path, len))
		return look->dir;
	look_end(look);
	look->dir = reach(look, path, len, &found);
	look->path = smb3_alloc(len + 1);
	memcpy(look->path, path, len);
	return look->dir;
}

static int leaf_stat(const struct spot_look *look, struct smb3_handle *dir, const char *name,
		     struct smb3_stat *ret_stat)
{
	struct smb3_how how = { .flags = SMB3_O_META | SMB3_O_EXACT | SMB3_O_LISTED };
	struct smb3_handle *h = smb3_handle_new(look->q->mount);
	int err = smb3_vfs_open(look->q->mount->top, &look->ctx, dir, name, &how, h);

	if (err == -ELOOP || err == -EXDEV) { /* a link that is not followed */
		how.flags |= SMB3_O_NOFOLLOW;
		err = smb3_vfs_open(look->q->mount->top, &look->ctx, dir, name, &how, h);
	}
	if (!err)
		err = smb3_vfs_stat(look->q->mount->top, &look->ctx, h, ret_stat);
	smb3_handle_free(h);
	return err;
}

bool look_at(struct spot_look *look, const char *path, struct spot_file *ret_file)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 0;
	struct smb3_handle *dir = path_sound(path) ? folder(look, path, len) : NULL;
	struct smb3_stat st;
	int err;

	if (!dir || strchr(path, '\\'))
		return false;
	err = *path ? leaf_stat(look, dir, slash ? slash + 1 : path, &st) :
		      smb3_vfs_stat(look->q->mount->top, &look->ctx, dir, &st);
	if (err)
		return false;
	*ret_file = (struct spot_file){ .id = st.ino,
					.path = path,
					.size = st.size,
					.created = st.created,
					.written = st.written,
					.accessed = st.accessed,
					.uid = st.uid,
					.gid = st.gid,
					.directory = st.attributes & FILE_ATTRIBUTE_DIRECTORY };
	return true;
}
