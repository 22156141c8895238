// SPDX-License-Identifier: Apache-2.0
/*
 * places.c: places, and who has to go when there are no more for strangers.
 *
 * The oldest stranger of the address that has the most goes first. Who floods the server from a
 * few addresses pushes out his own connections; where every address has one, the one that had the
 * most time to log on goes.
 */
#include "guard.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

/* As many places are kept for those who are new while strangers still hold some. */
#define RESERVE(places) ((places) / 16)

void address_key(const struct sockaddr_storage *peer, int64_t prefix, uint8_t key[16])
{
	const struct in6_addr *six = &((const struct sockaddr_in6 *)peer)->sin6_addr;
	const struct in_addr *four = &((const struct sockaddr_in *)peer)->sin_addr;

	memset(key, 0, 16);
	if (peer->ss_family == AF_INET) {
		key[10] = key[11] = 0xff;
		memcpy(key + 12, four, 4);
	} else if (peer->ss_family == AF_INET6) {
		memcpy(key, six, 16);
		for (int64_t bit = IN6_IS_ADDR_V4MAPPED(six) ? 128 : prefix; bit < 128; bit++)
			key[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
	}
}

void places_init(struct places *p)
{
	memset(p, 0, sizeof(*p));
	smb3_hash_init(&p->addresses);
	smb3_list_init(&p->crowd);
}

void places_done(struct places *p)
{
	smb3_hash_done(&p->addresses);
}

void place_init(struct place *place)
{
	*place = (struct place){ .address = NULL };
	smb3_list_init(&place->link);
}

static struct address *address_find(const struct places *p, const uint8_t key[16])
{
	struct smb3_hash_node *n = smb3_hash_find(&p->addresses, smb3_hash_bytes(key, 16));

	for (; n; n = smb3_hash_next_same(n))
		if (!memcmp(SMB3_CONTAINER(n, struct address, node)->key, key, 16))
			return SMB3_CONTAINER(n, struct address, node);
	return NULL;
}

static struct address *address_new(struct places *p, const uint8_t key[16])
{
	struct address *a = smb3_alloc(sizeof(*a));

	memcpy(a->key, key, 16);
	smb3_list_init(&a->strangers);
	smb3_list_init(&a->link);
	smb3_hash_add(&p->addresses, &a->node, smb3_hash_bytes(key, 16));
	return a;
}

static struct place *oldest_of(const struct address *a)
{
	return SMB3_CONTAINER(a->strangers.next, struct place, link);
}

void place_known(struct places *p, struct place *place)
{
	struct address *a = place->address;

	if (smb3_list_empty(&place->link))
		return;
	smb3_list_remove(&place->link);
	p->n_strangers--;
	if (--a->n_strangers == 0)
		smb3_list_remove(&a->link);
}

void place_leave(struct places *p, struct place *place)
{
	struct address *a = place->address;

	if (!a)
		return;
	place_known(p, place);
	place->address = NULL;
	p->taken--;
	if (--a->places)
		return;
	smb3_hash_remove(&p->addresses, &a->node);
	free(a);
}

/* There are at most as many addresses in the crowd as strangers. */
static struct address *most_crowded(const struct places *p)
{
	struct address *most = NULL;

	SMB3_LIST_EACH(&p->crowd, node) {
		struct address *a = SMB3_CONTAINER(node, struct address, link);

		if (!most || a->n_strangers > most->n_strangers ||
		    (a->n_strangers == most->n_strangers &&
		     oldest_of(a)->number < oldest_of(most)->number))
			most = a;
	}
	return most;
}

/* Whose oldest stranger makes room for one more from a; NULL when nobody has to. */
static struct address *makes_room(const struct places *p, const struct bounds *b, struct address *a)
{
	if (a->n_strangers &&
	    (a->places >= b->per_address || a->n_strangers >= b->strangers_per_address))
		return a;
	if (p->n_strangers >= b->strangers || p->taken >= b->places - RESERVE(b->places))
		return most_crowded(p);
	return NULL;
}

const char *place_take(struct places *p, const struct bounds *b, const uint8_t key[16],
		       struct place *place, struct place **ret_victim)
{
	struct address *a = address_find(p, key), *from;

	if (a && a->places >= b->per_address && !a->n_strangers)
		return "guard.connections_per_address";
	if (!a)
		a = address_new(p, key);
	from = makes_room(p, b, a);
	if (from) {
		*ret_victim = oldest_of(from);
		(*ret_victim)->unwanted = true;
		place_known(p, *ret_victim);
	}
	place->address = a;
	place->number = ++p->last_number;
	a->places++;
	p->taken++;
	p->n_strangers++;
	smb3_list_add(&a->strangers, &place->link);
	if (a->n_strangers++ == 0)
		smb3_list_add(&p->crowd, &a->link);
	return NULL;
}
