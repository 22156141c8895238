// SPDX-License-Identifier: Apache-2.0
/*
 * test_known.c: what is kept about files is used while they are the same, and never longer.
 */
#include "known.h"
#include "test_rig.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#define SECOND 10000000ll /* of 100 ns */
#define MINUTE (60 * SECOND)

static const struct posix_dos hidden = { .has_attributes = true,
					 .attributes = FILE_ATTRIBUTE_HIDDEN };

/* ---- the table ---- */

static struct posix_mount mount_with(uint64_t files)
{
	return (struct posix_mount){ .known = posix_known_new(files), .dev = 7 };
}

Test(known, belongs_to_an_inode_and_its_change_time)
{
	struct posix_mount m = mount_with(16);
	const struct posix_known_id id = { 7, 20, 1000 }, later = { 7, 20, 1001 };
	const struct posix_known_id other = { 7, 21, 1000 }, elsewhere = { 8, 20, 1000 };
	struct posix_dos dos;

	cr_expect_not(posix_known_dos(&m, &id, &dos));
	posix_known_keep_dos(&m, &id, &hidden);
	posix_known_keep_dos(&m, &elsewhere, &hidden);
	cr_expect(posix_known_dos(&m, &id, &dos));
	cr_expect_eq(dos.attributes, FILE_ATTRIBUTE_HIDDEN);
	cr_expect_not(posix_known_dos(&m, &later, &dos));
	cr_expect_not(posix_known_dos(&m, &other, &dos));
	cr_expect_not(posix_known_dos(&m, &elsewhere, &dos), "another file system");
	/* What is learnt of the later state replaces what was known of the earlier one. */
	posix_known_keep_lack(&m, &later, "security.NTACL");
	cr_expect_not(posix_known_dos(&m, &id, &dos));
	cr_expect_not(posix_known_dos(&m, &later, &dos));
	posix_table_free(m.known);
}

Test(known, attributes_that_are_not_there)
{
	struct posix_mount m = mount_with(16);
	const struct posix_known_id id = { 7, 20, 1000 }, later = { 7, 20, 1001 };

	cr_expect_not(posix_known_lacks(&m, &id, "security.NTACL"));
	posix_known_keep_lack(&m, &id, "security.NTACL");
	posix_known_keep_lack(&m, &id, "system.posix_acl_access");
	cr_expect(posix_known_lacks(&m, &id, "security.NTACL"));
	cr_expect(posix_known_lacks(&m, &id, "system.posix_acl_access"));
	cr_expect_not(posix_known_lacks(&m, &id, "system.posix_acl_default"));
	cr_expect_not(posix_known_lacks(&m, &later, "security.NTACL"));
	posix_table_free(m.known);
}

Test(known, room_for_so_many_and_no_more)
{
	struct posix_mount m = mount_with(64), none = mount_with(0);
	struct posix_dos dos;
	unsigned kept = 0;

	for (uint64_t i = 1; i <= 1000; i++)
		posix_known_keep_dos(&m, &(struct posix_known_id){ 7, i, 1 }, &hidden);
	for (uint64_t i = 1; i <= 1000; i++)
		kept += posix_known_dos(&m, &(struct posix_known_id){ 7, i, 1 }, &dos);
	cr_expect_eq(kept, 64, "%u", kept);
	posix_known_keep_dos(&none, &(struct posix_known_id){ 7, 1, 1 }, &hidden);
	cr_expect_not(posix_known_dos(&none, &(struct posix_known_id){ 7, 1, 1 }, &dos));
	posix_table_free(m.known);
}

/* A second change in the same tick of the clock would not show. */
Test(known, nothing_of_what_was_changed_a_moment_ago)
{
	struct posix_mount m = mount_with(16);
	struct timespec now;
	struct posix_known_id id = { .dev = 7, .ino = 20 };

	clock_gettime(CLOCK_REALTIME, &now);
	id.changed = smb3_nttime_from_timespec(&now) + MINUTE;
	cr_expect_not(posix_known_may(&m, &id), "the clock was set back");
	id.changed -= 2 * MINUTE;
	cr_expect(posix_known_may(&m, &id));
	/* Whole seconds may be all that the file system knows. */
	id.changed = smb3_nttime_from_timespec(&now) / SECOND * SECOND - SECOND;
	cr_expect_not(posix_known_may(&m, &id));
	id.changed++;
	cr_expect(posix_known_may(&m, &id));
	id.changed -= MINUTE + 1;
	cr_expect(posix_known_may(&m, &id));
	id.dev = 8;
	cr_expect_not(posix_known_may(&m, &id));
	posix_table_free(m.known);
}

/* ---- a share ---- */

TestSuite(known_share, .init = rig_setup, .fini = rig_teardown, .timeout = 60);

