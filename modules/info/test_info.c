// SPDX-License-Identifier: Apache-2.0
/*
 * test_info.c: what the classes write, byte for byte, from a stat that is given.
 */
#include "info.h"

#include <criterion/criterion.h>
#include <sys/stat.h>

/* A file system that keeps no extended attributes. */
static const struct smb3_vfs_ops poor = { .name = "poor" };

struct fixture {
	struct smb3_vfs layer;
	struct smb3_mount mount;
	struct smb3_handle handle;
	struct smb3_arena *arena;
	struct smb3_file file;
	struct smb3_conn conn;
	struct smb3_req req;
	struct smb3_open open;
	struct smb3_stat stat;
	struct smb3_builder out;
	struct smb3_info_call call;
};

static void start(struct fixture *f)
{
	*f = (struct fixture){ .arena = smb3_arena_new() };
	pthread_mutex_init(&f->file.mutex, NULL);
	f->conn.revision = SMB2_DIALECT_0311;
	f->req.arena = f->arena;
	f->req.conn = &f->conn;
	f->req.open = &f->open;
	f->open.file = &f->file;
	f->layer.ops = &poor;
	f->mount.top = &f->layer;
	f->handle = (struct smb3_handle){ .magic = SMB3_HANDLE_MAGIC, .mount = &f->mount };
	f->open.handle = &f->handle;
	f->open.path = (char *)(uintptr_t) "dir/näme";
	f->open.access = FILE_GENERIC_READ;
	f->stat = (struct smb3_stat){ .dev = 7,
				      .ino = 0x1122334455667788,
				      .size = 1000,
				      .alloc = 4096,
				      .links = 2,
				      .mode = S_IFREG | 0644,
				      .created = 1,
				      .accessed = 2,
				      .written = 3,
				      .changed = 4 };
	f->out = smb3_builder_arena(f->arena, 4096);
	f->call = (struct smb3_info_call){ .req = &f->req,
					   .open = &f->open,
					   .out = &f->out,
					   .stat = &f->stat,
					   .position = 77,
					   .mode = 2 };
}

static void end(struct fixture *f)
{
	pthread_mutex_destroy(&f->file.mutex);
	smb3_arena_free(f->arena);
}

static struct smb3_cursor query(struct fixture *f, const struct smb3_info *row)
{
	f->out.len = 0;
	cr_assert_eq(row->query(&f->call), STATUS_SUCCESS, "%s", row->name);
	cr_assert_geq(f->out.len, row->min_out > 8 ? 8 : row->min_out, "%s", row->name);
	return smb3_cursor_init(f->out.data, f->out.len);
}

Test(info, fixed_classes_have_their_size)
{
	static const struct {
		const struct smb3_info *row;
		size_t size;
	} cases[] = {
		{ &info_basic, 40 },        { &info_standard, 24 },     { &info_internal, 8 },
		{ &info_ea_size, 4 },       { &info_access, 4 },        { &info_position, 8 },
		{ &info_mode, 4 },          { &info_alignment, 4 },     { &info_compression, 16 },
		{ &info_network_open, 56 }, { &info_attribute_tag, 8 }, { &info_standard_link, 12 },
		{ &info_id, 24 },           { &info_stat, 72 },
	};
	struct fixture f;

	start(&f);
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		query(&f, cases[i].row);
		cr_expect_eq(f.out.len, cases[i].size, "%s", cases[i].row->name);
		cr_expect_eq(cases[i].row->min_out, cases[i].size, "%s", cases[i].row->name);
	}
	end(&f);
}

Test(info, no_attribute_is_normal)
{
	struct fixture f;
	struct smb3_cursor c;

	start(&f);
	c = query(&f, &info_basic);
	for (uint64_t t = 1; t <= 4; t++)
		cr_expect_eq(smb3_get_u64(&c), t);
	cr_expect_eq(smb3_get_u32(&c), FILE_ATTRIBUTE_NORMAL);
	f.stat.attributes = FILE_ATTRIBUTE_HIDDEN;
	c = query(&f, &info_attribute_tag);
	cr_expect_eq(smb3_get_u32(&c), FILE_ATTRIBUTE_HIDDEN);
	end(&f);
}

Test(info, links_of_what_is_going)
{
	struct fixture f;
	struct smb3_cursor c;

	start(&f);
	f.file.delete_pending = true;
	c = query(&f, &info_standard);
	cr_expect_eq(smb3_get_u64(&c), 4096u);
	cr_expect_eq(smb3_get_u64(&c), 1000u);
	cr_expect_eq(smb3_get_u32(&c), 1u);
	cr_expect_eq(smb3_get_u8(&c), 1);
	cr_expect_eq(smb3_get_u8(&c), 0);
	f.file.delete_pending = false;
	f.stat.mode = S_IFDIR | 0755;
	f.stat.links = 5;
	c = query(&f, &info_standard_link);
	cr_expect_eq(smb3_get_u32(&c), 1u, "the folders in a folder are no links to it");
	end(&f);
}

Test(info, names_have_backslashes)
{
	static const char name[] = "\\\0d\0i\0r\0\\\0n\0\xe4\0m\0e\0";
	struct fixture f;
	struct smb3_cursor c;

	start(&f);
	c = query(&f, &info_name);
	cr_expect_eq(smb3_get_u32(&c), sizeof(name) - 1);
	cr_expect_arr_eq(c.pos, name, sizeof(name) - 1);
	c = query(&f, &info_all);
	smb3_get_skip(&c, 64);
	cr_expect_eq(smb3_get_u64(&c), f.stat.ino);
	smb3_get_skip(&c, 8);
	cr_expect_eq(smb3_get_u64(&c), 77u, "position");
	cr_expect_eq(smb3_get_u32(&c), 2u, "mode");
	smb3_get_skip(&c, 4);
	cr_expect_eq(smb3_get_u32(&c), sizeof(name) - 1);
	cr_expect_eq(smb3_cursor_left(&c), sizeof(name) - 1);
	end(&f);
}

Test(info, position_and_mode_are_checked)
{
	static const struct {
		const struct smb3_info *row;
		uint64_t value;
		ntstatus status;
	} cases[] = {
		{ &info_position, 0, STATUS_SUCCESS },
		{ &info_position, INT64_MAX, STATUS_SUCCESS },
		{ &info_position, UINT64_MAX, STATUS_INVALID_PARAMETER },
		{ &info_mode, FILE_WRITE_THROUGH | FILE_SEQUENTIAL_ONLY, STATUS_SUCCESS },
		{ &info_mode, FILE_SYNCHRONOUS_IO_ALERT, STATUS_SUCCESS },
		{ &info_mode, FILE_SYNCHRONOUS_IO_ALERT | FILE_SYNCHRONOUS_IO_NONALERT,
		  STATUS_INVALID_PARAMETER },
		{ &info_mode, FILE_DIRECTORY_FILE, STATUS_INVALID_PARAMETER },
	};
	struct fixture f;

	start(&f);
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		uint8_t data[8];

		smb3_store_u64(data, cases[i].value);
		f.call.in = smb3_cursor_init(data, sizeof(data));
		cr_expect_eq(cases[i].row->set(&f.call), cases[i].status, "case %zu", i);
	}
	cr_expect_eq(f.open.position, (uint64_t)INT64_MAX);
	cr_expect_eq(f.open.mode, FILE_SYNCHRONOUS_IO_ALERT);
	end(&f);
}
