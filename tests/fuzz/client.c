// SPDX-License-Identifier: Apache-2.0
/*
 * client.c: just enough of a client to bring a fuzzed message to where it matters.
 */
#include "fuzz.h"
#include "core.h"

#define CREDITS 256

static void put_header(struct smb3_builder *b, const struct fuzz_peer *p, uint16_t command,
		       uint32_t tree)
{
	smb3_put_u32(b, SMB2_MAGIC);
	smb3_put_u16(b, SMB2_HEADER_SIZE);
	smb3_put_u16(b, 1); /* credit charge */
	smb3_put_u32(b, 0);
	smb3_put_u16(b, command);
	smb3_put_u16(b, CREDITS);
	smb3_put_u32(b, 0);
	smb3_put_u32(b, 0);
	smb3_put_u64(b, p->next_message_id);
	smb3_put_u32(b, 0);
	smb3_put_u32(b, tree);
	smb3_put_u64(b, p->session_id);
	smb3_put_zero(b, 16);
}

void fuzz_request(struct fuzz_peer *p, uint16_t command, uint32_t tree, const void *body,
		  size_t len)
{
	uint8_t *message = malloc(SMB2_HEADER_SIZE + len);
	struct smb3_builder b = smb3_builder_init(message, SMB2_HEADER_SIZE + len);

	put_header(&b, p, command, tree);
	smb3_put_bytes(&b, body, len);
	p->next_message_id++;
	p->status = STATUS_PENDING;
	if (p->prove)
		p->prove(p, message, b.len);
	fuzz_send(p, message, b.len);
	free(message);
}

void fuzz_negotiate(struct fuzz_peer *p, uint16_t dialect)
{
	uint8_t body[128];
	struct smb3_builder b = smb3_builder_init(body, sizeof(body));

	smb3_put_u16(&b, 36);
	smb3_put_u16(&b, 1);
	smb3_put_u16(&b, SMB2_NEGOTIATE_SIGNING_ENABLED);
	smb3_put_u16(&b, 0);
	smb3_put_u32(&b, 0x7f);
	memset(smb3_put_space(&b, 16), 0x66, 16);
	smb3_put_u32(&b, dialect == SMB2_DIALECT_0311 ? SMB2_HEADER_SIZE + 40 : 0);
	smb3_put_u32(&b, dialect == SMB2_DIALECT_0311 ? 1 : 0);
	smb3_put_u16(&b, dialect);
	smb3_put_align(&b, 8);
	if (dialect == SMB2_DIALECT_0311) {
		smb3_put_u16(&b, SMB2_PREAUTH_INTEGRITY_CAPABILITIES);
		smb3_put_u16(&b, 38);
		smb3_put_u32(&b, 0);
		smb3_put_u16(&b, 1);
		smb3_put_u16(&b, 32);
		smb3_put_u16(&b, 1);
		memset(smb3_put_space(&b, 32), 0x33, 32);
	}
	fuzz_request(p, SMB2_NEGOTIATE, 0, body, b.len);
}

void fuzz_log_on(struct fuzz_peer *p)
{
	struct smb3_session *s = smb3_session_new(p->conn);
	struct smb3_identity *id = NULL;

	CHECK(s);
	CHECK(smb3_identity_new(p->conn->server, "guest", "", "nobody", &id) == 0);
	s->guest = true;
	smb3_channel_find(s, p->conn)->bound = true;
	smb3_session_valid(s, id);
	p->session_id = s->id;
}

static void tree_connect(struct fuzz_peer *p, const char *path, uint32_t *ret_tree)
{
	uint8_t body[128];
	struct smb3_builder b = smb3_builder_init(body, sizeof(body));

	smb3_put_u16(&b, 9);
	smb3_put_u16(&b, 0);
	smb3_put_u16(&b, SMB2_HEADER_SIZE + 8);
	smb3_put_u16(&b, (uint16_t)smb3_utf16_size(path));
	smb3_put_utf16(&b, path);
	fuzz_request(p, SMB2_TREE_CONNECT, 0, body, b.len);
	if (p->status == STATUS_SUCCESS)
		*ret_tree = p->tree_id;
}

void fuzz_tree_connect(struct fuzz_peer *p)
{
	tree_connect(p, "\\\\x\\fuzz", &p->tree);
	tree_connect(p, "\\\\x\\IPC$", &p->ipc);
}

