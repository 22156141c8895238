// SPDX-License-Identifier: Apache-2.0
/*
 * filesec_smb.c: reading or setting a file's security descriptor as a client does it: TREE_CONNECT, CREATE,
 * QUERY_INFO or SET_INFO, CLOSE, TREE_DISCONNECT, each related to the one before.
 * [MS-SMB2] 2.2.9 to 2.2.15, 2.2.37 to 2.2.40; [MS-FSA] 2.1.5.14, 2.1.5.17
 */
#include "filesec.h"

/* SECURITY_INFORMATION, [MS-DTYP] 2.4.7 */
#define OWNERS     0x00000013u /* owner, group, label */
#define OF_DACL    0xA0000024u /* and attributes; protected, unprotected */
#define OF_SACL    0x50000048u /* and scope */
#define BACKUP     0x00010000u
#define PLAIN_SACL 0x00000008u

#define IMPERSONATION 2u
#define SHARE_ALL     7u

/* The requests so far. */
struct compound {
	struct smb3_builder *out;
	size_t at; /* where the last one begins */
	uint64_t n;
};

static void begin(struct compound *c, uint16_t command)
{
	struct smb3_builder *out = c->out;

	if (c->n) {
		smb3_put_align(out, 8);
		smb3_set_u32(out, c->at + 20, (uint32_t)(out->len - c->at));
	}
	c->at = out->len;
	smb3_put_u32(out, SMB2_MAGIC);
	smb3_put_u16(out, SMB2_HEADER_SIZE);
	smb3_put_u16(out, 1); /* CreditCharge */
	smb3_put_u32(out, 0);
	smb3_put_u16(out, command);
	smb3_put_u16(out, 0);
	smb3_put_u32(out, c->n ? SMB2_FLAGS_RELATED_OPERATIONS : 0);
	smb3_put_u32(out, 0); /* NextCommand */
	smb3_put_u64(out, c->n++);
	smb3_put_zero(out, 8 + 8 + 16); /* tree, session, signature */
}

static void put_file_id(struct smb3_builder *out)
{
	smb3_put_u64(out, UINT64_MAX);
	smb3_put_u64(out, UINT64_MAX);
}

/* Lengths of names are 16 bits; filesec_compound() has looked. */
static void put_tree_connect(struct compound *c, const char *share)
{
	struct smb3_builder *out = c->out;
	static const char server[] = "\\\\localhost\\";

	begin(c, SMB2_TREE_CONNECT);
	smb3_put_u16(out, 9);
	smb3_put_u16(out, 0);
	smb3_put_u16(out, SMB2_HEADER_SIZE + 8);
	smb3_put_u16(out, (uint16_t)(smb3_utf16_size(server) + smb3_utf16_size(share)));
	smb3_put_utf16(out, server);
	smb3_put_utf16(out, share);
}

static void put_create(struct compound *c, const char *path, uint32_t access)
{
	struct smb3_builder *out = c->out;

	begin(c, SMB2_CREATE);
	smb3_put_u16(out, 57);
	smb3_put_u16(out, 0); /* SecurityFlags, RequestedOplockLevel */
	smb3_put_u32(out, IMPERSONATION);
	smb3_put_zero(out, 16); /* SmbCreateFlags, Reserved */
	smb3_put_u32(out, access);
	smb3_put_u32(out, 0); /* FileAttributes */
	smb3_put_u32(out, SHARE_ALL);
	smb3_put_u32(out, FILE_OPEN);
	smb3_put_u32(out, 0); /* CreateOptions */
	smb3_put_u16(out, SMB2_HEADER_SIZE + 56);
	smb3_put_u16(out, (uint16_t)smb3_utf16_size(path));
	smb3_put_zero(out, 8); /* contexts */
	smb3_put_utf16(out, path);
	smb3_put_u8(out, 0); /* Buffer is never empty */
}

