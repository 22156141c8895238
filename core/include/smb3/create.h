// SPDX-License-Identifier: Apache-2.0
/*
 * create.h: one CREATE under way, and rows of kind CREATECTX. [MS-SMB2] 2.2.13, 3.3.5.9
 * The file module owns CREATE; features see and change it through their contexts and the hooks
 * ACCESS, OPEN_CONFLICT and OPENED.
 */
#ifndef SMB3_CREATE_H
#define SMB3_CREATE_H

#include <smb3/base.h>
#include <smb3/vfs.h>

struct smb3_create {
	struct smb3_req *req;
	/* As asked */
	uint8_t oplock; /* RequestedOplockLevel */
	uint32_t desired_access, attributes, share_access, disposition, options;
	/* below the share, '/' separated, without stream, and without the version */
	const char *path;
	const char *stream;   /* NULL: the unnamed stream */
	uint64_t alloc;       /* AlSi */
	smb3_nttime snapshot; /* TWrp, or from the name: the version asked for; 0: the live file */
	/* As it came out */
	struct smb3_open *open;
	uint32_t action;  /* FILE_OPENED ... */
	uint32_t granted; /* access */
	uint32_t maximal; /* MxAc: computed when asked */
	uint8_t granted_oplock;
	struct smb3_stat stat;
	/* Contexts that were sent, in the order of the wire; state is the row's own, in the arena */
	struct smb3_create_use {
		const struct smb3_createctx *row;
		void *state;
		struct smb3_create_use *next;
	} * contexts;
};

struct smb3_createctx {
	const char *name; /* for logs: "MxAc" */
	const void *tag;  /* bytes on the wire */
	size_t tag_len;   /* 4 or 16 */
	/* On the loop. Errors refuse the CREATE. data is empty when the context has none. */
	ntstatus (*parse)(struct smb3_create *create, struct smb3_cursor *data, void **ret_state);
	/* In work, after the open: may fail the CREATE (the open is undone). Optional. */
	ntstatus (*opened)(struct smb3_create *create, void *state);
	/* On the loop: appends the reply context's data; false: no such context in the reply. */
	bool (*reply)(struct smb3_create *create, void *state, struct smb3_builder *out);
};

/* State of a context of this CREATE, or NULL when the client did not send it. */
static inline void *smb3_create_context(const struct smb3_create *create,
					const struct smb3_createctx *row)
{
	for (const struct smb3_create_use *use = create->contexts; use; use = use->next)
		if (use->row == row)
			return use->state;
	return NULL;
}

#endif
