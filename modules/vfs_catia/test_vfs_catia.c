// SPDX-License-Identifier: Apache-2.0
/*
 * test_vfs_catia.c: characters in two looks.
 */
#include <criterion/criterion.h>
#include <vfsrig.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MODULES "\"vfs_posix\", \"vfs_catia\""
/* '"' is shown as a diaeresis, '*' as a currency sign, ':' as a division sign, '?' as an inverted one */
#define MAPPINGS \
	"vfs_catia = { mappings = \"0x22:0xa8, 0x2a:0xa4,0x3a:0xf7,0x3f:0xbf,0x51:0x1f600\"; };"

static struct vfsrig *rig;

static void setup(void)
{
	rig = vfsrig_new(MODULES, MAPPINGS, NULL);
}

static void teardown(void)
{
	vfsrig_free(rig);
}

TestSuite(catia, .init = setup, .fini = teardown);

static bool on_disk(const char *name)
{
	return access(vfsrig_path(rig, name), F_OK) == 0;
}

Test(catia, clients_write_and_read)
{
	struct smb3_handle *h;

	cr_assert_eq(vfsrig_make(rig, "what\xc3\xb7\xc2\xbf", "why"), 0);
	cr_expect(on_disk("what:?"));
	cr_expect_str_eq(vfsrig_list(rig, NULL), "what\xc3\xb7\xc2\xbf ");
	cr_expect_str_eq(vfsrig_read(rig, "WHAT\xc3\xb7\xc2\xbf"), "why");
	h = vfsrig_open(rig, NULL, "what\xc3\xb7\xc2\xbf", SMB3_O_META, NULL);
	cr_assert(h);
	cr_expect_str_eq(h->name, "what\xc3\xb7\xc2\xbf");
	smb3_handle_free(h);
	cr_expect_eq(vfsrig_lookup(rig, "what\xc3\xb7\xc2\xbf").size, 3);
	cr_expect_eq(vfsrig_make(rig, "what\xc3\xb7\xc2\xbf", "again"), -EEXIST);
}

Test(catia, what_stands_on_disk)
{
	int fd = open(vfsrig_path(rig, "12:30 \"*\""), O_CREAT | O_WRONLY, 0644);

	cr_assert(fd >= 0);
	close(fd);
	cr_expect_str_eq(vfsrig_list(rig, NULL), "12\xc3\xb7"
						 "30 \xc2\xa8\xc2\xa4\xc2\xa8 ");
	cr_expect_eq(smb3_vfs_remove(rig->top, &rig->ctx, rig->root,
				     "12\xc3\xb7"
				     "30 \xc2\xa8\xc2\xa4\xc2\xa8",
				     false),
		     0);
	cr_expect_not(on_disk("12:30 \"*\""));
}

Test(catia, every_way_to_name)
{
	struct smb3_handle *dir = smb3_handle_new(rig->mount), *h;

	cr_assert_eq(vfsrig_make(rig, "d\xc3\xb7", NULL), 0);
	cr_assert_eq(vfsrig_make(rig, "f\xc3\xb7", "x"), 0);
	cr_assert_eq(smb3_vfs_walk(rig->top, &rig->ctx, rig->root, "d\xc3\xb7", dir), 0);
	cr_expect_str_eq(dir->name, "d\xc3\xb7");
	cr_expect_eq(smb3_vfs_rename(rig->top, &rig->ctx, rig->root, "f\xc3\xb7", dir, "g\xc2\xbf",
				     0),
		     0);
	cr_expect(on_disk("d:/g?"));
	h = vfsrig_open(rig, dir, "g\xc2\xbf", SMB3_O_READ, NULL);
	cr_assert(h);
	cr_expect_eq(smb3_vfs_link(rig->top, &rig->ctx, h, rig->root, "l\xc2\xa4"), 0);
	cr_expect(on_disk("l*"));
	smb3_handle_free(h);
	cr_expect_eq(smb3_vfs_make(rig->top, &rig->ctx, rig->root, "s\xf0\x9f\x98\x80", 0, 0, "l*"),
		     0);
	cr_expect(on_disk("sQ"));
	smb3_handle_free(dir);
}

/* One file has one name: filters above decide by it. */
Test(catia, what_is_never_shown_is_no_name)
{
	/* '"' itself, its stand-in U+F020, and a letter in its other case */
	static const char *const names[] = { "b\"", "b\xef\x80\xa0", "sQ", "sq" };
	struct smb3_stat st;

	cr_assert_eq(vfsrig_make(rig, "b\xc2\xa8", "x"), 0);
	cr_assert_eq(vfsrig_make(rig, "s\xf0\x9f\x98\x80", "x"), 0);
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(names); i++) {
		cr_expect_eq(smb3_vfs_lookup(rig->top, &rig->ctx, rig->root, names[i], &st),
			     -EILSEQ, "%s", names[i]);
		cr_expect_eq(vfsrig_make(rig, names[i], "y"), -EILSEQ, "%s", names[i]);
		cr_expect_eq(smb3_vfs_remove(rig->top, &rig->ctx, rig->root, names[i], false),
			     -EILSEQ, "%s", names[i]);
	}
}

Test(catia, nothing_by_default)
{
	struct vfsrig *plain = vfsrig_new(MODULES, NULL, NULL);

	cr_assert_eq(vfsrig_make(plain, "a\xc3\xb7", "x"), 0);
	cr_expect_eq(access(vfsrig_path(plain, "a\xc3\xb7"), F_OK), 0);
	vfsrig_free(plain);
}

Test(catia, what_are_no_pairs)
{
	static const char *const bad[] = {
		"0x22",      "0x22:",        "22:a8",     "0x22:0xa8;0x2a:0xa4",
		"0x2f:0xa8", "0x22:0x2f",    "0x22:0x5c", "0x22:0xd800",
		"0x0:0xa8",  "0x22:0x110000"
	};
	char share[200];

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(bad); i++) {
		snprintf(share, sizeof(share), "vfs_catia = { mappings = \"%s\"; };", bad[i]);
		cr_expect_eq(vfsrig_mount(MODULES, share, NULL), -EINVAL, "%s", bad[i]);
	}
}
