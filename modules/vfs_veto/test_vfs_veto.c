// SPDX-License-Identifier: Apache-2.0
/*
 * test_vfs_veto.c: names that do not exist, names that are hidden, and what listings leave out.
 */
#include "vfsrig.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <smb3/fscc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct vfsrig *rig_with(const char *options)
{
	char share[400];

	snprintf(share, sizeof(share), "vfs_veto = { %s };", options);
	return vfsrig_new("\"vfs_posix\", \"vfs_veto\"", share, NULL);
}

static int open_of(struct vfsrig *rig, const char *name, uint32_t flags)
{
	int err;
	struct smb3_handle *h = vfsrig_open(rig, NULL, name, flags, &err);

	smb3_handle_free(h);
	return err;
}

static bool there(struct vfsrig *rig, const char *name)
{
	return access(vfsrig_path(rig, name), F_OK) == 0;
}

static bool layered(struct vfsrig *rig)
{
	return !strcmp(rig->top->ops->name, "veto");
}

Test(veto, is_in_the_way_only_when_it_has_something_to_do)
{
	struct vfsrig *rig = rig_with("hide_dot_files = false;");

	cr_assert_not(layered(rig));
	vfsrig_free(rig);
	rig = rig_with("");
	cr_assert(layered(rig), "names with a dot are hidden unless said otherwise");
	vfsrig_free(rig);
}

Test(veto, vetoed_names_do_not_exist)
{
	struct vfsrig *rig = rig_with("veto_files = [ \"*.EXE\", \"Thumbs.db\", \"?x\" ];");
	struct smb3_stat st;

	vfsrig_local(rig, "a.exe", "");
	vfsrig_local(rig, "THUMBS.DB", "");
	vfsrig_local(rig, "ax", "");
	vfsrig_local(rig, "axe", "");
	vfsrig_local(rig, "plain.txt", "");
	cr_assert_str_eq(vfsrig_list(rig, NULL), "axe plain.txt ");
	cr_assert_eq(open_of(rig, "a.exe", SMB3_O_READ), -ENOENT);
	cr_assert_eq(open_of(rig, "A.Exe", SMB3_O_META), -ENOENT);
	cr_assert_eq(open_of(rig, "thumbs.db", SMB3_O_READ), -ENOENT);
	cr_assert_eq(open_of(rig, "axe", SMB3_O_READ), 0);
	cr_assert_eq(smb3_vfs_lookup(rig->top, &rig->ctx, rig->root, "a.exe", &st), -ENOENT);
	cr_assert_eq(smb3_vfs_remove(rig->top, &rig->ctx, rig->root, "a.exe", false), -ENOENT);
	cr_assert(there(rig, "a.exe"));
	vfsrig_free(rig);
}

Test(veto, vetoed_names_are_not_made)
{
	struct vfsrig *rig = rig_with("veto_files = [ \"*.exe\" ];");
	struct smb3_handle *h;
	int err;

	cr_assert_eq(open_of(rig, "new.exe", SMB3_O_CREATE | SMB3_O_WRITE), -EACCES);
	cr_assert_eq(open_of(rig, "new.EXE", SMB3_O_CREATE | SMB3_O_DIRECTORY), -EACCES);
	cr_assert_eq(vfsrig_make(rig, "plain", "text"), 0);
	cr_assert_eq(smb3_vfs_rename(rig->top, &rig->ctx, rig->root, "plain", rig->root, "b.exe",
				     0),
		     -EACCES);
	vfsrig_local(rig, "c.exe", "");
	cr_assert_eq(smb3_vfs_rename(rig->top, &rig->ctx, rig->root, "c.exe", rig->root, "c", 0),
		     -ENOENT);
	cr_assert_eq(smb3_vfs_make(rig->top, &rig->ctx, rig->root, "d.exe", S_IFIFO | 0600, 0,
				   NULL),
		     -EACCES);
	h = vfsrig_open(rig, NULL, "plain", SMB3_O_READ, &err);
	cr_assert_eq(smb3_vfs_link(rig->top, &rig->ctx, h, rig->root, "e.exe"), -EACCES);
	smb3_handle_free(h);
	cr_assert_str_eq(vfsrig_list(rig, NULL), "plain ");
	vfsrig_free(rig);
}

