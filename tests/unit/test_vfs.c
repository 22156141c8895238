// SPDX-License-Identifier: Apache-2.0
/*
 * test_vfs.c: the stack of file systems: who is called, in which order, and what stands in where
 * a layer has nothing.
 */
#include "test_layers.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- the share ---- */

static const struct smb3_module module = { .name = "layers" };
static struct smb3_mod mod = { .module = &module };
static struct smb3_server server;
static struct smb3_share share;
static struct smb3_ctx ctx;
static struct smb3_mount *mount;
static struct smb3_vfs *top;

static void share_set(const char *const *filters, const char *backend)
{
	smb3_mount_free(share.mount);
	share.mount = NULL;
	share.vfs = filters;
	share.backend = backend;
	layers_said[0] = '\0';
}

static void stack(const char *const *filters, const char *backend)
{
	share_set(filters, backend);
	cr_assert_eq(smb3_share_mount(&share, &mount), 0);
	top = mount->top;
	layers_said[0] = '\0';
}

static void setup(void)
{
	cr_assert_eq(smb3_registry_add(&server, &mod, layers), 0);
	share = (struct smb3_share){
		.magic = SMB3_SHARE_MAGIC, .server = &server, .name = "s", .path = "/nowhere"
	};
	pthread_mutex_init(&share.mount_lock, NULL);
}

static void teardown(void)
{
	smb3_mount_free(share.mount);
	pthread_mutex_destroy(&share.mount_lock);
	smb3_registry_free(&server.registry);
}

TestSuite(vfs, .init = setup, .fini = teardown);

static const char *const abc[] = { "A", "B", "C", NULL };
static const char *const nothing[] = { NULL };

