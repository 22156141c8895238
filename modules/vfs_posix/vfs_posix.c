// SPDX-License-Identifier: Apache-2.0
/*
 * vfs_posix.c: the backend "posix": a folder of a Linux file system.
 * Users' rights are the kernel's business: core makes the calls as the user.
 */
#include "absent.h"
#include "index.h"
#include "known.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

static const char *const posix_indexings[] = { "auto", "always", "never", NULL };

static const struct smb3_option posix_options[] = {
	{ .name = "follow_symlinks",
	  .type = SMB3_OPT_BOOL,
	  .scope = SMB3_SHARE,
	  .offset = offsetof(struct posix_conf, follow_symlinks),
	  .value = "true",
	  .help = "Symbolic links that stay inside the share are followed; others are not, unless "
		  "wide_links says so." },
	{ .name = "wide_links",
	  .type = SMB3_OPT_BOOL,
	  .scope = SMB3_SHARE,
	  .offset = offsetof(struct posix_conf, wide_links),
	  .value = "false",
	  .help = "Symbolic links that lead out of the share are followed, too: whoever can make a "
		  "link in it reaches all that the user may reach on this machine." },
	{ .name = "one_file_system",
	  .type = SMB3_OPT_BOOL,
	  .scope = SMB3_SHARE,
	  .offset = offsetof(struct posix_conf, one_file_system),
	  .value = "false",
	  .help = "What is mounted below the share's folder is not entered." },
	{ .name = "case_sensitive",
	  .type = SMB3_OPT_BOOL,
	  .scope = SMB3_SHARE,
	  .offset = offsetof(struct posix_conf, case_sensitive),
	  .value = "false",
	  .help = "Names that differ only in case are different names." },
	{ .name = "store_dos_attributes",
	  .type = SMB3_OPT_BOOL,
	  .scope = SMB3_SHARE,
	  .offset = offsetof(struct posix_conf, store_dos_attributes),
	  .value = "true",
	  .help = "DOS attributes and creation times are kept in the extended attribute "
		  "user.DOSATTRIB." },
	{ .name = "name_index",
	  .type = SMB3_OPT_ENUM,
	  .scope = SMB3_SHARE,
	  .offset = offsetof(struct posix_conf, name_index),
	  .choices = posix_indexings,
	  .value = "auto",
	  .help = "Whether the names of large folders are kept in memory; auto: where the system "
		  "tells of every change." },
	{ .name = "name_index_memory",
	  .type = SMB3_OPT_SIZE,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct posix_conf, name_index_memory),
	  .value = "64M",
	  .help = "Memory for the names of large folders, in all." },
	{ .name = "attribute_cache",
	  .type = SMB3_OPT_INT,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct posix_conf, attribute_cache),
	  .value = "16384",
	  .max = 10000000,
	  .help = "Files whose DOS attributes are kept in memory, some 100 bytes each, for as long as "
		  "their change time is the same; 0 is none. Takes effect at a restart." },
	{ .name = "absent_cache",
	  .type = SMB3_OPT_INT,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct posix_conf, absent_cache),
	  .value = "16384",
	  .max = 10000000,
	  .help = "Names that were looked for in vain which are kept in memory, some 130 bytes each, for "
		  "as long as their folder's change time is the same; 0 is none. Takes effect at a "
		  "restart." },
	SMB3_OPTION_END,
};

static bool posix_check(struct smb3_mod *mod, const void *new_conf,
			struct smb3_conf_wrong *ret_wrong)
{
	const struct posix_conf *conf = new_conf;

	ret_wrong->option = "wide_links";
	snprintf(ret_wrong->why, sizeof(ret_wrong->why),
		 "needs follow_symlinks; set that to true, or this to false");
	return conf->follow_symlinks || !conf->wide_links;
}

/* Everything rests on openat2(); better to refuse now than at each open. */
static int posix_probe(struct posix_mount *m)
{
	static const struct smb3_ctx ctx = { 0 };
	char proc[POSIX_PROC_SIZE], byte;
	int fd = posix_openat(m, &ctx, m->root, ".", O_PATH | O_DIRECTORY, 0);
	const struct posix_handle root = { .fd = m->root, .bare = true };

	if (fd == -ENOSYS || fd == -EPERM)
		smb3_log(SMB3_LOG_ERROR,
			 "vfs_posix needs the system call openat2: Linux 5.6, and a container "
			 "whose filter lets it pass");
	if (fd < 0)
		return fd;
	close(fd);
	if (access(posix_proc(m->root, proc), F_OK)) {
		smb3_log(SMB3_LOG_ERROR, "vfs_posix needs /proc: mount it");
		return -ENOSYS;
	}
	if (m->store)
		posix_xattr_get(m, &root, POSIX_DOS_NAME, &byte, 0);
	return 0;
}

