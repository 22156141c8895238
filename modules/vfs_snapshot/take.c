// SPDX-License-Identifier: Apache-2.0
/*
 * take.c: takes snapshots of shares, and removes them: those of btrfs, or copies.
 */
#include "take.h"

#include <fcntl.h>
#include <linux/btrfs.h>
#include <smb3/snapshot.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define UNFINISHED \
	".unfinished" /* a copy that is being made, or a snapshot that is being removed */
#define TRIES 3       /* for a second that has no snapshot yet */

/* What one call works with. */
struct taking {
	struct snap_mount *m;
	int share, folder; /* descriptors, or -1 */
};

static bool take_wanted(const struct smb3_mod *mod, const struct smb3_share *share)
{
	const struct snap_conf *conf = smb3_conf_of(mod, share);

	return conf->enabled && conf->take != SNAP_TAKE_NONE && !share->pipe;
}

/* Only the server needs to get into it: users are let into the snapshots themselves. */
static int make_folder(struct taking *t)
{
	char *folder = smb3_strdup(t->m->conf->folder), *slash = strrchr(folder, '/');
	int at = AT_FDCWD, err = 0;

	if (*folder != '/') {
		if (slash)
			*slash = '\0';
		at = snap_below(t->share, slash ? folder : ".");
	}
	if (at < 0 && at != AT_FDCWD)
		err = at;
	else if (mkdirat(at, at != AT_FDCWD && slash ? slash + 1 : folder, 0700) && errno != EEXIST)
		err = -errno;
	if (at >= 0)
		close(at);
	free(folder);
	return err ? err : snap_folder(t->m);
}

/* In a folder that somebody else can change, what the server makes could become anything. */
static int check_folder(const struct taking *t)
{
	struct stat st;

	if (fstat(t->folder, &st))
		return -errno;
	if (st.st_uid == geteuid() && !(st.st_mode & 022))
		return 0;
	smb3_log(SMB3_LOG_ERROR,
		 "share %s: no snapshot is taken in %s, which others than the server may write to: "
		 "give it to the server's user, with mode 0755 or 0700",
		 t->m->share->name, t->m->conf->folder);
	return -EPERM;
}

static void take_end(struct taking *t)
{
	if (t->folder >= 0)
		close(t->folder);
	if (t->share >= 0)
		close(t->share);
	pthread_mutex_unlock(&t->m->taking);
}

