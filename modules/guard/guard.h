// SPDX-License-Identifier: Apache-2.0
/*
 * guard.h: who has which places. Pure bookkeeping; knows nothing of connections.
 *
 * A place belongs to an address, which for IPv6 is a network. Until its client has proved who it is
 * it is a stranger's, and stands in a queue of its address, the oldest first.
 */
#ifndef GUARD_H
#define GUARD_H

#include <smb3/hash.h>
#include <smb3/list.h>
#include <smb3/smb3.h>
#include <sys/socket.h>

struct address {
	struct smb3_hash_node node;
	uint8_t key[16];
	int64_t places, n_strangers;
	struct smb3_list strangers; /* of place.link */
	struct smb3_list link;      /* places.crowd, while it has strangers */
};

struct place {
	struct address *address; /* NULL: none was taken */
	struct smb3_list link;   /* address->strangers, while it is a stranger's */
	uint64_t number;         /* smaller is older */
	bool unwanted;           /* has been chosen to go */
};

struct places {
	struct smb3_hash addresses;
	struct smb3_list crowd; /* of address.link */
	int64_t taken, n_strangers;
	uint64_t last_number;
};

/* Of one moment. */
struct bounds {
	int64_t places, per_address, strangers, strangers_per_address;
};

void places_init(struct places *p);
void places_done(struct places *p);
void place_init(struct place *place);
/* A place for a stranger. NULL, or the limit that stands against it. When a stranger has to go for
 * it, *ret_victim is that one: it is no stranger's place any more, but taken until it is left. */
const char *place_take(struct places *p, const struct bounds *b, const uint8_t key[16],
		       struct place *place, struct place **ret_victim);
/* Its client is known now. */
void place_known(struct places *p, struct place *place);
/* Also one that was never taken. */
void place_leave(struct places *p, struct place *place);

/* The address as places count it: of IPv6 the first prefix bits, of IPv4 in either form all. */
void address_key(const struct sockaddr_storage *peer, int64_t prefix, uint8_t ret_key[16]);

#endif
