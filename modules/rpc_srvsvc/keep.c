// SPDX-License-Identifier: Apache-2.0
/*
 * keep.c: in smb3d: shares that administrators add, change and remove with their clients. They
 * stand in a file that smb3.conf includes, so that a restart and smb3d -t know them; what smb3.conf
 * says by itself is never touched. A change is written, the configuration read again, and what the
 * server then does not take is undone.
 */
#include "keep.h"

#include "added.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX (8u << 20)

struct change {
	const struct srvsvc_conf *conf;
	enum srvsvc_change what;
	const char *name, *path, *comment;
	const char *file;   /* where they stand */
	const char *before; /* its text, before */
	size_t before_len;
	bool existed;
};

static const struct srvsvc_conf *conf_of(const struct smb3_rpc_asking *asking)
{
	return atomic_load(&smb3_module_of(asking->server, &srvsvc_ask_change)->conf);
}

static void tell(const struct smb3_rpc_asking *asking, const struct change *c, const char *why)
{
	static const char *const verbs[] = { "add", "change", "remove" };

	smb3_log(SMB3_LOG_NOTICE, "rpc_srvsvc: %s [%s] cannot %s the share %s: %s",
		 asking->who->name, asking->address, verbs[c->what], c->name, why);
}

/* ---- the file ---- */

static const char *file_path(const struct smb3_rpc_asking *asking, const struct srvsvc_conf *conf)
{
	if (conf->shares_file[0] == '/')
		return conf->shares_file;
	return smb3_arena_printf(asking->arena, "%s/%s",
				 smb3_server_conf(asking->server)->state_dir, conf->shares_file);
}

/* One that is not there has no shares. */
static int file_read(struct smb3_rpc_asking *asking, struct change *c)
{
	int fd = open(c->file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK), err = 0;
	struct stat st;
	char *text;

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	if (fstat(fd, &st) < 0)
		err = -errno;
	else if (!S_ISREG(st.st_mode) || st.st_size > FILE_MAX)
		err = -EFBIG;
	if (!err) {
		text = smb3_arena_alloc(asking->arena, (size_t)st.st_size + 1);
		err = smb3_disk_read(fd, text, (size_t)st.st_size);
		c->before = text;
		c->before_len = (size_t)st.st_size;
		c->existed = true;
	}
	close(fd);
	return err;
}

static int file_write(const struct change *c, const void *text, size_t len)
{
	return smb3_disk_replace(c->file, 0644, text, len);
}

static int file_restore(const struct change *c)
{
	if (c->existed)
		return file_write(c, c->before, c->before_len);
	return unlink(c->file) < 0 ? -errno : smb3_disk_sync_folder(c->file);
}

/* ---- which folders ---- */

/* Where it leads, when that is a folder within those of the option. What is not below them by its
 * name is not even looked at: nobody learns what there is elsewhere. */
static int folder_allowed(struct smb3_rpc_asking *asking, struct change *c)
{
	char real[PATH_MAX], folder[PATH_MAX];
	bool named = false, inside = false;
	const char *const *f;
	struct stat st;

	for (f = c->conf->share_folders; *f && !named; f++)
		named = srvsvc_path_within(c->path, *f);
	if (!named)
		return -EACCES;
	if (!realpath(c->path, real))
		return -ENOTDIR;
	for (f = c->conf->share_folders; *f && !inside; f++)
		inside = realpath(*f, folder) && srvsvc_path_within(real, folder);
	if (!inside)
		return -EACCES;
	if (!srvsvc_path_plain(real))
		return -EINVAL;
	if (stat(real, &st) < 0 || !S_ISDIR(st.st_mode))
		return -ENOTDIR;
	c->path = smb3_arena_strdup(asking->arena, real);
	return 0;
}

/* ---- the changes ---- */

static bool share_exists(struct smb3_server *server, const char *name)
{
	struct smb3_share *share = smb3_share_find(server, name);

	smb3_share_unref(share);
	return share;
}