static int posix_describe_root(struct posix_mount *m)
{
	struct smb3_stat st;
	int err = posix_stat_fd(m, m->root, &st);

	if (err)
		return err;
	m->dev = st.dev;
	m->created = st.created;
	return 0;
}

static int posix_mount(struct smb3_vfs *self, const struct smb3_share *share)
{
	const struct posix_conf *conf = smb3_conf_of(self->mod, share);
	const struct posix_shared *shared = self->mod->data;
	struct posix_mount *m = posix_mount_of(self);
	int err;

	m->path = share->path;
	m->share = share->name;
	m->follow = conf->follow_symlinks;
	m->sensitive = conf->case_sensitive;
	m->store = conf->store_dos_attributes;
	m->indexing = conf->name_index;
	m->index = shared->index;
	m->resolve = posix_resolve(conf);
	m->root = open(share->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (m->root < 0)
		return -errno;
	m->cluster = posix_cluster(m->root);
	if (posix_table_trusts(m->root)) {
		m->known = shared->known;
		m->absent = m->sensitive ? NULL : shared->absent;
	}
	m->local = posix_index_sees(m->root);
	err = posix_describe_root(m);
	if (!err)
		err = posix_probe(m);
	if (err) {
		close(m->root);
		return err;
	}
	for (size_t i = 0; i < POSIX_LOCKS; i++)
		pthread_mutex_init(&m->naming[i], NULL);
	return 0;
}

static void posix_unmount(struct smb3_vfs *self)
{
	struct posix_mount *m = posix_mount_of(self);

	for (size_t i = 0; i < POSIX_LOCKS; i++)
		pthread_mutex_destroy(&m->naming[i]);
	close(m->root);
}

static const struct smb3_vfs_ops posix_ops = {
	.name = "posix",
	.flags = SMB3_VFS_LOCAL,
	.mount_size = sizeof(struct posix_mount),
	.handle_size = sizeof(struct posix_handle),
	.mount = posix_mount,
	.unmount = posix_unmount,
	.root = posix_root,
	.walk = posix_walk,
	.open = posix_open,
	.clone = posix_clone,
	.close = posix_close,
	.stat = posix_stat,
	.lookup = posix_lookup,
	.setattr = posix_setattr,
	.pread = posix_pread,
	.splice = posix_splice,
	.pwrite = posix_pwrite,
	.flush = posix_flush,
	.truncate = posix_truncate,
	.alloc = posix_alloc,
	.next_data = posix_next_data,
	.copy = posix_copy,
	.readdir = posix_readdir,
	.remove = posix_remove,
	.rename = posix_rename,
	.link = posix_link,
	.make = posix_make,
	.become = posix_become,
	.readlink = posix_readlink,
	.getxattr = posix_getxattr,
	.setxattr = posix_setxattr,
	.listxattr = posix_listxattr,
	.statfs = posix_statfs,
	.client_name = posix_client_name,
	.fd = posix_fd,
};

static const struct smb3_provide posix_provides[] = {
	SMB3_VFS(&posix_ops),
	SMB3_END,
};

static const struct smb3_needs posix_needs = {
	.caps = SMB3_CAP(CAP_CHOWN) | SMB3_CAP(CAP_DAC_OVERRIDE) | SMB3_CAP(CAP_DAC_READ_SEARCH) |
		SMB3_CAP(CAP_FOWNER) | SMB3_CAP(CAP_FSETID),
	.raise = POSIX_RAISES,
};

/* Without inotify there is just no index. */
static int posix_init(struct smb3_mod *mod)
{
	const struct posix_conf *conf = mod->conf;
	struct posix_shared *shared = smb3_alloc(sizeof(*shared));

	shared->index = posix_index_new(conf->name_index_memory);
	shared->known = posix_known_new((uint64_t)conf->attribute_cache);
	shared->absent = posix_absent_new((uint64_t)conf->absent_cache);
	mod->data = shared;
	return 0;
}

static int posix_reload(struct smb3_mod *mod, const void *new_conf)
{
	const struct posix_conf *conf = new_conf;
	const struct posix_shared *shared = mod->data;

	if (shared->index)
		posix_index_limit(shared->index, conf->name_index_memory);
	return 0;
}

static void posix_fini(struct smb3_mod *mod)
{
	struct posix_shared *shared = mod->data;

	posix_index_free(shared->index);
	posix_table_free(shared->known);
	posix_absent_free(shared->absent);
	free(shared);
}

SMB3_MODULE(vfs_posix, .summary = "serves a folder of a Linux file system",
	    .options = posix_options, .conf_size = sizeof(struct posix_conf),
	    .provides = posix_provides, .system = &posix_needs, .init = posix_init,
	    .reload = posix_reload, .fini = posix_fini, .check = posix_check);