Test(veto, nothing_is_reached_through_a_vetoed_folder)
{
	struct vfsrig *rig = rig_with("veto_files = [ \".git\" ];");
	struct smb3_handle *h = smb3_handle_new(rig->mount);

	mkdir(vfsrig_path(rig, "src"), 0755);
	mkdir(vfsrig_path(rig, "src/.git"), 0755);
	mkdir(vfsrig_path(rig, "src/.git/hooks"), 0755);
	cr_assert_eq(smb3_vfs_walk(rig->top, &rig->ctx, rig->root, "src/.git/hooks", h), -ENOENT);
	cr_assert_eq(smb3_vfs_walk(rig->top, &rig->ctx, rig->root, "src/.GIT", h), -ENOENT);
	cr_assert_eq(smb3_vfs_walk(rig->top, &rig->ctx, rig->root, "src", h), 0);
	smb3_handle_free(h);
	vfsrig_free(rig);
}

static void folder_with_vetoed(struct vfsrig *rig)
{
	char name[40];

	mkdir(vfsrig_path(rig, "dir"), 0755);
	mkdir(vfsrig_path(rig, "dir/sub.tmp"), 0755);
	mkdir(vfsrig_path(rig, "dir/sub.tmp/deeper"), 0755);
	vfsrig_local(rig, "dir/sub.tmp/deeper/any name", "");
	for (int i = 0; i < 150; i++) {
		snprintf(name, sizeof(name), "dir/%d.tmp", i);
		vfsrig_local(rig, name, "");
	}
	cr_assert_eq(symlink("/etc/passwd", vfsrig_path(rig, "dir/link.tmp")), 0);
}

Test(veto, a_folder_with_vetoed_names_is_not_empty)
{
	struct vfsrig *rig = rig_with("veto_files = [ \"*.tmp\" ];");

	folder_with_vetoed(rig);
	cr_assert_eq(smb3_vfs_remove(rig->top, &rig->ctx, rig->root, "dir", true), -ENOTEMPTY);
	cr_assert(there(rig, "dir/0.tmp"));
	vfsrig_free(rig);
}

Test(veto, a_folder_goes_with_its_vetoed_names_when_said)
{
	struct vfsrig *rig = rig_with("veto_files = [ \"*.tmp\" ]; delete_veto_files = true;");

	folder_with_vetoed(rig);
	vfsrig_local(rig, "dir/kept", "");
	cr_assert_eq(smb3_vfs_remove(rig->top, &rig->ctx, rig->root, "dir", true), -ENOTEMPTY);
	cr_assert(there(rig, "dir/0.tmp"), "nothing goes while something stays");
	cr_assert(there(rig, "dir/149.tmp"));
	unlink(vfsrig_path(rig, "dir/kept"));
	cr_assert_eq(smb3_vfs_remove(rig->top, &rig->ctx, rig->root, "dir", true), 0);
	cr_assert_not(there(rig, "dir"));
	cr_assert_eq(access("/etc/passwd", F_OK), 0);
	vfsrig_free(rig);
}

static bool count_one(void *arg, const struct smb3_dirent *entry)
{
	++*(int *)arg;
	return true;
}

static int whole_count(struct vfsrig *rig, const char *name)
{
	uint64_t cookie = 0;
	int n = 0, err;
	struct smb3_handle *h =
		vfsrig_open(rig, NULL, name, SMB3_O_READ | SMB3_O_DIRECTORY | SMB3_O_WHOLE, &err);

	cr_assert_not_null(h);
	cr_assert_eq(smb3_vfs_readdir(rig->top, &rig->ctx, h, &cookie, count_one, &n), 0);
	smb3_handle_free(h);
	return n;
}