/* End it with take_end() if this went well. */
static int take_begin(struct smb3_mod *mod, struct smb3_share *share, struct taking *ret_taking)
{
	struct taking t = { .share = -1, .folder = -1 };
	struct smb3_mount *mount;
	struct smb3_vfs *layer;
	int err = smb3_share_mount(share, &mount);

	if (err)
		return err;
	layer = smb3_vfs_versioned(mount);
	if (!layer || layer->mod != mod)
		return -ENODEV;
	t.m = snap_mount_of(layer);
	/* To wait here would be to keep a thread of the pool. */
	if (pthread_mutex_trylock(&t.m->taking))
		return -EBUSY;
	t.share = open(share->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (t.share < 0)
		err = -errno;
	if (!err)
		t.folder = snap_folder(t.m);
	if (t.folder == -ENOENT)
		t.folder = make_folder(&t);
	if (!err)
		err = t.folder < 0 ? t.folder : check_folder(&t);
	if (err)
		take_end(&t);
	else
		*ret_taking = t;
	return err;
}

/* The next look at the list is a new one. */
static void take_forget(struct snap_mount *m)
{
	pthread_mutex_lock(&m->lock);
	m->listed_until = 0;
	pthread_mutex_unlock(&m->lock);
}

/* ---- btrfs ---- */

static int btrfs_take(const struct taking *t, const char *name)
{
	struct btrfs_ioctl_vol_args_v2 args = { .fd = t->share, .flags = BTRFS_SUBVOL_RDONLY };

	snprintf(args.name, sizeof(args.name), "%s", name);
	return ioctl(t->folder, BTRFS_IOC_SNAP_CREATE_V2, &args) ? -errno : 0;
}

static int btrfs_remove(const struct taking *t, const char *name)
{
	struct btrfs_ioctl_vol_args args = { 0 };
	uint64_t raised = smb3_caps_raise(SMB3_CAP(CAP_SYS_ADMIN));
	int err;

	snprintf(args.name, sizeof(args.name), "%s", name);
	err = ioctl(t->folder, BTRFS_IOC_SNAP_DESTROY, &args) ? -errno : 0;
	smb3_caps_lower(raised);
	return err;
}

/* ---- copies ---- */

static int copy_remove(const struct taking *t, const char *name)
{
	int err = tree_remove(t->folder, UNFINISHED);

	if (err && err != -ENOENT)
		return err;
	if (renameat(t->folder, name, t->folder, UNFINISHED))
		return -errno;
	return tree_remove(t->folder, UNFINISHED);
}

/* It has its name when it is complete. */
static int copy_take(const struct taking *t, const char *name)
{
	int err = tree_remove(t->folder, UNFINISHED);

	if (!faccessat(t->folder, name, F_OK, AT_SYMLINK_NOFOLLOW))
		return -EEXIST;
	if (err && err != -ENOENT)
		return err;
	err = tree_copy(t->share, t->folder, UNFINISHED, t->folder);
	if (!err && renameat(t->folder, UNFINISHED, t->folder, name))
		err = -errno;
	if (err)
		tree_remove(t->folder, UNFINISHED);
	return err;
}

/* ---- the provider ---- */

static int take_one(const struct taking *t, const char *name)
{
	return t->m->conf->take == SNAP_TAKE_BTRFS ? btrfs_take(t, name) : copy_take(t, name);
}

static int remove_one(const struct taking *t, const char *name)
{
	return t->m->conf->take == SNAP_TAKE_BTRFS ? btrfs_remove(t, name) : copy_remove(t, name);
}

/* The name of the list's entry that comes at `at`, or NULL; to be freed. */
static char *name_at(struct snap_mount *m, size_t at)
{
	char *name = NULL;

	take_forget(m);
	(void)snap_refresh(m, NULL);
	pthread_mutex_lock(&m->lock);
	if (at < m->list.n)
		name = smb3_strdup(m->list.entries[at].name);
	pthread_mutex_unlock(&m->lock);
	return name;
}

/* The oldest ones make room. */
static void prune(const struct taking *t)
{
	size_t keep = (size_t)t->m->conf->keep;
	char *name;
	int err = 0;

	while (keep && !err && (name = name_at(t->m, keep))) {
		err = remove_one(t, name);
		if (err)
			smb3_log(SMB3_LOG_WARNING,
				 "share %s: snapshot %s is one too many and cannot be removed: %s",
				 t->m->share->name, name, strerror(-err));
		free(name);
	}
}

/* One that is of this second already is of a moment before it was asked for. */
static int take_named(const struct taking *t, char name[SMB3_VERSION_NAME])
{
	int err = -EEXIST;

	for (int i = 0; i < TRIES && err == -EEXIST; i++) {
		const struct timespec nap = { .tv_sec = i > 0 };

		clock_nanosleep(CLOCK_MONOTONIC, 0, &nap, NULL);
		smb3_version_name(smb3_now(), name);
		err = take_one(t, name);
	}
	return err;
}

static int take_take(struct smb3_mod *mod, struct smb3_share *share, const char *label,
		     char *ret_name, size_t size)
{
	char name[SMB3_VERSION_NAME];
	struct taking t;
	int err = take_wanted(mod, share) ? take_begin(mod, share, &t) : -EOPNOTSUPP;

	if (err)
		return err;
	err = take_named(&t, name);
	if (!err) {
		smb3_log(SMB3_LOG_INFO, "share %s: snapshot %s for %s", share->name, name, label);
		snprintf(ret_name, size, "%s", name);
		prune(&t);
	}
	take_forget(t.m);
	take_end(&t);
	return err;
}

static int take_remove(struct smb3_mod *mod, struct smb3_share *share, smb3_nttime when)
{
	char name[SMB3_VERSION_NAME];
	struct taking t;
	int err = take_wanted(mod, share) ? take_begin(mod, share, &t) : -EOPNOTSUPP;

	if (err)
		return err;
	smb3_version_name(when, name);
	err = remove_one(&t, name);
	take_forget(t.m);
	take_end(&t);
	return err;
}

const struct smb3_snapshots snap_provider = {
	.name = "vfs_snapshot",
	.wanted = take_wanted,
	.take = take_take,
	.remove = take_remove,
};