/* Until it is old enough to be kept. */
static void settle(const char *name)
{
	const struct posix_mount *m = rig->top->data;
	struct smb3_stat st = vfsrig_lookup(rig, name);
	struct posix_known_id id = posix_known_id(&st);

	if (!m->known) /* the tests' folder is on a file system that is not trusted */
		return;
	id.dev = m->dev;
	while (!posix_known_may(m, &id))
		usleep(1000);
}

static uint32_t attributes(const char *name)
{
	return vfsrig_lookup(rig, name).attributes;
}

static void local_dos(const char *name, uint32_t value)
{
	const struct posix_dos dos = { .has_attributes = true, .attributes = value };
	uint8_t blob[POSIX_DOS_SIZE];
	size_t len = posix_dos_build(&dos, blob);

	cr_assert_eq(setxattr(vfsrig_path(rig, name), POSIX_DOS_NAME, blob, len, 0), 0);
}

Test(known_share, other_programs_are_seen)
{
	vfsrig_make(rig, "file", "text");
	for (int i = 0; i < 3; i++) {
		settle("file");
		cr_expect_eq(attributes("file"), FILE_ATTRIBUTE_ARCHIVE);
		cr_expect_eq(attributes("file"), FILE_ATTRIBUTE_ARCHIVE);
		local_dos("file", FILE_ATTRIBUTE_HIDDEN);
		cr_expect_eq(attributes("file"), FILE_ATTRIBUTE_HIDDEN);
		settle("file");
		cr_expect_eq(attributes("file"), FILE_ATTRIBUTE_HIDDEN);
		local_dos("file", FILE_ATTRIBUTE_SYSTEM);
		cr_expect_eq(attributes("file"), FILE_ATTRIBUTE_SYSTEM);
		removexattr(vfsrig_path(rig, "file"), POSIX_DOS_NAME);
		cr_expect_eq(attributes("file"), FILE_ATTRIBUTE_ARCHIVE);
	}
}

/* As fast as they come: no answer is that of the change before. */
Test(known_share, never_the_change_before)
{
	vfsrig_make(rig, "file", "text");
	for (unsigned i = 0; i < 2000; i++) {
		uint32_t want = i % 2 ? FILE_ATTRIBUTE_HIDDEN : FILE_ATTRIBUTE_SYSTEM;

		local_dos("file", want);
		cr_assert_eq(attributes("file"), want, "after %u changes", i);
	}
}

/* Another file in its place has nothing of it. */
Test(known_share, another_under_the_name)
{
	char old[200];

	vfsrig_make(rig, "file", "text");
	local_dos("file", FILE_ATTRIBUTE_HIDDEN);
	settle("file");
	cr_expect_eq(attributes("file"), FILE_ATTRIBUTE_HIDDEN);
	vfsrig_make(rig, "plain", "text");
	settle("plain");
	cr_expect_eq(attributes("plain"), FILE_ATTRIBUTE_ARCHIVE);
	snprintf(old, sizeof(old), "%s", vfsrig_path(rig, "plain"));
	cr_assert_eq(rename(old, vfsrig_path(rig, "file")), 0);
	cr_expect_eq(attributes("file"), FILE_ATTRIBUTE_ARCHIVE);
}

/* While an object is being opened its stat is asked for once; what the handle changes is seen. */
Test(known_share, one_stat_for_an_open)
{
	const struct smb3_setattr set = { .mask = SMB3_SET_ATTRIBUTES,
					  .attributes = FILE_ATTRIBUTE_HIDDEN };
	struct smb3_handle *h;
	struct smb3_stat st;

	vfsrig_make(rig, "file", "text");
	rig->ctx.opening = true;
	h = vfsrig_open(rig, NULL, "file", SMB3_O_META, NULL);
	cr_assert_not_null(h);
	for (int i = 0; i < 2; i++) {
		cr_assert_eq(smb3_vfs_stat(rig->top, &rig->ctx, h, &st), 0);
		cr_expect_eq(st.size, 4);
		cr_expect_eq(truncate(vfsrig_path(rig, "file"), 2), 0);
	}
	cr_assert_eq(smb3_vfs_setattr(rig->top, &rig->ctx, h, &set), 0);
	cr_assert_eq(smb3_vfs_stat(rig->top, &rig->ctx, h, &st), 0);
	cr_expect_eq(st.size, 2, "it was changed through the handle");
	cr_expect_eq(st.attributes, FILE_ATTRIBUTE_HIDDEN);
	rig->ctx.opening = false;
	cr_expect_eq(truncate(vfsrig_path(rig, "file"), 1), 0);
	cr_assert_eq(smb3_vfs_stat(rig->top, &rig->ctx, h, &st), 0);
	cr_expect_eq(st.size, 1);
	smb3_handle_free(h);
}