Test(veto, who_asks_whether_a_folder_is_empty_hears_the_truth)
{
	struct vfsrig *rig = rig_with("veto_files = [ \"*.tmp\" ];");

	folder_with_vetoed(rig);
	cr_assert_eq(whole_count(rig, "dir"), 152);
	vfsrig_free(rig);
	rig = rig_with("veto_files = [ \"*.tmp\" ]; delete_veto_files = true;");
	folder_with_vetoed(rig);
	cr_assert_eq(whole_count(rig, "dir"), 0);
	vfsrig_free(rig);
}

static bool hidden(struct vfsrig *rig, const char *name)
{
	struct smb3_stat by_name = vfsrig_lookup(rig, name), by_handle = { 0 };
	struct smb3_handle *h = vfsrig_open(rig, NULL, name, SMB3_O_META, NULL);

	cr_assert_not_null(h, "%s", name);
	cr_assert_eq(smb3_vfs_stat(rig->top, &rig->ctx, h, &by_handle), 0);
	smb3_handle_free(h);
	cr_assert_eq(by_name.attributes, by_handle.attributes, "%s", name);
	cr_assert_eq(by_name.implied, by_handle.implied, "%s", name);
	cr_assert_eq(by_name.implied & ~by_name.attributes, 0u);
	return by_name.attributes & FILE_ATTRIBUTE_HIDDEN;
}

Test(veto, hidden_names)
{
	struct vfsrig *rig = rig_with("hide_files = [ \"*.bak\" ];");

	vfsrig_local(rig, ".profile", "");
	vfsrig_local(rig, "plain", "");
	vfsrig_local(rig, "old.BAK", "");
	mkdir(vfsrig_path(rig, ".config"), 0755);
	cr_assert(hidden(rig, ".profile"));
	cr_assert(hidden(rig, ".config"));
	cr_assert(hidden(rig, "old.BAK"));
	cr_assert_not(hidden(rig, "plain"));
	cr_assert_str_eq(vfsrig_list(rig, NULL), ".config .profile old.BAK plain ");
	vfsrig_free(rig);
	rig = rig_with("hide_files = [ \"*.bak\" ]; hide_dot_files = false;");
	vfsrig_local(rig, ".profile", "");
	cr_assert_not(hidden(rig, ".profile"));
	vfsrig_free(rig);
}

/* As a user who may not read what is root's; without root there is nobody to be. */
static struct smb3_identity stranger = { .uid = 65534, .gid = 65534, .name = "stranger" };

Test(veto, listings_by_permission_bits)
{
	struct vfsrig *rig;

	rig = vfsrig_new("\"vfs_mem\", \"vfs_veto\"",
			 "path = \"/\"; backend = \"mem\"; vfs_veto = { hide_unreadable = true; };",
			 NULL);
	cr_assert_eq(vfsrig_make(rig, "made", "text"), 0);
	cr_assert_str_eq(vfsrig_list(rig, NULL), "made ");
	rig->ctx.who = &stranger;
	cr_assert_str_eq(vfsrig_list(rig, NULL), "made ", "0644 can be read by everybody");
	vfsrig_free(rig);
	rig = vfsrig_new(
		"\"vfs_mem\", \"vfs_veto\"",
		"path = \"/\"; backend = \"mem\"; vfs_veto = { hide_unwriteable = true; };", NULL);
	cr_assert_eq(vfsrig_make(rig, "made", "text"), 0);
	cr_assert_eq(vfsrig_make(rig, "folder", NULL), 0);
	rig->ctx.who = &stranger;
	cr_assert_str_eq(vfsrig_list(rig, NULL), "folder ", "0644 can be written by its owner");
	vfsrig_free(rig);
}