static int change_add(struct smb3_rpc_asking *asking, struct change *c, struct srvsvc_file *file)
{
	int err;

	if (!*c->conf->share_folders) {
		tell(asking, c, "rpc_srvsvc.share_folders names no folder in which shares may be");
		return -EACCES;
	}
	if (!srvsvc_path_plain(c->path))
		return -EINVAL;
	err = folder_allowed(asking, c);
	if (err == -EACCES)
		tell(asking, c, "its folder is not within rpc_srvsvc.share_folders");
	if (err)
		return err;
	if (share_exists(asking->server, c->name) || srvsvc_added_find(file, c->name))
		return -EEXIST;
	if (file->n >= (size_t)c->conf->shares_max) {
		tell(asking, c, "there are as many as rpc_srvsvc.shares_max says");
		return -ENOSPC;
	}
	file->list[file->n++] = (struct srvsvc_added){ c->name, c->path, c->comment };
	return 0;
}

static int change_other(struct smb3_rpc_asking *asking, const struct change *c,
			struct srvsvc_file *file)
{
	struct srvsvc_added *s = srvsvc_added_find(file, c->name);

	if (!s && share_exists(asking->server, c->name)) {
		tell(asking, c, "it stands in smb3.conf, which is the administrator's own");
		return -EACCES;
	}
	if (!s)
		return -ENOENT;
	if (c->what == SRVSVC_CHANGE)
		s->comment = c->comment;
	else
		*s = file->list[--file->n];
	return 0;
}

static int change_make(struct smb3_rpc_asking *asking, struct change *c)
{
	struct smb3_builder out = smb3_builder_arena(asking->arena, FILE_MAX);
	struct srvsvc_file file;
	int err = file_read(asking, c);

	if (!err && srvsvc_file_parse(asking->arena, c->before, c->before_len, &file)) {
		smb3_log(SMB3_LOG_ERROR,
			 "%s:%u: this is not what smb3d wrote: move what was written by hand to "
			 "smb3.conf",
			 c->file, file.line);
		return -EIO;
	}
	if (err)
		goto failed;
	err = c->what == SRVSVC_ADD ? change_add(asking, c, &file) : change_other(asking, c, &file);
	if (err)
		return err;
	srvsvc_file_build(&file, &out);
	err = smb3_builder_ok(&out) ? file_write(c, out.data, out.len) : -EFBIG;
failed:
	if (err)
		smb3_log(SMB3_LOG_ERROR,
			 "%s: %s; rpc_srvsvc.shares_file must be a file that smb3d may "
			 "write, in a folder in which it may",
			 c->file, strerror(-err));
	return err ? -EIO : 0;
}

static int answer_change(struct smb3_rpc_asking *asking)
{
	struct smb3_cursor *in = &asking->in;
	struct change *c = smb3_arena_alloc(asking->arena, sizeof(*c));

	*c = (struct change){ .conf = conf_of(asking), .what = smb3_get_u8(in), .before = "" };
	c->name = smb3_get_text(in, asking->arena);
	c->path = smb3_get_text(in, asking->arena);
	c->comment = smb3_get_text(in, asking->arena);
	if (!smb3_cursor_ok(in) || c->what > SRVSVC_REMOVE || !*c->name ||
	    !srvsvc_text_sound(c->name, SRVSVC_NAME_MAX) ||
	    !srvsvc_text_sound(c->comment, SRVSVC_COMMENT_MAX))
		return -EINVAL;
	c->file = file_path(asking, c->conf);
	asking->state = c;
	return change_make(asking, c);
}

/* ---- after it ---- */

/* Whether the server does what the file says. */
static bool took(struct smb3_server *server, const struct change *c)
{
	struct smb3_share *share = smb3_share_find(server, c->name);
	bool good = c->what == SRVSVC_REMOVE ? !share :
		    c->what == SRVSVC_ADD    ? share && !strcmp(share->path, c->path) :
					       share && !strcmp(share->comment, c->comment);

	smb3_share_unref(share);
	return good;
}