Test(vfs, every_callback_in_order)
{
	const struct smb3_how how = { 0 };
	const struct smb3_setattr set = { 0 };
	struct smb3_handle *h, *d;
	struct smb3_fsinfo info;
	struct smb3_stat st;
	uint64_t a = 0, b = 0;
	char buf[4] = "rrr";

	share_set(abc, "Z");
	cr_assert_eq(smb3_share_mount(&share, &mount), 0);
	EXPECT_SAID("Z.mount C.mount B.mount A.mount ");
	top = mount->top;
	h = smb3_handle_new(mount);
	d = smb3_handle_new(mount);

#define IN_ORDER(op, ...)                                                \
	do {                                                             \
		cr_expect(smb3_vfs_##op(__VA_ARGS__) >= 0);              \
		EXPECT_SAID("A." #op " B." #op " C." #op " Z." #op " "); \
	} while (0)

	IN_ORDER(root, top, &ctx, d);
	IN_ORDER(walk, top, &ctx, d, "a/b", h);
	IN_ORDER(open, top, &ctx, d, "x", &how, h);
	IN_ORDER(open_stream, top, &ctx, d, "x", &how, h);
	IN_ORDER(stat, top, &ctx, h, &st);
	IN_ORDER(lookup, top, &ctx, d, "x", &st);
	IN_ORDER(setattr, top, &ctx, h, &set);
	IN_ORDER(pread, top, &ctx, h, buf, 4, 0);
	IN_ORDER(pwrite, top, &ctx, h, buf, 4, 0);
	IN_ORDER(flush, top, &ctx, h);
	IN_ORDER(truncate, top, &ctx, h, 0);
	IN_ORDER(alloc, top, &ctx, h, 0, 0, 0);
	cr_expect_eq(smb3_vfs_next_data(top, &ctx, h, &a, &b), -ENXIO);
	EXPECT_SAID("A.next_data B.next_data C.next_data Z.next_data ");
	IN_ORDER(copy, top, &ctx, h, 0, d, 0, 1, 0);
	IN_ORDER(readdir, top, &ctx, h, &a, NULL, NULL);
	IN_ORDER(remove, top, &ctx, d, "x", false);
	IN_ORDER(rename, top, &ctx, d, "x", d, "y", 0);
	IN_ORDER(link, top, &ctx, h, d, "y");
	IN_ORDER(make, top, &ctx, d, "x", 0, 0, NULL);
	IN_ORDER(readlink, top, &ctx, h, buf, 4);
	IN_ORDER(getxattr, top, &ctx, h, "x", buf, 4);
	IN_ORDER(setxattr, top, &ctx, h, "x", buf, 4);
	IN_ORDER(listxattr, top, &ctx, h, buf, 4);
	IN_ORDER(list_streams, top, &ctx, h, NULL, NULL);
	IN_ORDER(statfs, top, &ctx, h, &info);
	cr_expect_eq(smb3_vfs_fd(top, h), 7);
	EXPECT_SAID("A.fd B.fd C.fd Z.fd ");
	smb3_handle_free(h);
	EXPECT_SAID("A.close B.close C.close Z.close ");
	smb3_handle_free(d);
	layers_said[0] = '\0';
	smb3_mount_free(mount);
	share.mount = NULL;
	EXPECT_SAID("A.unmount B.unmount C.unmount Z.unmount ");
}

/* A filter that reads but does not splice wants to see what is read: nothing goes past it. */
Test(vfs, nothing_is_spliced_past_a_filter_that_reads)
{
	static const char *const passing[] = { "gap", "lets", "opener", NULL };
	static const char *const reader[] = { "lets", "A", NULL };
	struct smb3_handle *h;

	stack(passing, "uncopied");
	h = smb3_handle_new(mount);
	cr_expect_eq(smb3_vfs_splice(top, &ctx, h, NULL, 100, 7), 100);
	EXPECT_SAID("lets.splice uncopied.splice ");
	smb3_handle_free(h);
	stack(reader, "uncopied");
	h = smb3_handle_new(mount);
	layers_said[0] = '\0';
	cr_expect_eq(smb3_vfs_splice(top, &ctx, h, NULL, 100, 7), -EOPNOTSUPP);
	EXPECT_SAID("lets.splice ");
	smb3_handle_free(h);
	stack(nothing, "none");
	h = smb3_handle_new(mount);
	cr_expect_eq(smb3_vfs_splice(top, &ctx, h, NULL, 100, 7), -EOPNOTSUPP);
	smb3_handle_free(h);
}

Test(vfs, layers_without_an_entry_are_passed)
{
	static const char *const filters[] = { "gap", "A", "gap", NULL };
	const struct smb3_how how = { 0 };
	struct smb3_handle *h;
	struct smb3_stat st;

	stack(filters, "Z");
	h = smb3_handle_new(mount);
	cr_expect_eq(smb3_vfs_open(top, &ctx, h, "x", &how, h), 0);
	cr_expect_eq(smb3_vfs_stat(top, &ctx, h, &st), 0);
	smb3_handle_free(h);
	EXPECT_SAID("A.open Z.open A.stat Z.stat A.close Z.close ");
}

Test(vfs, each_layer_has_its_room)
{
	struct smb3_handle *h;
	char *last;

	stack(abc, "Z");
	cr_expect(mount->blocks);
	h = smb3_handle_new(mount);
	last = (char *)(h + 1);
	for (struct smb3_vfs *vfs = top; vfs; vfs = vfs->next) {
		char *room = smb3_vfs_of(vfs, h);

		cr_expect_eq(vfs->mount, mount);
		cr_expect_eq(vfs->mod, &mod);
		cr_expect_eq((uintptr_t)room % 16, 0);
		cr_expect(room >= last);
		for (size_t i = 0; i < vfs->ops->handle_size; i++)
			cr_expect_eq(room[i], 0);
		memset(room, 0xff, vfs->ops->handle_size);
		last = room + vfs->ops->handle_size;
	}
	cr_expect(last <= (char *)h + mount->handle_size);
	smb3_handle_free(h);
	stack(nothing, "Z");
	cr_expect(!mount->blocks);
}

Test(vfs, a_failed_mount_is_undone)
{
	struct smb3_mount *none = NULL;

	share_set(abc, "Z");
	layers_mount_error = -EIO;
	cr_expect_eq(smb3_share_mount(&share, &none), -EIO);
	EXPECT_SAID("Z.mount C.mount B.mount C.unmount Z.unmount ");
	cr_expect_null(none);
	cr_expect_null(share.mount);
	layers_mount_error = 0;
	cr_expect_eq(smb3_share_mount(&share, &mount), 0);
	layers_said[0] = '\0';
	cr_expect_eq(smb3_share_mount(&share, &none), 0);
	cr_expect_eq(none, mount);
	EXPECT_SAID("");
}

Test(vfs, stacks_that_make_no_sense)
{
	static const char *const unknown[] = { "A", "typo", NULL }, *const backend[] = { "Z",
											 NULL };
	struct smb3_mount *none;

	share_set(unknown, "Z");
	cr_expect_eq(smb3_share_mount(&share, &none), -ENOENT);
	share_set(backend, "Z");
	cr_expect_eq(smb3_share_mount(&share, &none), -EINVAL);
	share_set(nothing, "A");
	cr_expect_eq(smb3_share_mount(&share, &none), -EINVAL);
	EXPECT_SAID("");
	share.pipe = true;
	cr_expect_eq(smb3_share_mount(&share, &none), -ENODEV);
}

#define MOUNTERS 8

static void *mount_it(void *arg)
{
	struct smb3_mount *m = NULL;

	smb3_share_mount(&share, &m);
	return m;
}

Test(vfs, mounted_once_by_many_threads)
{
	pthread_t threads[MOUNTERS];
	void *m[MOUNTERS];

	share_set(abc, "Z");
	for (size_t i = 0; i < MOUNTERS; i++)
		pthread_create(&threads[i], NULL, mount_it, NULL);
	for (size_t i = 0; i < MOUNTERS; i++) {
		pthread_join(threads[i], &m[i]);
		cr_expect_eq(m[i], share.mount);
	}
	EXPECT_SAID("Z.mount C.mount B.mount A.mount ");
}

Test(vfs, nothing_to_close_after_a_failed_open)
{
	const struct smb3_how how = { 0 };
	struct smb3_handle *d, *h;

	stack(abc, "Z");
	d = smb3_handle_new(mount);
	h = smb3_handle_new(mount);
	cr_expect_eq(smb3_vfs_open(top, &ctx, d, "!", &how, h), -EACCES);
	cr_expect(!h->opened);
	layers_said[0] = '\0';
	smb3_handle_free(h);
	smb3_handle_free(d);
	smb3_handle_free(NULL);
	EXPECT_SAID("");
}

Test(vfs, names_of_handles)
{
	struct smb3_handle *h;

	stack(nothing, "Z");
	h = smb3_handle_new(mount);
	smb3_handle_name(h, "first");
	smb3_handle_name(h, h->name + 2);
	cr_expect_str_eq(h->name, "rst");
	smb3_handle_free(h);
}

Test(vfs, a_backend_that_has_nothing)
{
	const struct smb3_how how = { 0 };
	const struct smb3_setattr set = { 0 };
	struct smb3_handle *h;
	struct smb3_fsinfo info;
	struct smb3_stat st;
	uint64_t a = 0, b = 0;
	char buf[4];

	stack(nothing, "none");
	h = smb3_handle_new(mount);
#define IS_REFUSED(op, ...) cr_expect_eq(smb3_vfs_##op(__VA_ARGS__), -EOPNOTSUPP, #op)
	IS_REFUSED(root, top, &ctx, h);
	IS_REFUSED(walk, top, &ctx, h, "a", h);
	IS_REFUSED(open, top, &ctx, h, "x", &how, h);
	IS_REFUSED(open_stream, top, &ctx, h, "x", &how, h);
	IS_REFUSED(stat, top, &ctx, h, &st);
	IS_REFUSED(lookup, top, &ctx, h, "x", &st);
	IS_REFUSED(setattr, top, &ctx, h, &set);
	IS_REFUSED(pread, top, &ctx, h, buf, 4, 0);
	IS_REFUSED(pwrite, top, &ctx, h, buf, 4, 0);
	IS_REFUSED(flush, top, &ctx, h);
	IS_REFUSED(truncate, top, &ctx, h, 0);
	IS_REFUSED(alloc, top, &ctx, h, 0, 0, 0);
	IS_REFUSED(next_data, top, &ctx, h, &a, &b);
	IS_REFUSED(copy, top, &ctx, h, 0, h, 0, 1, 0);
	IS_REFUSED(readdir, top, &ctx, h, &a, NULL, NULL);
	IS_REFUSED(remove, top, &ctx, h, "x", false);
	IS_REFUSED(rename, top, &ctx, h, "x", h, "y", 0);
	IS_REFUSED(link, top, &ctx, h, h, "y");
	IS_REFUSED(make, top, &ctx, h, "x", 0, 0, NULL);
	IS_REFUSED(readlink, top, &ctx, h, buf, 4);
	IS_REFUSED(getxattr, top, &ctx, h, "x", buf, 4);
	IS_REFUSED(setxattr, top, &ctx, h, "x", buf, 4);
	IS_REFUSED(listxattr, top, &ctx, h, buf, 4);
	IS_REFUSED(list_streams, top, &ctx, h, NULL, NULL);
	IS_REFUSED(statfs, top, &ctx, h, &info);
	IS_REFUSED(fd, top, h);
	smb3_vfs_close(top, h);
	smb3_handle_free(h);
}

Test(vfs, walking_by_opening_each)
{
	struct smb3_handle *d, *h;

	stack(nothing, "few");
	d = smb3_handle_new(mount);
	h = smb3_handle_new(mount);
	cr_expect_eq(smb3_vfs_walk(top, &ctx, d, "a/b/c", h), 0);
	EXPECT_SAID("few.open few.open few.close few.open few.close ");
	cr_expect(h->opened);
	smb3_handle_free(h);
	EXPECT_SAID("few.close ");
	h = smb3_handle_new(mount);
	cr_expect_eq(smb3_vfs_walk(top, &ctx, d, "a", h), 0);
	EXPECT_SAID("few.open ");
	smb3_handle_free(h);
	layers_said[0] = '\0';
	h = smb3_handle_new(mount);
	cr_expect_eq(smb3_vfs_walk(top, &ctx, d, "a/!/c", h), -EACCES);
	EXPECT_SAID("few.open few.open few.close ");
	cr_expect_eq(smb3_vfs_walk(top, &ctx, d, "a/!", h), -EACCES);
	EXPECT_SAID("few.open few.open few.close ");
	cr_expect_eq(smb3_vfs_walk(top, &ctx, d, "", h), -EINVAL);
	cr_expect(!h->opened);
	smb3_handle_free(h);
	smb3_handle_free(d);
	EXPECT_SAID("");
}

/* What a filter hides must not be walked through, though the backend could walk at once. */
Test(vfs, a_filter_that_opens_sees_each_step)
{
	static const char *const filters[] = { "opener", NULL };
	struct smb3_handle *d, *h;

	stack(filters, "Z");
	d = smb3_handle_new(mount);
	h = smb3_handle_new(mount);
	cr_expect_eq(smb3_vfs_walk(top, &ctx, d, "a/b", h), 0);
	EXPECT_SAID("opener.open Z.open opener.open Z.open opener.close Z.close ");
	smb3_handle_free(h);
	smb3_handle_free(d);
}

Test(vfs, what_stands_in)
{
	struct smb3_handle *a, *b;
	struct smb3_stat st;
	uint64_t offset = 100, len = 0;

	stack(nothing, "few");
	a = smb3_handle_new(mount);
	b = smb3_handle_new(mount);
	cr_expect_eq(smb3_vfs_lookup(top, &ctx, a, "x", &st), 0);
	cr_expect_eq(st.size, 1000);
	EXPECT_SAID("few.open few.stat few.close ");
	cr_expect_eq(smb3_vfs_lookup(top, &ctx, a, "!", &st), -EACCES);
	EXPECT_SAID("few.open ");
	cr_expect_eq(smb3_vfs_next_data(top, &ctx, a, &offset, &len), 0);
	cr_expect(offset == 100 && len == 900);
	offset = 1000;
	cr_expect_eq(smb3_vfs_next_data(top, &ctx, a, &offset, &len), -ENXIO);
	layers_said[0] = '\0';
	cr_expect_eq(smb3_vfs_copy(top, &ctx, a, 0, b, 0, 5000, 0), 1000);
	EXPECT_SAID("few.pread few.pwrite ");
	cr_expect_eq(smb3_vfs_copy(top, &ctx, a, 1000, b, 0, 5000, 0), 0);
	EXPECT_SAID("few.pread ");
	cr_expect_eq(smb3_vfs_copy(top, &ctx, a, 0, b, 0, 10, SMB3_COPY_CLONE), -EOPNOTSUPP);
	ctx.nowait = true;
	cr_expect_eq(smb3_vfs_copy(top, &ctx, a, 0, b, 0, 10, 0), -EAGAIN);
	ctx.nowait = false;
	EXPECT_SAID("");
	smb3_handle_free(a);
	smb3_handle_free(b);
}

Test(vfs, a_layer_that_cannot_copy_leaves_it_to_core)
{
	static const char *const filters[] = { "A", "nocopy", NULL };
	struct smb3_handle *h;

	stack(filters, "Z");
	h = smb3_handle_new(mount);
	cr_expect_eq(smb3_vfs_copy(top, &ctx, h, 0, h, 0, 10, SMB3_COPY_CLONE), -EOPNOTSUPP);
	EXPECT_SAID("A.copy nocopy.copy ");
	cr_expect_eq(smb3_vfs_copy(top, &ctx, h, 0, h, 0, 10, 0), 10);
	EXPECT_SAID("A.copy nocopy.copy Z.pread Z.pwrite ");
	smb3_handle_free(h);
}

static void expect_layers(const char *const *filters, const char *expected)
{
	char names[100] = "";

	stack(filters, "Z");
	for (const struct smb3_vfs *vfs = top; vfs; vfs = vfs->next) {
		strncat(names, vfs->ops->name, sizeof(names) - strlen(names) - 1);
		strncat(names, " ", sizeof(names) - strlen(names) - 1);
	}
	cr_expect_str_eq(names, expected);
}

Test(vfs, filters_that_want_a_share_come_by_themselves)
{
	static const char *const filters[] = { "A", NULL }, *const named[] = { "A", "Early", NULL };

	expect_layers(filters, "A Z ");
	share.comment = "w";
	expect_layers(filters, "early late A Z ");
	expect_layers(named, "late A early Z ");
	expect_layers(NULL, "early late Z ");
}