Test(veto, special_files_are_not_listed)
{
	struct vfsrig *rig = rig_with("hide_special_files = true;");

	vfsrig_local(rig, "plain", "");
	cr_assert_eq(mkfifo(vfsrig_path(rig, "fifo"), 0644), 0);
	cr_assert_eq(symlink("plain", vfsrig_path(rig, "link")), 0);
	cr_assert_str_eq(vfsrig_list(rig, NULL), "link plain ");
	cr_assert_eq(open_of(rig, "fifo", SMB3_O_META | SMB3_O_LISTED), -ENOENT);
	cr_assert_eq(open_of(rig, "fifo", SMB3_O_META), 0);
	vfsrig_free(rig);
}

/* Without the other filter there is no second name to try. */
Test(veto, an_8_3_name_is_no_way_around)
{
	const char *dir = getenv("SMB3_MODULE_DIR");
	struct vfsrig *rig;
	char path[300], alias[SMB3_SHORT_NAME];

	snprintf(path, sizeof(path), "%s/vfs_shortnames.so", dir ? dir : SMB3D_MODULE_DIR);
	if (access(path, F_OK))
		return;
	rig = vfsrig_new("\"vfs_posix\", \"vfs_veto\", \"vfs_shortnames\"",
			 "vfs_shortnames = { enabled = true; }; vfs_veto = { veto_files = [ "
			 "\".very secret\" ]; };",
			 NULL);
	vfsrig_local(rig, ".very secret", "");
	vfsrig_local(rig, ".very public", "");
	cr_assert_eq(smb3_vfs_short_name(rig->top, ".very public", alias), 0);
	cr_assert_eq(open_of(rig, alias, SMB3_O_READ), 0, "%s", alias);
	cr_assert_eq(smb3_vfs_short_name(rig->top, ".very secret", alias), 0);
	cr_assert_eq(open_of(rig, alias, SMB3_O_READ), -ENOENT, "%s", alias);
	vfsrig_free(rig);
}

/* Clients make links, and the server follows those that stay inside. */
Test(veto, a_link_is_no_way_around)
{
	struct vfsrig *rig = rig_with("veto_files = [ \"*.secret\", \"hidden\" ];");
	static const char *const targets[] = { "a.secret", "sub/../A.Secret", "./hidden/in",
					       "hidden" };
	struct smb3_handle *h;
	int err;

	vfsrig_local(rig, "a.secret", "");
	vfsrig_local(rig, "plain", "");
	cr_assert_eq(mkdir(vfsrig_path(rig, "sub"), 0755), 0);
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(targets); i++) {
		vfsrig_local(rig, "link", "");
		h = vfsrig_open(rig, NULL, "link", SMB3_O_META, &err);
		cr_assert_eq(err, 0);
		cr_expect_eq(smb3_vfs_become(rig->top, &rig->ctx, rig->root, "link", h, targets[i]),
			     -EOPNOTSUPP, "%s", targets[i]);
		smb3_handle_free(h);
		cr_expect_eq(unlink(vfsrig_path(rig, "link")), 0);
	}
	vfsrig_local(rig, "link", "");
	h = vfsrig_open(rig, NULL, "link", SMB3_O_META, &err);
	cr_expect_eq(smb3_vfs_become(rig->top, &rig->ctx, rig->root, "link", h, "plain"), 0);
	smb3_handle_free(h);
	cr_expect_eq(open_of(rig, "link", SMB3_O_READ), 0);
	vfsrig_free(rig);
}

Test(veto, a_name_on_disk_is_shown_or_not)
{
	struct vfsrig *rig = rig_with("veto_files = [ \"*.exe\", \"a\uF022b\" ];");
	char *name = smb3_vfs_client_name(rig->top, "plain:txt");

	cr_assert_str_eq(name, "plain\uF022txt");
	free(name);
	cr_assert_null(smb3_vfs_client_name(rig->top, "a.EXE"));
	cr_assert_null(smb3_vfs_client_name(rig->top, "a:b"));
	vfsrig_free(rig);
}
