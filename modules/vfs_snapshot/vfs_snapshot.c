// SPDX-License-Identifier: Apache-2.0
/*
 * vfs_snapshot.c: the filter "snapshot": previous versions of a share, which are folders that somebody
 * makes: snapshots of a file system, or copies. A version is a folder of the share's root, of a name
 * that only it has, and no listing shows it. [MS-SMB2] 2.2.13.2.7, 2.2.32.2
 */
#include "take.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The last one above the backend: what the filters above make of names and attributes, they make of
 * versions, too. */
#define SNAPSHOT_ORDER 1100

#define DEFAULT_FORMAT "@GMT-%Y.%m.%d-%H.%M.%S"

/* ---- the layer ---- */

static bool snapshot_wanted(const struct smb3_mod *mod, const struct smb3_share *share)
{
	const struct snap_conf *conf = smb3_conf_of(mod, share);
	const struct smb3_vfs_ops *backend =
		smb3_row_name(share->server, SMB3_KIND_VFS, share->backend);

	return conf->enabled && backend && backend->flags & SMB3_VFS_LOCAL;
}

/* A folder below the share's is no part of what it serves, unless that is wanted. */
static char *hidden_name(const struct snap_conf *conf)
{
	char *name;

	if (conf->visible || *conf->folder == '/')
		return NULL;
	name = smb3_strdup(conf->folder);
	name[strcspn(name, "/")] = '\0';
	return name;
}

static int snapshot_mount(struct smb3_vfs *self, const struct smb3_share *share)
{
	struct snap_mount *m = snap_mount_of(self);

	m->conf = smb3_conf_of(self->mod, share);
	m->self = self;
	m->share = share;
	m->has_pattern = *m->conf->pattern;
	if (m->has_pattern && regcomp(&m->pattern, m->conf->pattern, REG_EXTENDED))
		return -EINVAL;
	m->hidden = hidden_name(m->conf);
	pthread_mutex_init(&m->looking, NULL);
	pthread_mutex_init(&m->lock, NULL);
	pthread_mutex_init(&m->taking, NULL);
	smb3_list_init(&m->versions);
	return 0;
}

static void snapshot_unmount(struct smb3_vfs *self)
{
	struct snap_mount *m = snap_mount_of(self);

	snap_list_free(&m->list);
	if (m->has_pattern)
		regfree(&m->pattern);
	pthread_mutex_destroy(&m->taking);
	pthread_mutex_destroy(&m->lock);
	pthread_mutex_destroy(&m->looking);
	free(m->hidden);
}

/* emit gets a copy of the times: it may do what it likes. */
static int snapshot_versions(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			     smb3_emit_version_fn emit, void *arg)
{
	struct snap_mount *m = snap_mount_of(self);
	smb3_nttime *times = NULL;
	size_t n = 0, at;
	int err = m->share->version ? 0 : snap_refresh(m, ctx);

	if (!err && !m->share->version) {
		pthread_mutex_lock(&m->lock);
		n = m->list.n;
		times = smb3_alloc((n + 1) * sizeof(*times));
		for (size_t i = 0; i < n; i++) {
			at = m->conf->order == SNAP_OLDEST ? n - 1 - i : i;
			times[i] = m->list.entries[at].when;
		}
		pthread_mutex_unlock(&m->lock);
	}
	for (size_t i = 0; i < n && emit(arg, times[i]); i++)
		;
	free(times);
	return err;
}

static const struct smb3_vfs_ops snapshot_ops = {
	.name = "snapshot",
	.flags = SMB3_VFS_FILTER,
	.mount_size = sizeof(struct snap_mount),
	.handle_size = sizeof(struct snap_handle),
	.wanted = snapshot_wanted,
	.order = SNAPSHOT_ORDER,
	.mount = snapshot_mount,
	.unmount = snapshot_unmount,
	.versions = snapshot_versions,
	.root = snap_root,
	.walk = snap_walk,
	.open = snap_open,
	.open_stream = snap_open_stream,
	.clone = snap_clone,
	.close = snap_close,
	.stat = snap_stat,
	.lookup = snap_lookup,
	.setattr = snap_setattr,
	.pread = snap_pread,
	.splice = snap_splice,
	.pwrite = snap_pwrite,
	.flush = snap_flush,
	.truncate = snap_truncate,
	.alloc = snap_alloc,
	.next_data = snap_next_data,
	.copy = snap_copy,
	.readdir = snap_readdir,
	.remove = snap_remove,
	.rename = snap_rename,
	.link = snap_link,
	.make = snap_make,
	.become = snap_become,
	.readlink = snap_readlink,
	.getxattr = snap_getxattr,
	.setxattr = snap_setxattr,
	.listxattr = snap_listxattr,
	.list_streams = snap_list_streams,
	.remove_stream = snap_remove_stream,
	.rename_stream = snap_rename_stream,
	.statfs = snap_statfs,
	.fd = snap_fd,
};

/* ---- options ---- */

static const char *const layouts[] = { "names", "snapper", NULL };
static const char *const takers[] = { "none", "btrfs", "copy", NULL };
static const char *const orders[] = { "newest", "oldest", NULL };

#define OPTION(kind, field)                                           \
	.name = #field, .type = SMB3_OPT_##kind, .scope = SMB3_SHARE, \
	.offset = offsetof(struct snap_conf, field)

