// SPDX-License-Identifier: Apache-2.0
/*
 * credit.c: how many requests a client may have outstanding.
 * Pure arithmetic on the sequence window; knows nothing of sockets. [MS-SMB2] 3.3.1.1, 3.3.1.2
 */
#include <smb3/credit.h>
#include <string.h>

#define RING_BITS (SMB3_CREDITS_MAX * 2)

static bool bit_test(const struct smb3_credits *c, uint64_t id)
{
	uint64_t bit = id % RING_BITS;

	return c->used[bit / 64] >> (bit % 64) & 1;
}

static void bit_flip(struct smb3_credits *c, uint64_t id)
{
	uint64_t bit = id % RING_BITS;

	c->used[bit / 64] ^= 1ull << (bit % 64);
}

void smb3_credits_init(struct smb3_credits *c, uint32_t max)
{
	memset(c, 0, sizeof(*c));
	c->high = 1;
	c->granted = 1;
	c->max = max < 1 ? 1 : max > SMB3_CREDITS_MAX ? SMB3_CREDITS_MAX : max;
}

bool smb3_credits_take(struct smb3_credits *c, uint64_t id, uint32_t count)
{
	if (id < c->low || id >= c->high || count > c->high - id || count > c->granted)
		return false;
	for (uint32_t i = 0; i < count; i++)
		if (bit_test(c, id + i))
			return false;
	for (uint32_t i = 0; i < count; i++)
		bit_flip(c, id + i);
	while (c->low < c->high && bit_test(c, c->low))
		bit_flip(c, c->low++);
	c->granted -= count;
	return true;
}

uint16_t smb3_credits_grant(struct smb3_credits *c, uint16_t asked, uint16_t charge)
{
	/* A client that leaves gaps in its ids cannot stretch the window for ever. */
	uint64_t room = 2 * (uint64_t)c->max - (c->high - c->low);
	uint32_t want = asked > charge ? asked : charge;
	uint32_t free = c->max > c->granted ? c->max - c->granted : 0;
	uint32_t grant = want < free ? want : free;

	if (grant > room)
		grant = (uint32_t)room;
	if (grant == 0 && c->granted == 0 && room > 0)
		grant = 1;
	c->granted += grant;
	c->high += grant;
	return (uint16_t)grant;
}
