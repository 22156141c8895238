// SPDX-License-Identifier: Apache-2.0
/*
 * test_confine.c: what the server may reach is found right, and holds. What an intruder can do to a
 * whole server is in tests/live/confine.sh.
 */
#include "confine.h"
#include "testmods.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char dir[64];

static void begin(void)
{
	snprintf(dir, sizeof(dir), "/tmp/smb3c.XXXXXX");
	cr_assert(mkdtemp(dir));
	chmod(dir, 0755);
}

static void end(void)
{
	char command[80];

	snprintf(command, sizeof(command), "rm -rf %s", dir);
	cr_assert_eq(system(command), 0);
}

static char *below(const char *name)
{
	char *path;

	cr_assert(asprintf(&path, "%s/%s", dir, name) > 0);
	return path;
}

static char *folder(const char *name)
{
	char *path = below(name);

	cr_assert_eq(mkdir(path, 0755), 0);
	return path;
}

static const struct confine_place *place_of(const struct confine_places *places, const char *what)
{
	for (size_t i = 0; i < places->n; i++)
		if (!strcmp(places->list[i].what, what))
			return &places->list[i];
	return NULL;
}

static int open_err(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600), err = fd < 0 ? errno : 0;

	if (fd >= 0)
		close(fd);
	return err;
}

TestSuite(confine, .init = begin, .fini = end);

/* ---- the list ---- */

static struct test_mods *with_shares(const char *shares)
{
	struct test_mods *t;
	char *groups;

	cr_assert(asprintf(&groups, "users = { file = \"%s/accounts/users\"; };\nshares = ( %s );",
			   dir, shares) > 0);
	t = test_mods_start("\"users\", \"access\", \"vfs_posix\", \"vfs_mem\"", groups);
	free(groups);
	cr_assert(t->server);
	return t;
}

static const struct confine_conf nothing = {
	.paths = (const char *const[]){ "/srv/more", NULL },
	.read_paths = (const char *const[]){ NULL },
	.homes = (const char *const[]){ "/home", NULL },
};

Test(confine, shares_and_files_are_places)
{
	struct test_mods *t =
		with_shares("{ name = \"rw\"; path = \"/srv/rw\"; },"
			    "{ name = \"ro\"; path = \"/srv/ro\"; read_only = true; },"
			    "{ name = \"some\"; path = \"/srv/some\"; read_only = true;"
			    "  access = { write_list = [ \"root\" ]; }; },"
			    "{ name = \"each\"; path = \"/srv/people/%U/files\"; },"
			    "{ name = \"home\"; path = \"%H\"; },"
			    "{ name = \"memory\"; path = \"/\"; backend = \"mem\"; }");
	struct confine_places places;
	const struct confine_place *p;
	char *accounts = below("accounts");

	confine_places_find(t->server, &nothing, &places);
	p = place_of(&places, "share rw");
	cr_assert(p && !strcmp(p->path, "/srv/rw"));
	cr_assert_eq(p->may, PLACE_READ | PLACE_WRITE);
	cr_assert_eq(place_of(&places, "share ro")->may, PLACE_READ);
	cr_assert_eq(place_of(&places, "share some")->may, PLACE_READ | PLACE_WRITE);
	cr_assert_str_eq(place_of(&places, "share each")->path, "/srv/people");
	cr_assert(!place_of(&places, "share home"), "only the homes that are named");
	cr_assert(!place_of(&places, "share memory"), "it is on no disk");
	cr_assert(!place_of(&places, "share IPC$"));
	cr_assert_str_eq(place_of(&places, "module users")->path, accounts);
	cr_assert_str_eq(place_of(&places, "option paths")->path, "/srv/more");
	cr_assert_str_eq(place_of(&places, "option homes")->path, "/home");
	confine_places_free(&places);
	free(accounts);
	test_mods_stop(t);
}

/* ---- what is reached ---- */

