// SPDX-License-Identifier: Apache-2.0
/*
 * confine.c: the process gives up what it does not need, when all modules have started and before
 * the first thread: whoever takes it over by a fault of ours gets no more than the shares.
 */
#include "confine.h"

#include <dirent.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#define ORDER_GUARD 100

#ifndef PR_SET_MDWE
#define PR_SET_MDWE              65
#define PR_MDWE_REFUSE_EXEC_GAIN 1
#endif

/* ---- giving up ---- */

/* A limit of one byte is the one that also holds where dumps go to a program. */
static void core_dumps_refuse(void)
{
	const struct rlimit none = { 1, 1 };

	if (setrlimit(RLIMIT_CORE, &none) < 0 ||
	    (!CONFINE_SANITIZED && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0))
		smb3_log(SMB3_LOG_WARNING, "confine: a core dump would hold keys: %s",
			 strerror(errno));
}

static struct confine_caps caps_needed(struct smb3_server *server)
{
	struct confine_caps keep = { 0 };
	size_t n;
	struct smb3_mod *const *mods = smb3_modules(server, &n);

	/* A server that acts as one user only touches files with that user's rights. */
	if (!smb3_server_can_switch(server))
		return keep;
	keep.effective = SMB3_CAP(CAP_SETUID) | SMB3_CAP(CAP_SETGID);
	for (size_t i = 0; i < n; i++) {
		const struct smb3_needs *needs = mods[i]->module->system;

		keep.effective |= needs ? needs->caps : 0;
		keep.permitted |= needs ? needs->raise : 0;
	}
	keep.permitted |= keep.effective;
	return keep;
}

static int caps_confine(struct smb3_server *server, struct confine *c)
{
	const struct confine_caps keep = caps_needed(server);
	int err = confine_caps_keep(&keep);
	char text[1024];

	if (err) {
		smb3_log(SMB3_LOG_ERROR, "confine: cannot give up capabilities: %s",
			 strerror(-err));
		return err;
	}
	c->caps = true;
	confine_caps_text(keep.permitted, text, sizeof(text));
	smb3_log(SMB3_LOG_INFO, "confine: capabilities kept: %s", text);
	return 0;
}

/* What is there only later cannot be named to the kernel now. */
static bool tell_missing(struct smb3_share *share, void *arg)
{
	const struct confine *c = arg;
	char *folder = confine_share_folder(share);

	if (folder && confine_reaches(&c->places, folder, confine_share_may(share)) == REACH_NO)
		smb3_log(SMB3_LOG_WARNING,
			 "confine: share %s: %s is not there yet; when it is, restart the server, "
			 "or name a folder above it in confine.paths now",
			 share->name, folder);
	free(folder);
	return true;
}

static int files_confine(struct smb3_server *server, const struct confine_conf *conf,
			 struct confine *c)
{
	int abi = confine_landlock_abi(&c->why_not), err;

	if (!abi) {
		bool must = conf->files == CONFINE_FILES_REQUIRE;

		smb3_log(must ? SMB3_LOG_ERROR : SMB3_LOG_NOTICE,
			 "confine: files are not confined: %s", c->why_not);
		return must ? -ENOTSUP : 0;
	}
	confine_places_find(server, conf, &c->places);
	err = confine_landlock(&c->places, abi, conf->network);
	if (err) {
		smb3_log(SMB3_LOG_ERROR,
			 "confine: cannot confine files: %s; confine.files = "
			 "\"off\" does without",
			 strerror(-err));
		return err;
	}
	c->abi = abi;
	smb3_share_each(server, tell_missing, c);
	return 0;
}

static int calls_confine(struct smb3_server *server, const struct confine_conf *conf,
			 struct confine *c)
{
	int err = confine_calls(server, conf, &c->n_calls);

	if (err)
		smb3_log(SMB3_LOG_ERROR,
			 "confine: cannot confine system calls: %s; confine.calls = \"off\" does "
			 "without",
			 strerror(-err));
	return err;
}

