// SPDX-License-Identifier: Apache-2.0
/*
 * slot.h: memory of a module inside core's objects. The sizes are known once all modules are
 * loaded, so an object and its slots are one zeroed block, and smb3_slot() is one addition.
 */
#ifndef SMB3_SLOT_H
#define SMB3_SLOT_H

#include <smb3/base.h>

enum smb3_slot_kind {
	SMB3_SLOT_CLIENT,
	SMB3_SLOT_CONN,
	SMB3_SLOT_SESSION,
	SMB3_SLOT_TREE,
	SMB3_SLOT_OPEN,
	SMB3_SLOT_FILE, /* init and fini run without the file's mutex held by the caller */
	SMB3_SLOT_REQ,
	SMB3_SLOT_IDENTITY,
	SMB3_SLOT_KINDS
};

/* A module's one mutable static: core fills in offset at load, before any object exists. */
struct smb3_slot {
	enum smb3_slot_kind kind;
	size_t size;
	void (*init)(void *slot, void *object); /* slot is zeroed; may be NULL */
	void (*fini)(void *slot, void *object); /* may be NULL */
	size_t offset;                          /* core's */
};

static inline void *smb3_slot(const struct smb3_slot *slot, const void *object)
{
	return (char *)(uintptr_t)object + slot->offset;
}

#endif