Test(confine, names_links_and_rights_decide_what_is_reached)
{
	char *in = folder("in"), *deep = folder("in/deep"), *out = folder("out");
	char *link = below("in/link"), *twin = below("twin"), *later = below("in/later/x");
	struct stat st;
	struct confine_place place = { .path = in, .may = PLACE_READ, .there = true };
	struct confine_places places = { &place, 1 };

	stat(in, &st);
	place.dev = st.st_dev;
	place.ino = st.st_ino;
	cr_assert_eq(symlink(out, link), 0);
	cr_assert_eq(symlink(deep, twin), 0);
	cr_assert_eq(confine_reaches(&places, in, PLACE_READ), REACH_YES);
	cr_assert_eq(confine_reaches(&places, deep, PLACE_READ), REACH_YES);
	cr_assert_eq(confine_reaches(&places, later, PLACE_READ), REACH_YES);
	cr_assert_eq(confine_reaches(&places, twin, PLACE_READ), REACH_YES, "where it leads");
	cr_assert_eq(confine_reaches(&places, link, PLACE_READ), REACH_NO, "where it leads");
	cr_assert_eq(confine_reaches(&places, out, PLACE_READ), REACH_NO);
	cr_assert_eq(confine_reaches(&places, dir, PLACE_READ), REACH_NO);
	cr_assert_eq(confine_reaches(&places, deep, PLACE_READ | PLACE_WRITE), REACH_NO);
	free(in);
	free(deep);
	free(out);
	free(link);
	free(twin);
	free(later);
}

/* In a process of its own, which cannot say more than how it ended: the line of what is wrong. */
#define CHILD(condition)                       \
	do {                                   \
		if (!(condition))              \
			_exit(__LINE__ % 256); \
	} while (0)

static void child_confined(struct confine_places *places, int abi, char *const *names)
{
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	CHILD(confine_landlock(places, abi, false) == 0);
	CHILD(places->list[0].there && !places->list[3].there);
	CHILD(open_err(names[0], O_RDWR | O_CREAT) == 0);
	CHILD(rename(names[0], names[5]) == 0); /* to another folder */
	CHILD(unlink(names[5]) == 0);
	CHILD(open_err(names[1], O_RDONLY) == 0);
	CHILD(open_err(names[1], O_WRONLY) == EACCES);
	CHILD(open_err(names[2], O_WRONLY | O_CREAT) == 0);
	CHILD(open_err(names[2], O_RDONLY) == EACCES);
	CHILD(unlink(names[2]) < 0 && errno == EACCES);
	CHILD(open_err(names[3], O_RDONLY) == EACCES);
	CHILD(open_err(dir, O_RDONLY | O_DIRECTORY) == EACCES);
	_exit(0);
}

Test(confine, the_kernel_holds_the_process_to_the_places)
{
	struct confine_place list[] = {
		{ .path = folder("rw"), .may = PLACE_READ | PLACE_WRITE },
		{ .path = folder("ro"), .may = PLACE_READ },
		{ .path = folder("log"), .may = PLACE_APPEND },
		{ .path = smb3_strdup("/nowhere"), .may = PLACE_READ },
	};
	struct confine_places places = { list, SMB3_ARRAY_SIZE(list) };
	char *other = folder("other");
	char *names[] = { below("rw/f"),    below("ro/f"),    below("log/f"),
			  below("other/f"), folder("rw/sub"), below("rw/sub/f") };
	int status = -1, abi;
	const char *why;
	pid_t child;

	abi = confine_landlock_abi(&why);
	if (!abi)
		cr_skip_test("%s", why);
	cr_assert_eq(open_err(names[1], O_WRONLY | O_CREAT), 0);
	cr_assert_eq(open_err(names[3], O_WRONLY | O_CREAT), 0);
	child = fork();
	if (child == 0)
		child_confined(&places, abi, names);
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_assert_eq(status, 0, "line %d", WEXITSTATUS(status));
	for (size_t i = 0; i < places.n; i++)
		free(list[i].path);
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(names); i++)
		free(names[i]);
	free(other);
}

