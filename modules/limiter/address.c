// SPDX-License-Identifier: Apache-2.0
/*
 * address.c: addresses as the limiter counts them. All are looked at as IPv6; IPv4 is
 * ::ffff:a.b.c.d, however it came.
 */
#include "limiter.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SITE_SHARE 16

static const uint8_t mapped_prefix[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

struct network {
	uint8_t bytes[16];
	unsigned int bits;
};

static bool is_mapped(const uint8_t bytes[16])
{
	return !memcmp(bytes, mapped_prefix, sizeof(mapped_prefix));
}

static bool address_of(const struct sockaddr_storage *address, uint8_t ret_bytes[16])
{
	if (address->ss_family == AF_INET6) {
		memcpy(ret_bytes, &((const struct sockaddr_in6 *)address)->sin6_addr, 16);
		return true;
	}
	if (address->ss_family != AF_INET)
		return false;
	memcpy(ret_bytes, mapped_prefix, sizeof(mapped_prefix));
	memcpy(ret_bytes + 12, &((const struct sockaddr_in *)address)->sin_addr, 4);
	return true;
}

/* ---- keys ---- */

static void subnet_name(const uint8_t bytes[16], unsigned int bits, char *ret_name, size_t size)
{
	char text[INET6_ADDRSTRLEN];
	uint8_t net[16] = { 0 };

	memcpy(net, bytes, bits / 8);
	inet_ntop(AF_INET6, net, text, sizeof(text));
	snprintf(ret_name, size, "%s/%u", text, bits);
}

static void keys_of(const uint8_t bytes[16], struct limiter_key ret_keys[LIMITER_KEYS + 1])
{
	ret_keys[0].share = 1;
	if (is_mapped(bytes)) {
		inet_ntop(AF_INET, bytes + 12, ret_keys[0].name, sizeof(ret_keys[0].name));
		ret_keys[1].name[0] = '\0';
		return;
	}
	subnet_name(bytes, 64, ret_keys[0].name, sizeof(ret_keys[0].name));
	subnet_name(bytes, 48, ret_keys[1].name, sizeof(ret_keys[1].name));
	ret_keys[1].share = SITE_SHARE;
	ret_keys[2].name[0] = '\0';
}

void limiter_keys(const struct smb3_conn *conn, struct limiter_key ret_keys[LIMITER_KEYS + 1])
{
	uint8_t bytes[16];

	if (address_of(&conn->peer, bytes)) {
		keys_of(bytes, ret_keys);
		return;
	}
	/* No address: a transport inside of this machine. */
	snprintf(ret_keys[0].name, sizeof(ret_keys[0].name), "%s",
		 conn->peer_name[0] ? conn->peer_name : "local");
	ret_keys[0].share = 1;
	ret_keys[1].name[0] = '\0';
}

/* ---- lists ---- */

static bool network_parse(const char *text, struct network *ret_net)
{
	char copy[INET6_ADDRSTRLEN + 8], *slash, *end;
	unsigned long bits, most = 32;

	if (strlen(text) >= sizeof(copy))
		return false;
	strcpy(copy, text);
	slash = strchr(copy, '/');
	if (slash)
		*slash = '\0';
	if (inet_pton(AF_INET6, copy, ret_net->bytes) == 1)
		most = 128;
	else if (inet_pton(AF_INET, copy, ret_net->bytes + 12) == 1)
		memcpy(ret_net->bytes, mapped_prefix, sizeof(mapped_prefix));
	else
		return false;
	bits = slash ? strtoul(slash + 1, &end, 10) : most;
	if (bits > most || (slash && (slash[1] < '0' || slash[1] > '9' || *end)))
		return false;
	ret_net->bits = (unsigned int)(bits + 128 - most);
	return true;
}

static bool network_has(const struct network *net, const uint8_t bytes[16])
{
	unsigned int whole = net->bits / 8, rest = net->bits % 8;

	return !memcmp(net->bytes, bytes, whole) &&
	       (!rest || !((net->bytes[whole] ^ bytes[whole]) >> (8 - rest)));
}

bool limiter_listed(const struct sockaddr_storage *address, const char *const *networks)
{
	uint8_t bytes[16];
	struct network net;

	if (!*networks || !address_of(address, bytes))
		return false;
	for (; *networks; networks++)
		if (network_parse(*networks, &net) && network_has(&net, bytes))
			return true;
	return false;
}

bool limiter_list_sound(const char *const *networks, const char **ret_bad)
{
	struct network net;

	for (; *networks; networks++) {
		if (network_parse(*networks, &net))
			continue;
		*ret_bad = *networks;
		return false;
	}
	return true;
}

bool limiter_key_is(const char *key, const char *written)
{
	struct limiter_key keys[LIMITER_KEYS + 1];
	struct network net;

	if (!strcmp(key, written))
		return true;
	if (strchr(written, '/') || !network_parse(written, &net))
		return false;
	keys_of(net.bytes, keys);
	for (size_t i = 0; keys[i].name[0]; i++)
		if (!strcmp(key, keys[i].name))
			return true;
	return false;
}