/* Landlock and capabilities bind the thread that calls, and those that it starts. */
static void tell_threads(void)
{
	DIR *dir = opendir("/proc/self/task");
	int n = 0;

	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	if (n > 3) /* with . and .. */
		smb3_log(SMB3_LOG_WARNING,
			 "confine: a module has started %d threads too early: their files and "
			 "capabilities are not confined",
			 n - 3);
}

static int confine_all(struct smb3_server *server, const struct confine_conf *conf,
		       struct confine *c)
{
	int err = 0;

	if (!conf->core_dumps)
		core_dumps_refuse();
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	if (!CONFINE_SANITIZED)
		prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0); /* since Linux 6.3 */
	if (conf->files != CONFINE_FILES_OFF)
		err = files_confine(server, conf, c);
	if (!err && conf->capabilities)
		err = caps_confine(server, c);
	if (!err && conf->calls != CONFINE_CALLS_OFF)
		err = calls_confine(server, conf, c);
	return err;
}

static int confine_started(struct smb3_mod *mod)
{
	const struct confine_conf *conf = mod->conf;
	struct confine *c = mod->data;
	int err;

	tell_threads();
	err = confine_all(mod->server, conf, c);
	if (!err)
		smb3_log(SMB3_LOG_NOTICE,
			 "confine: confined: capabilities %s, files %s, system calls %s",
			 c->caps ? "yes" : "no", c->abi ? "yes" : "no", c->n_calls ? "yes" : "no");
	return err;
}

static int confine_init(struct smb3_mod *mod)
{
	struct confine *c = smb3_alloc(sizeof(*c));

	c->why_not = "confine.files is \"off\"";
	mod->data = c;
	return 0;
}

static void confine_fini(struct smb3_mod *mod)
{
	struct confine *c = mod->data;

	if (!c)
		return;
	confine_places_free(&c->places);
	free(c);
	mod->data = NULL;
}

/* ---- shares that lie outside ---- */

struct outside {
	const struct confine *c;
	unsigned int count;
};

static bool tell_outside(struct smb3_share *share, void *arg)
{
	struct outside *o = arg;
	char *folder = confine_share_folder(share);

	if (folder &&
	    confine_reaches(&o->c->places, folder, confine_share_may(share)) == REACH_NO) {
		smb3_log(SMB3_LOG_ERROR,
			 "confine: share %s: %s is outside of what the running server may %s: "
			 "restart it to serve this share",
			 share->name, folder,
			 confine_share_may(share) & PLACE_WRITE ? "write to" : "read");
		o->count++;
	}
	free(folder);
	return true;
}

/* Accepted, such a share would be there and refuse everybody. */
static int confine_reload(struct smb3_mod *mod, const void *new_conf)
{
	struct outside o = { .c = mod->data };

	if (o.c->abi)
		smb3_share_each_next(mod->server, tell_outside, &o);
	return o.count ? -EACCES : 0;
}

/* A user's home, a folder that a script names, a folder that was made anew. */
static enum smb3_verdict confine_tree_connect(struct smb3_mod *mod, struct smb3_event *event)
{
	const struct confine *c = mod->data;
	char *folder = c->abi ? confine_share_folder(event->share) : NULL;
	enum smb3_verdict verdict = SMB3_PASS;

	/* What is not there is for others to say. */
	if (folder && access(folder, F_OK) == 0 &&
	    confine_reaches(&c->places, folder, PLACE_READ) == REACH_NO) {
		snprintf(
			event->reason, sizeof(event->reason),
			"%s is outside of what the server may reach: name it in confine.paths, or a "
			"folder above it, and restart",
			folder);
		verdict = SMB3_DENY;
	}
	free(folder);
	return verdict;
}

static const struct smb3_hook tree_hook = {
	.point = SMB3_HOOK_TREE_CONNECT,
	.order = ORDER_GUARD,
	.name = "confine",
	.run = confine_tree_connect,
};

/* ---- the configuration ---- */