/* ---- capabilities ---- */

Test(confine, capabilities_have_names)
{
	char text[1024];

	confine_caps_text(0, text, sizeof(text));
	cr_assert_str_eq(text, "none");
	confine_caps_text(SMB3_CAP(CAP_CHOWN) | SMB3_CAP(CAP_SYS_ADMIN) |
				  SMB3_CAP(CAP_CHECKPOINT_RESTORE),
			  text, sizeof(text));
	cr_assert_str_eq(text, "chown sys_admin checkpoint_restore");
	confine_caps_text(UINT64_MAX, text, 20);
	cr_assert(strlen(text) < 20);
}

Test(confine, what_is_kept_is_never_more_than_was_held)
{
	const struct confine_caps keep = { .effective = SMB3_CAP(CAP_CHOWN),
					   .permitted = SMB3_CAP(CAP_CHOWN) |
							SMB3_CAP(CAP_SYS_ADMIN) };
	struct confine_caps before, after;
	uint64_t raised;

	cr_assert_eq(confine_caps_held(&before), 0);
	cr_assert_eq(confine_caps_keep(&keep), 0);
	cr_assert_eq(confine_caps_held(&after), 0);
	cr_assert_eq(after.effective, before.effective & keep.effective);
	cr_assert_eq(after.permitted, before.permitted & keep.permitted);
	raised = smb3_caps_raise(SMB3_CAP(CAP_SYS_ADMIN) | SMB3_CAP(CAP_SYS_BOOT));
	cr_assert_eq(raised, after.permitted & SMB3_CAP(CAP_SYS_ADMIN));
	confine_caps_held(&after);
	cr_assert_eq(after.effective & SMB3_CAP(CAP_SYS_ADMIN), raised);
	smb3_caps_lower(raised);
	confine_caps_held(&after);
	cr_assert(!(after.effective & SMB3_CAP(CAP_SYS_ADMIN)));
}

/* ---- calls ---- */

Test(confine, calls_are_known_by_name)
{
	cr_assert(confine_call_known("openat"));
	cr_assert(confine_call_known("getxattrat"), "newer than the library");
	cr_assert(!confine_call_known("opennat"));
	cr_assert(!confine_call_known(""));
	for (const char *const *name = confine_calls_always; *name; name++)
		cr_assert(confine_call_known(*name), "%s", *name);
	for (const char *const *name = confine_calls_programs; *name; name++)
		cr_assert(confine_call_known(*name), "%s", *name);
}

/* The kernel takes the lower half of an ioctl's number, so the upper one must not matter. */
static void child_filtered(struct smb3_server *server)
{
	static const unsigned long high[] = { 0, 1ul << 32, 1ul << 63, ~0xfffffffful };
	struct confine_conf conf = nothing;
	unsigned int count;

	conf.calls = CONFINE_CALLS_DENY;
	conf.allow_calls = (const char *const[]){ NULL };
	if (confine_calls(server, &conf, &count))
		_exit(1);
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(high); i++) {
		errno = 0;
		if (syscall(SYS_ioctl, -1, high[i] | TIOCSTI, "x") != -1 || errno != EPERM)
			_exit(10 + (int)i);
		errno = 0;
		if (syscall(SYS_ioctl, -1, high[i] | FIONREAD, NULL) != -1 || errno != EBADF)
			_exit(20 + (int)i);
	}
	_exit(0);
}

Test(confine, a_terminal_takes_no_input)
{
	struct test_mods *t;
	int status = -1;
	pid_t child;

	if (CONFINE_SANITIZED || sizeof(long) < 8)
		cr_skip_test("the filter of a sanitized server, or no upper half");
	t = with_shares("");
	child = fork();
	if (child == 0)
		child_filtered(t->server);
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_expect_eq(status, 0, "exit %d", WEXITSTATUS(status));
	test_mods_stop(t);
}
