// SPDX-License-Identifier: Apache-2.0
/*
 * test_slot.c: slots lie behind the object, aligned, and come and go in order.
 */
#include "core.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static char trace[64];

static void note(const char *what, const void *object)
{
	const struct smb3_conn *conn = object;

	cr_expect_eq(conn->id, 77);
	strcat(trace, what);
}

static void first_init(void *slot, void *object)
{
	cr_expect_eq(*(char *)slot, 0, "zeroed");
	*(char *)slot = 1;
	note("+1", object);
}

static void first_fini(void *slot, void *object)
{
	cr_expect_eq(*(char *)slot, 1);
	note("-1", object);
}

static void second_init(void *slot, void *object)
{
	*(long double *)slot = 2;
	note("+2", object);
}

static void second_fini(void *slot, void *object)
{
	cr_expect_eq(*(long double *)slot, 2);
	note("-2", object);
}

static struct smb3_slot first = { SMB3_SLOT_CONN, 1, first_init, first_fini, 0 };
static struct smb3_slot bare = { SMB3_SLOT_CONN, 3, NULL, NULL, 0 };
static struct smb3_slot second = { SMB3_SLOT_CONN, sizeof(long double), second_init, second_fini,
				   0 };
static struct smb3_slot other = { SMB3_SLOT_TREE, 100, NULL, NULL, 0 };
static const struct smb3_provide rows[] = {
	SMB3_SLOT(&first), SMB3_SLOT(&bare), SMB3_SLOT(&second), SMB3_SLOT(&other), SMB3_END,
};

Test(slot, layout_and_life)
{
	static const struct smb3_module module = { .name = "m" };
	struct smb3_mod mod = { .module = &module };
	struct smb3_server *server = calloc(1, sizeof(*server));
	struct smb3_conn *conn;

	cr_assert_eq(smb3_registry_add(server, &mod, rows), 0);
	smb3_slots_layout(server);
	cr_expect_geq(first.offset, sizeof(struct smb3_conn));
	cr_expect_geq(bare.offset, first.offset + 1);
	cr_expect_geq(second.offset, bare.offset + 3);
	cr_expect_eq(second.offset % 16, 0);
	cr_expect_geq(server->slots.size[SMB3_SLOT_CONN], second.offset + sizeof(long double));
	cr_expect_geq(other.offset, sizeof(struct smb3_tree));
	cr_expect_geq(server->slots.size[SMB3_SLOT_OPEN], sizeof(struct smb3_open));

	conn = smb3_object_alloc(server, SMB3_SLOT_CONN);
	conn->id = 77;
	smb3_slots_init(server, SMB3_SLOT_CONN, conn);
	cr_expect_eq(*(char *)smb3_slot(&first, conn), 1);
	smb3_slots_fini(server, SMB3_SLOT_CONN, conn);
	cr_expect_str_eq(trace, "+1+2-2-1");
	free(conn);
	smb3_slots_free(&server->slots);
	smb3_registry_free(&server->registry);
	free(server);
}
