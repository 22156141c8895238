// SPDX-License-Identifier: Apache-2.0
/*
 * address.c: addresses of this machine that clients can connect to, and those that they and
 * administrators write down.
 */
#include "witness.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

static bool is_of_one_machine(const struct witness_address *a)
{
	struct in6_addr in6;

	if (a->family == 4)
		return a->bytes[0] && a->bytes[0] < 224;
	memcpy(&in6, a->bytes, sizeof(in6));
	return !IN6_IS_ADDR_UNSPECIFIED(&in6) && !IN6_IS_ADDR_MULTICAST(&in6) &&
	       !IN6_IS_ADDR_V4MAPPED(&in6);
}

bool witness_address_parse(const char *text, struct witness_address *ret_address)
{
	struct witness_address a = { .family = 0 };

	if (inet_pton(AF_INET, text, a.bytes) == 1)
		a.family = 4;
	else if (inet_pton(AF_INET6, text, a.bytes) == 1)
		a.family = 6;
	if (!a.family || !is_of_one_machine(&a))
		return false;
	*ret_address = a;
	return true;
}

bool witness_address_same(const struct witness_address *a, const struct witness_address *b)
{
	return a->family == b->family && !memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

bool witness_address_in(const struct witness_addresses *list, const struct witness_address *a)
{
	for (size_t i = 0; i < list->n; i++)
		if (witness_address_same(&list->list[i], a))
			return true;
	return false;
}

void witness_address_put(struct smb3_builder *b, const struct witness_address *a)
{
	smb3_put_u8(b, a->family);
	smb3_put_bytes(b, a->bytes, sizeof(a->bytes));
}

struct witness_address witness_address_get(struct smb3_cursor *c)
{
	struct witness_address a = { .family = smb3_get_u8(c) };
	const uint8_t *bytes = smb3_get_bytes(c, sizeof(a.bytes));

	if (!bytes || (a.family != 4 && a.family != 6)) {
		c->bad = true;
		return (struct witness_address){ .family = 0 };
	}
	memcpy(a.bytes, bytes, sizeof(a.bytes));
	return a;
}

/* ---- of this machine ---- */

struct candidate {
	struct witness_address address;
	char text[INET6_ADDRSTRLEN];
	bool local; /* means nothing elsewhere */
	bool served;
};

static bool candidate_read(const struct sockaddr *addr, struct candidate *c)
{
	const struct sockaddr_in *in = (const void *)addr;
	const struct sockaddr_in6 *in6 = (const void *)addr;

	*c = (struct candidate){ .served = false };
	if (!addr || (addr->sa_family != AF_INET && addr->sa_family != AF_INET6))
		return false;
	if (addr->sa_family == AF_INET) {
		c->address.family = 4;
		memcpy(c->address.bytes, &in->sin_addr, 4);
		c->local = c->address.bytes[0] == IN_LOOPBACKNET;
	} else {
		c->address.family = 6;
		memcpy(c->address.bytes, &in6->sin6_addr, 16);
		c->local = IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr) ||
			   IN6_IS_ADDR_LINKLOCAL(&in6->sin6_addr);
	}
	return inet_ntop(addr->sa_family, c->address.bytes, c->text, sizeof(c->text));
}

static bool is_served(const struct smb3_listener *l, void *arg)
{
	struct candidate *c = arg;

	c->served = !strcmp(l->address, c->text) || (!strcmp(l->address, "*") && !c->local);
	return !c->served;
}

int witness_addresses_read(const struct smb3_server *server, struct witness_addresses *ret_list)
{
	struct ifaddrs *all;
	struct candidate c;

	if (getifaddrs(&all))
		return -errno;
	ret_list->n = 0;
	for (const struct ifaddrs *i = all; i && ret_list->n < WITNESS_ADDRESSES; i = i->ifa_next) {
		if (!(i->ifa_flags & IFF_UP) || !candidate_read(i->ifa_addr, &c))
			continue;
		smb3_server_each_listener(server, is_served, &c);
		if (c.served && !witness_address_in(ret_list, &c.address))
			ret_list->list[ret_list->n++] = c.address;
	}
	freeifaddrs(all);
	return 0;
}
