// SPDX-License-Identifier: Apache-2.0
/*
 * tower.c: protocol towers: floors from the interface down to the machine. Nothing in them is aligned,
 * all is little-endian. [C706] appendices I and L, [MS-RPCE] 2.2.1.2.2
 */
#include "epmapper.h"

#define TOWER_MAX  2048
#define FLOORS     5
#define UUID_FLOOR 19 /* identifier, UUID, major version */

enum floor_id {
	FLOOR_NCACN = 0x0b,
	FLOOR_UUID = 0x0d,
	FLOOR_PIPE = 0x0f,
	FLOOR_NETBIOS = 0x11,
};

static const struct smb3_guid ndr32 =
	SMB3_RPC_UUID(0x8a885d04, 0x1ceb, 0x11c9, 0x9f, 0xe8, 0x08, 0x00, 0x2b, 0x10, 0x48, 0x60);

/* ---- reading ---- */

static struct smb3_cursor get_part(struct smb3_cursor *c)
{
	uint16_t len = smb3_get_u16(c);
	const uint8_t *p = smb3_get_bytes(c, len);

	return smb3_cursor_init(p, p ? len : 0);
}

static void get_syntax(struct smb3_cursor *c, struct epm_syntax *s)
{
	struct smb3_cursor left = get_part(c), right = get_part(c);

	if (smb3_get_u8(&left) != FLOOR_UUID)
		c->bad = true;
	s->uuid = smb3_get_guid(&left);
	s->major = smb3_get_u16(&left);
	s->minor = smb3_get_u16(&right);
	if (!smb3_cursor_ok(&left) || !smb3_cursor_ok(&right))
		c->bad = true;
}

static uint8_t get_floor(struct smb3_cursor *c)
{
	struct smb3_cursor left = get_part(c);

	(void)get_part(c);
	return smb3_get_u8(&left);
}

bool epm_get_tower(struct smb3_ndr_in *in, struct epm_tower *ret_tower)
{
	uint32_t max = smb3_ndr_conformance(in, TOWER_MAX), len = smb3_ndr_u32(in);
	const uint8_t *octets;
	struct smb3_cursor c;
	uint16_t floors;

	if (len != max)
		smb3_ndr_bad(in);
	octets = smb3_ndr_bytes(in, max);
	if (!smb3_ndr_ok(in))
		return false;
	c = smb3_cursor_init(octets, len);
	floors = smb3_get_u16(&c);
	*ret_tower = (struct epm_tower){ .pipes = false };
	get_syntax(&c, &ret_tower->interface);
	get_syntax(&c, &ret_tower->transfer);
	ret_tower->pipes = floors >= FLOORS - 1 && get_floor(&c) == FLOOR_NCACN &&
			   get_floor(&c) == FLOOR_PIPE;
	return smb3_cursor_ok(&c) && floors <= FLOORS;
}

/* ---- writing ---- */

static void put_syntax(struct smb3_builder *b, const struct epm_syntax *s)
{
	smb3_put_u16(b, UUID_FLOOR);
	smb3_put_u8(b, FLOOR_UUID);
	smb3_put_guid(b, &s->uuid);
	smb3_put_u16(b, s->major);
	smb3_put_u16(b, sizeof(s->minor));
	smb3_put_u16(b, s->minor);
}

static void put_floor(struct smb3_builder *b, enum floor_id id, const void *right, size_t len)
{
	smb3_put_u16(b, 1);
	smb3_put_u8(b, id);
	smb3_put_u16(b, (uint16_t)len);
	smb3_put_bytes(b, right, len);
}

void epm_put_tower(struct smb3_rpc_call *call, const struct epm_place *place)
{
	const struct smb3_rpc_interface *i = place->interface;
	const char *pipe = smb3_arena_printf(call->arena, "\\PIPE\\%s", place->pipe);
	const char *host = smb3_arena_printf(call->arena, "\\\\%s", call->facts->server);
	struct smb3_builder b = smb3_builder_arena(call->arena, TOWER_MAX);

	smb3_put_u16(&b, FLOORS);
	put_syntax(&b, &(struct epm_syntax){ i->uuid, i->major, i->minor });
	put_syntax(&b, &(struct epm_syntax){ ndr32, 2, 0 });
	put_floor(&b, FLOOR_NCACN, "\0\0", 2);
	put_floor(&b, FLOOR_PIPE, pipe, strlen(pipe) + 1);
	put_floor(&b, FLOOR_NETBIOS, host, strlen(host) + 1);
	if (!smb3_builder_ok(&b))
		call->out->b.bad = true;
	smb3_ndr_put_u32(call->out, (uint32_t)b.len);
	smb3_ndr_put_u32(call->out, (uint32_t)b.len);
	smb3_ndr_put_bytes(call->out, b.data, b.len);
}
