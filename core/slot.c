// SPDX-License-Identifier: Apache-2.0
/*
 * slot.c: where the slots of modules lie in core's objects.
 */
#include "core.h"

#define SLOT_ALIGN 16

static const size_t core_size[SMB3_SLOT_KINDS] = {
	[SMB3_SLOT_CLIENT] = sizeof(struct smb3_client),
	[SMB3_SLOT_CONN] = sizeof(struct smb3_conn),
	[SMB3_SLOT_SESSION] = sizeof(struct smb3_session),
	[SMB3_SLOT_TREE] = sizeof(struct smb3_tree),
	[SMB3_SLOT_OPEN] = sizeof(struct smb3_open),
	[SMB3_SLOT_FILE] = sizeof(struct smb3_file),
	[SMB3_SLOT_REQ] = sizeof(struct smb3_req),
	[SMB3_SLOT_IDENTITY] = sizeof(struct smb3_identity),
};

static size_t aligned(size_t size)
{
	return (size + SLOT_ALIGN - 1) / SLOT_ALIGN * SLOT_ALIGN;
}

static void slot_place(struct smb3_slots *slots, struct smb3_slot *slot)
{
	enum smb3_slot_kind kind = slot->kind;
	size_t n = slots->count[kind]++;

	slots->list[kind] = smb3_realloc(slots->list[kind], (n + 1) * sizeof(slot));
	slots->list[kind][n] = slot;
	slot->offset = slots->size[kind];
	slots->size[kind] = aligned(slot->offset + slot->size);
}

void smb3_slots_layout(struct smb3_server *server)
{
	const struct smb3_registry *r = &server->registry;

	for (int kind = 0; kind < SMB3_SLOT_KINDS; kind++)
		server->slots.size[kind] = aligned(core_size[kind]);
	for (size_t i = 0; i < r->count[SMB3_KIND_SLOT]; i++)
		/* The one row that core writes to; slot.h says so. */
		slot_place(&server->slots,
			   (struct smb3_slot *)(uintptr_t)r->rows[SMB3_KIND_SLOT][i]->row);
}

void smb3_slots_free(struct smb3_slots *slots)
{
	for (int kind = 0; kind < SMB3_SLOT_KINDS; kind++) {
		free(slots->list[kind]);
		slots->list[kind] = NULL;
		slots->count[kind] = 0;
	}
}

void *smb3_object_alloc(const struct smb3_server *server, enum smb3_slot_kind kind)
{
	return smb3_alloc(server->slots.size[kind]);
}

void smb3_slots_init(const struct smb3_server *server, enum smb3_slot_kind kind, void *object)
{
	const struct smb3_slots *slots = &server->slots;

	for (size_t i = 0; i < slots->count[kind]; i++) {
		const struct smb3_slot *slot = slots->list[kind][i];

		if (slot->init)
			slot->init(smb3_slot(slot, object), object);
	}
}

void smb3_slots_fini(const struct smb3_server *server, enum smb3_slot_kind kind, void *object)
{
	const struct smb3_slots *slots = &server->slots;

	for (size_t i = slots->count[kind]; i-- > 0;) {
		const struct smb3_slot *slot = slots->list[kind][i];

		if (slot->fini)
			slot->fini(smb3_slot(slot, object), object);
	}
}