static bool paths_good(const char *const *paths, const char *option,
		       struct smb3_conf_wrong *ret_wrong)
{
	for (; *paths; paths++) {
		if (**paths == '/')
			continue;
		ret_wrong->option = option;
		snprintf(ret_wrong->why, sizeof(ret_wrong->why),
			 "%.100s does not begin with a slash", *paths);
		return false;
	}
	return true;
}

static bool confine_check(struct smb3_mod *mod, const void *new_conf,
			  struct smb3_conf_wrong *ret_wrong)
{
	const struct confine_conf *conf = new_conf;

	for (const char *const *name = conf->allow_calls; *name; name++) {
		if (confine_call_known(*name))
			continue;
		ret_wrong->option = "allow_calls";
		snprintf(ret_wrong->why, sizeof(ret_wrong->why),
			 "there is no system call %.100s; syscalls(2) has their names", *name);
		return false;
	}
	return paths_good(conf->paths, "paths", ret_wrong) &&
	       paths_good(conf->read_paths, "read_paths", ret_wrong) &&
	       paths_good(conf->homes, "homes", ret_wrong);
}

/* ---- the tables ---- */

static const char *const files_choices[] = { "off", "try", "require", NULL };
static const char *const etc_choices[] = { "folder", "files", NULL };
static const char *const calls_choices[] = { "off", "deny", "kill", NULL };

#define GLOBAL(field) SMB3_GLOBAL, offsetof(struct confine_conf, field)

static const struct smb3_option confine_options[] = {
	{ "files", SMB3_OPT_ENUM, GLOBAL(files), "try", 0, 0, files_choices,
	  "Whether the server can open only what its shares and its own state need: \"try\" does "
	  "so where the kernel can, \"require\" does not start elsewhere." },
	{ "calls", SMB3_OPT_ENUM, GLOBAL(calls), "deny", 0, 0, calls_choices,
	  "What happens to a system call that a file server has no use for: it fails, or the "
	  "server ends. The log names it." },
	{ "capabilities", SMB3_OPT_BOOL, GLOBAL(capabilities), "true", 0, 0, NULL,
	  "Of root's capabilities the server keeps only those that its modules need." },
	{ "core_dumps", SMB3_OPT_BOOL, GLOBAL(core_dumps), "false", 0, 0, NULL,
	  "A crash may leave an image of the memory, in which there are keys and hashes." },
	{ "network", SMB3_OPT_BOOL, GLOBAL(network), "false", 0, 0, NULL,
	  "The server may connect to others over TCP, and listen on further ports." },
	{ "paths", SMB3_OPT_LIST, GLOBAL(paths), "", 0, 0, NULL,
	  "Further files and folders that the server may read and change." },
	{ "read_paths", SMB3_OPT_LIST, GLOBAL(read_paths), "", 0, 0, NULL,
	  "Further files and folders that the server may read." },
	{ "etc", SMB3_OPT_ENUM, GLOBAL(etc), "folder", 0, 0, etc_choices,
	  "What can be read of /etc: all of it, or only what libraries need to know about users and "
	  "names; users that are added are then known after a restart, unless a service such as sssd "
	  "or nscd keeps them." },
	{ "homes", SMB3_OPT_LIST, GLOBAL(homes), "/home", 0, 0, NULL,
	  "Folders in which the homes of users are, for shares whose path begins with %H." },
	{ "allow_calls", SMB3_OPT_LIST, GLOBAL(allow_calls), "", 0, 0, NULL,
	  "Further system calls that are allowed, by their names." },
	SMB3_OPTION_END,
};

static const struct smb3_provide confine_provides[] = {
	SMB3_CTL(&confine_command),
	SMB3_HOOK(&tree_hook),
	SMB3_END,
};

SMB3_MODULE(confine, .summary = "gives up what a file server does not need",
	    .options = confine_options, .conf_size = sizeof(struct confine_conf),
	    .provides = confine_provides, .check = confine_check, .init = confine_init,
	    .started = confine_started, .reload = confine_reload, .fini = confine_fini);
