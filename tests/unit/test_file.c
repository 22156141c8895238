// SPDX-License-Identifier: Apache-2.0
/*
 * test_file.c: whether what was found out about a file still holds when an open joins it.
 */
#include "core.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static struct smb3_server *server;
static const struct smb3_file_key key = { .dev = 1, .ino = 2 };

static void setup(void)
{
	server = smb3_alloc(sizeof(*server));
	server->magic = SMB3_SERVER_MAGIC;
	smb3_slots_layout(server);
	server->files = smb3_files_new();
}

static void teardown(void)
{
	smb3_files_free(server->files);
	smb3_slots_free(&server->slots);
	free(server);
}

TestSuite(file, .init = setup, .fini = teardown);

static uint64_t later(void)
{
	uint64_t now = smb3_clock(), then;

	do
		then = smb3_clock();
	while (then == now);
	return then;
}

/* Joins, and says whether it is alone since then. */
static bool join(struct smb3_file *f, struct smb3_open *o, uint64_t since)
{
	bool alone;

	smb3_list_init(&o->file_link);
	smb3_file_lock(f);
	smb3_file_join(f, o);
	alone = smb3_file_alone(f, since);
	smb3_file_unlock(f);
	return alone;
}

static void leave(struct smb3_file *f, struct smb3_open *o)
{
	smb3_file_lock(f);
	cr_assert_null(smb3_file_leave(f, o));
	smb3_file_unlock(f);
}

Test(file, alone_when_nobody_was_here)
{
	struct smb3_file *f = smb3_file_get(server, &key);
	struct smb3_open o = { .access = FILE_READ_DATA };

	cr_expect(join(f, &o, later()));
	leave(f, &o);
	smb3_file_unref(f);
}

Test(file, not_alone_with_another)
{
	struct smb3_file *f = smb3_file_get(server, &key);
	struct smb3_open first = { 0 }, second = { 0 };

	cr_expect(join(f, &first, later()));
	cr_expect_not(join(f, &second, later()));
	leave(f, &first);
	leave(f, &second);
	smb3_file_unref(f);
}

/* Also when the file was forgotten meanwhile. */
Test(file, not_alone_after_one_that_has_left)
{
	uint64_t before = later(), after;
	struct smb3_file *f = smb3_file_get(server, &key);
	struct smb3_open first = { 0 }, second = { 0 }, third = { 0 };

	cr_expect(join(f, &first, later()));
	leave(f, &first);
	smb3_file_unref(f);
	after = later();
	f = smb3_file_get(server, &key);
	cr_expect_not(join(f, &second, before));
	leave(f, &second);
	cr_expect_not(join(f, &third, after));
	leave(f, &third);
	cr_expect(join(f, &third, later()));
	leave(f, &third);
	smb3_file_unref(f);
}

Test(file, not_alone_after_a_disturbance_or_with_streams)
{
	struct smb3_file *f = smb3_file_get(server, &key);
	struct smb3_open o = { 0 }, stream = { 0 };
	uint64_t since = later();

	smb3_file_disturb(server, &key);
	cr_expect_not(join(f, &o, since));
	leave(f, &o);
	cr_assert_eq(smb3_file_join_base(f, &stream), STATUS_SUCCESS);
	cr_expect_not(join(f, &o, later()));
	leave(f, &o);
	leave(f, &stream);
	smb3_file_unref(f);
}