static int reloaded(struct smb3_rpc_asking *asking, const char *refused)
{
	static const char *const verbs[] = { "has added", "has changed", "has removed" };
	const struct change *c = asking->state;
	int err;

	if (!refused && took(asking->server, c)) {
		smb3_log(SMB3_LOG_NOTICE, "rpc_srvsvc: %s [%s] %s the share %s", asking->who->name,
			 asking->address, verbs[c->what], c->name);
		return 0;
	}
	if (refused)
		tell(asking, c,
		     smb3_arena_printf(asking->arena, "smb3.conf cannot be loaded again: %.*s",
				       (int)strcspn(refused, "\n"), refused));
	else
		tell(asking, c,
		     "smb3.conf does not include rpc_srvsvc.shares_file: as the last line of its "
		     "shares write @include and its name from the folder of smb3.conf");
	err = file_restore(c);
	if (err)
		smb3_log(SMB3_LOG_ERROR, "%s: the change of %s cannot be undone: %s", c->file,
			 c->name, strerror(-err));
	return -EIO;
}

const struct smb3_rpc_question srvsvc_ask_change = { .name = "change a share",
						     .flags = SMB3_ASK_WORK | SMB3_ASK_ADMIN,
						     .answer = answer_change,
						     .reloaded = reloaded };

/* ---- trees of a share that is gone ---- */

struct leaving {
	const char *name;
	struct smb3_share *now; /* that has the name, or NULL */
};

static bool is_leaving(const struct smb3_tree *t, void *arg)
{
	const struct leaving *l = arg;

	return t->share != l->now && !t->share->origin && smb3_name_equal(t->share->name, l->name);
}

static bool leave_session(struct smb3_session *s, void *arg)
{
	smb3_trees_close(s, is_leaving, arg);
	return true;
}

static int answer_leave(struct smb3_rpc_asking *asking)
{
	struct leaving l = { .name = smb3_get_text(&asking->in, asking->arena) };

	if (!l.name)
		return -EINVAL;
	l.now = smb3_share_find(asking->server, l.name);
	smb3_worker_each_session(asking->worker, leave_session, &l);
	smb3_share_unref(l.now);
	return 0;
}

const struct smb3_rpc_question srvsvc_ask_leave = { .name = "leave a share that is gone",
						    .flags = SMB3_ASK_EACH | SMB3_ASK_ADMIN,
						    .answer = answer_leave };

/* ---- options ---- */

static bool folders_good(const struct srvsvc_conf *conf, struct smb3_conf_wrong *ret_wrong)
{
	for (const char *const *f = conf->share_folders; *f; f++) {
		if (srvsvc_path_plain(*f))
			continue;
		ret_wrong->option = "share_folders";
		snprintf(ret_wrong->why, sizeof(ret_wrong->why),
			 "\"%.150s\" must begin with a slash, and have no %% and no \"..\"", *f);
		return false;
	}
	return true;
}

bool srvsvc_check(struct smb3_mod *mod, const void *conf, struct smb3_conf_wrong *ret_wrong)
{
	const struct srvsvc_conf *c = conf;

	if (*c->shares_file)
		return folders_good(c, ret_wrong);
	ret_wrong->option = "shares_file";
	snprintf(ret_wrong->why, sizeof(ret_wrong->why), "a name is missing");
	return false;
}

const struct smb3_option srvsvc_options[] = {
	{ .name = "share_folders",
	  .type = SMB3_OPT_LIST,
	  .scope = SMB3_GLOBAL | SMB3_USE_FOLDER,
	  .offset = offsetof(struct srvsvc_conf, share_folders),
	  .value = "",
	  .help = "Administrators may make shares with their clients of these folders, and of what is "
		  "in them. None: they may not." },
	{ .name = "shares_file",
	  .type = SMB3_OPT_STRING,
	  .scope = SMB3_GLOBAL | SMB3_USE_FILE,
	  .offset = offsetof(struct srvsvc_conf, shares_file),
	  .value = "shares.conf",
	  .help = "Where those shares are kept, below server.state_dir unless it begins with a slash. "
		  "The list of shares in smb3.conf must include it." },
	{ .name = "shares_max",
	  .type = SMB3_OPT_INT,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct srvsvc_conf, shares_max),
	  .value = "1000",
	  .min = 1,
	  .max = 10000,
	  .help = "How many shares administrators may make with their clients." },
	{ .name = "security_calls",
	  .type = SMB3_OPT_INT,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct srvsvc_conf, security_calls),
	  .value = "256",
	  .min = 1,
	  .max = 100000,
	  .help = "How many security descriptors of files may be read and set at a time, those included "
		  "for which no client waits any more; 16 for one session." },
	SMB3_OPTION_END,
};