static void put_query(struct compound *c, uint32_t which)
{
	struct smb3_builder *out = c->out;

	begin(c, SMB2_QUERY_INFO);
	smb3_put_u16(out, 41);
	smb3_put_u8(out, SMB2_0_INFO_SECURITY);
	smb3_put_u8(out, 0);
	smb3_put_u32(out, FILESEC_GET_MAX);
	smb3_put_zero(out, 8); /* input */
	smb3_put_u32(out, which);
	smb3_put_u32(out, 0); /* Flags */
	put_file_id(out);
}

static void put_set(struct compound *c, const struct filesec *f)
{
	struct smb3_builder *out = c->out;

	begin(c, SMB2_SET_INFO);
	smb3_put_u16(out, 33);
	smb3_put_u8(out, SMB2_0_INFO_SECURITY);
	smb3_put_u8(out, 0);
	smb3_put_u32(out, (uint32_t)f->len);
	smb3_put_u16(out, SMB2_HEADER_SIZE + 32);
	smb3_put_u16(out, 0);
	smb3_put_u32(out, f->which);
	put_file_id(out);
	smb3_put_bytes(out, f->sd, f->len);
}

static uint32_t access_of(const struct filesec *f)
{
	uint32_t w = f->which;

	if (!f->sets)
		return (w & (PLAIN_SACL | BACKUP) ? ACCESS_SYSTEM_SECURITY : 0) |
		       (w & ~PLAIN_SACL || !w ? READ_CONTROL : 0);
	return (w & (OWNERS | BACKUP) ? WRITE_OWNER : 0) |
	       (w & (OF_DACL | BACKUP) ? WRITE_DAC : 0) |
	       (w & (OF_SACL | BACKUP) ? ACCESS_SYSTEM_SECURITY : 0);
}

bool filesec_compound(const struct filesec *f, struct smb3_builder *out)
{
	struct compound c = { .out = out };
	const char *path = f->path + (f->path[0] == '\\');
	uint32_t access = access_of(f);

	if (!access || smb3_utf16_size(path) > FILESEC_PATH_MAX ||
	    smb3_utf16_size(f->share) > FILESEC_PATH_MAX || f->len > FILESEC_SET_MAX)
		return false;
	put_tree_connect(&c, f->share);
	put_create(&c, path, access);
	if (f->sets)
		put_set(&c, f);
	else
		put_query(&c, f->which);
	begin(&c, SMB2_CLOSE);
	smb3_put_u16(out, 24);
	smb3_put_zero(out, 6); /* Flags, Reserved */
	put_file_id(out);
	begin(&c, SMB2_TREE_DISCONNECT);
	smb3_put_u16(out, 4);
	smb3_put_u16(out, 0);
	return smb3_builder_ok(out);
}

/* What comes behind that is tidying up. */
ntstatus filesec_result(const uint8_t *replies, size_t len, struct smb3_cursor *ret_sd)
{
	struct smb3_cursor sd = smb3_cursor_init(NULL, 0);
	uint16_t command, offset;
	size_t next, at = 0;

	do {
		struct smb3_cursor c = smb3_cursor_init(replies + at, len - at);
		ntstatus status;

		smb3_cursor_seek(&c, 8);
		status = smb3_get_u32(&c);
		command = smb3_get_u16(&c);
		smb3_cursor_seek(&c, 20);
		next = smb3_get_u32(&c);
		if (!smb3_cursor_ok(&c) || next > len - at)
			return STATUS_INTERNAL_ERROR;
		if (smb3_status_is_error(status))
			return status;
		smb3_cursor_seek(&c, SMB2_HEADER_SIZE + 2);
		offset = smb3_get_u16(&c);
		if (command == SMB2_QUERY_INFO)
			sd = smb3_cursor_sub(&c, offset, smb3_get_u32(&c));
		if (command == SMB2_QUERY_INFO && !smb3_cursor_ok(&c))
			return STATUS_INTERNAL_ERROR;
		at += next;
	} while (next && command != SMB2_QUERY_INFO && command != SMB2_SET_INFO);
	if (command != SMB2_QUERY_INFO && command != SMB2_SET_INFO)
		return STATUS_INTERNAL_ERROR;
	*ret_sd = sd;
	return STATUS_SUCCESS;
}