static const struct smb3_option snapshot_options[] = {
	{ OPTION(BOOL, enabled), .value = "false",
	  .help = "Clients can look at the share as it was when a snapshot was taken." },
	{ .name = "folder",
	  .type = SMB3_OPT_STRING,
	  .scope = SMB3_SHARE | SMB3_USE_FOLDER,
	  .offset = offsetof(struct snap_conf, folder),
	  .value = ".snapshots",
	  .help = "The folder that has the snapshots, below the share's folder unless it begins "
		  "with a slash: \\[dq].zfs/snapshot\\[dq] of ZFS." },
	{ OPTION(BOOL, visible), .value = "false",
	  .help = "Clients may also see, and use, that folder as any other of the share." },
	{ OPTION(ENUM, layout), .choices = layouts, .value = "names",
	  .help = "names: each entry of the folder is a snapshot, whose name tells its time. "
		  "snapper: as snapper keeps them, N/snapshot with N/info.xml." },
	{ OPTION(STRING, base),
	  .help = "Which folder of a snapshot is the share's, when the snapshots are of a folder "
		  "above it: \\[dq]data/projects\\[dq]." },
	{ OPTION(STRING, pattern),
	  .help = "Extended regular expression for the names of snapshots; others are none. The "
		  "last of its parenthesised parts is the time, or else the whole name." },
	{ OPTION(STRING, format), .value = DEFAULT_FORMAT,
	  .help = "How the time is written, in the way of strptime(3)." },
	{ OPTION(BOOL, local_time), .value = "false",
	  .help = "Names tell the time of the server's zone rather than UTC." },
	{ OPTION(ENUM, order), .choices = orders, .value = "newest",
	  .help = "Which one clients are told first." },
	{ OPTION(INT, most), .value = "512", .min = 1, .max = 10000,
	  .help = "How many there are for clients, the newest ones." },
	{ OPTION(TIME, cache), .value = "10s", .min = 0, .max = 86400000,
	  .help = "For how long the folder is not looked at again." },
	{ OPTION(ENUM, take), .choices = takers, .value = "none",
	  .help = "How smb3d takes a snapshot itself, when it is told to. btrfs: one of the share's "
		  "folder, which must be a subvolume. copy: a copy of all files, which share their "
		  "blocks where the file system can do that." },
	{ OPTION(INT, keep), .value = "0", .min = 0, .max = 10000,
	  .help = "How many are left when one has been taken: older ones are removed; 0: all." },
	SMB3_OPTION_END,
};

static bool path_sound(const char *path)
{
	while (*path) {
		size_t len = strcspn(path, "/");

		if (!len || !strncmp(path, "..", len) || len > NAME_MAX)
			return false;
		path += len;
		if (*path && !*++path)
			return false;
	}
	return true;
}

static bool check_paths(const struct snap_conf *conf, struct smb3_conf_wrong *wrong)
{
	wrong->option = "folder";
	snprintf(wrong->why, sizeof(wrong->why),
		 "must name a folder, with no empty part, \".\" or \"..\" in it");
	if (!*conf->folder || strlen(conf->folder) >= PATH_MAX / 2 ||
	    !path_sound(conf->folder + (*conf->folder == '/')))
		return false;
	wrong->option = "base";
	snprintf(wrong->why, sizeof(wrong->why),
		 "must be a path below a snapshot, with no empty part, \".\" or \"..\" in it");
	return strlen(conf->base) < PATH_MAX / 2 && path_sound(conf->base);
}

static bool check_format(const struct snap_conf *conf, struct smb3_conf_wrong *wrong)
{
	static const char *const years[] = { "%s", "%Y", "%y", "%F", "%D", "%c" };

	wrong->option = "format";
	snprintf(wrong->why, sizeof(wrong->why), "\"%s\" has no year; write it as for strptime(3)",
		 conf->format);
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(years); i++)
		if (strstr(conf->format, years[i]))
			return true;
	return false;
}

/* What is taken must be found again. */
static bool check_take(const struct snap_conf *conf, struct smb3_conf_wrong *wrong)
{
	wrong->option = "take";
	snprintf(
		wrong->why, sizeof(wrong->why),
		"snapshots are called as \"format\" says by default: set neither that nor pattern, "
		"local_time, layout and base");
	return conf->take == SNAP_TAKE_NONE ||
	       (!strcmp(conf->format, DEFAULT_FORMAT) && !*conf->pattern && !conf->local_time &&
		conf->layout == SNAP_NAMES && !*conf->base);
}

static bool snapshot_check(struct smb3_mod *mod, const void *new_conf,
			   struct smb3_conf_wrong *wrong)
{
	const struct snap_conf *conf = new_conf;
	regex_t pattern;
	int err;

	if (!check_paths(conf, wrong) || !check_format(conf, wrong) || !check_take(conf, wrong))
		return false;
	wrong->option = "pattern";
	err = *conf->pattern ? regcomp(&pattern, conf->pattern, REG_EXTENDED) : 0;
	if (err) {
		regerror(err, NULL, wrong->why, sizeof(wrong->why));
		return false;
	}
	if (*conf->pattern)
		regfree(&pattern);
	return true;
}

static const struct smb3_provide snapshot_provides[] = {
	SMB3_VFS(&snapshot_ops),  SMB3_SNAPSHOTS(&snap_provider), SMB3_CTL(&snap_ctl_list),
	SMB3_CTL(&snap_ctl_take), SMB3_CTL(&snap_ctl_delete),     SMB3_END,
};

/* Attributes that only administrators can write, and the removal of subvolumes. */
static const struct smb3_needs snapshot_needs = {
	.raise = SMB3_CAP(CAP_SYS_ADMIN),
};

SMB3_MODULE(vfs_snapshot, .summary = "previous versions of files", .options = snapshot_options,
	    .conf_size = sizeof(struct snap_conf), .provides = snapshot_provides,
	    .system = &snapshot_needs, .check = snapshot_check);