void fuzz_create(struct fuzz_peer *p, const char *name, uint32_t disposition, uint32_t options,
		 const void *contexts, size_t len)
{
	size_t name_len = smb3_utf16_size(name), max = 256 + name_len + len;
	uint8_t *body = malloc(max);
	struct smb3_builder b = smb3_builder_init(body, max);

	smb3_put_u16(&b, 57);
	smb3_put_u8(&b, 0);
	smb3_put_u8(&b, len ? SMB2_OPLOCK_LEVEL_LEASE : SMB2_OPLOCK_LEVEL_NONE);
	smb3_put_u32(&b, 2);
	smb3_put_zero(&b, 16);
	/* MAXIMUM_ALLOWED; folders without DELETE, or nothing could be renamed into them */
	smb3_put_u32(&b, options & FILE_DIRECTORY_FILE ? 0x0012019f : 0x02000000);
	smb3_put_u32(&b, 0);
	smb3_put_u32(&b, FILE_SHARE_ALL);
	smb3_put_u32(&b, disposition);
	smb3_put_u32(&b, options);
	smb3_put_u16(&b, SMB2_HEADER_SIZE + 56);
	smb3_put_u16(&b, (uint16_t)name_len);
	smb3_put_u32(&b, 0);
	smb3_put_u32(&b, (uint32_t)len);
	smb3_put_utf16(&b, name);
	smb3_put_align(&b, 8);
	if (len)
		smb3_set_u32(&b, 48, (uint32_t)(SMB2_HEADER_SIZE + b.len));
	else if (!name_len)
		smb3_put_zero(&b, 8);
	smb3_put_bytes(&b, contexts, len);
	fuzz_request(p, SMB2_CREATE, p->tree, body, b.len);
	free(body);
}

/* ---- fixing ---- */

/* A small number in the place of a file id means the open of that number. */
static void fix_open(const struct fuzz_peer *p, struct smb3_builder *b, size_t at)
{
	unsigned int known = p->n_opens < FUZZ_OPENS ? p->n_opens : FUZZ_OPENS;
	const struct fuzz_id *id;

	if (!known || at + 16 > b->len || b->data[at] == 0xff)
		return;
	id = &p->opens[b->data[at] % known];
	smb3_set_u64(b, at, id->persistent_id);
	smb3_set_u64(b, at + 8, id->volatile_id);
}

static void fix_header(struct fuzz_peer *p, struct smb3_builder *b)
{
	struct fuzz_user one = { p->session_id, p->tree, p->ipc };
	const struct fuzz_user *u = p->n_users ? &p->users[b->data[40] % p->n_users] : &one;
	uint16_t charge = (uint16_t)(b->data[6] & 0x0f);

	smb3_set_u32(b, 0, SMB2_MAGIC);
	smb3_set_u16(b, 4, SMB2_HEADER_SIZE);
	smb3_set_u16(b, 6, charge);
	smb3_set_u16(b, 14, CREDITS);
	smb3_set_u32(b, 16,
		     b->data[16] & (SMB2_FLAGS_ASYNC_COMMAND | SMB2_FLAGS_RELATED_OPERATIONS));
	smb3_set_u64(b, 24, p->next_message_id);
	smb3_set_u32(b, 36, b->data[36] & 1 ? u->tree : u->ipc);
	smb3_set_u64(b, 40, u->session_id);
	if (b->data[12] != SMB2_CANCEL)
		p->next_message_id += charge ? charge : 1;
}

static size_t fix_one(struct fuzz_peer *p, uint8_t *data, size_t left)
{
	struct smb3_builder b = { .data = data, .len = left, .size = left, .max = left };
	struct smb3_cursor c = smb3_cursor_init(data, left);
	const struct smb3_command *command;
	uint32_t next;

	if (left < SMB2_HEADER_SIZE)
		return left;
	fix_header(p, &b);
	smb3_cursor_seek(&c, 12);
	command = smb3_row(p->conn->server, SMB3_KIND_COMMAND, smb3_get_u16(&c));
	smb3_cursor_seek(&c, 20);
	next = smb3_get_u32(&c) & ~(uint32_t)7;
	if (next < SMB2_HEADER_SIZE || next > left - SMB2_HEADER_SIZE)
		next = 0;
	smb3_set_u32(&b, 20, next);
	if (next)
		b.len = next;
	if (command && left > SMB2_HEADER_SIZE + 1)
		smb3_set_u16(&b, SMB2_HEADER_SIZE, command->body_size);
	if (command && command->flags & SMB3_NEED_OPEN)
		fix_open(p, &b, SMB2_HEADER_SIZE + command->fileid_offset);
	return next ? next : left;
}

void fuzz_fix(struct fuzz_peer *p, uint8_t *data, size_t len)
{
	for (size_t at = 0; at < len;)
		at += fix_one(p, data + at, len - at);
}
