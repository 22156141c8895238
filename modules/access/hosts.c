// SPDX-License-Identifier: Apache-2.0
/*
 * hosts.c: lists of addresses, in the form that administrators know from other services:
 *   all   local   192.168.1.5   192.168.1.   10.0.0.0/8   10.0.0.0/255.0.0.0   2001:db8::/32
 * and "except" in a list: what stands before it, without what stands after it.
 * Every address is compared as one of IPv6: IPv4 is ::ffff:a.b.c.d, however it came. No names: they
 * would make who may connect a question to a name server that others answer.
 */
#include "access.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAPPED_BITS 96

static const uint8_t mapped_prefix[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

struct network {
	uint8_t bytes[16];
	unsigned int bits;
};

/* ---- entries ---- */

/* "192.168.1.": what begins so. */
static bool parse_prefix(const char *text, struct network *ret_net)
{
	unsigned int octets = 0;
	char *end;

	if (!*text || text[strlen(text) - 1] != '.')
		return false;
	memcpy(ret_net->bytes, mapped_prefix, sizeof(mapped_prefix));
	while (*text) {
		unsigned long value = strtoul(text, &end, 10);

		if (end == text || *end != '.' || *text < '0' || *text > '9' || value > 255 ||
		    octets == 3)
			return false;
		ret_net->bytes[12 + octets++] = (uint8_t)value;
		text = end + 1;
	}
	ret_net->bits = MAPPED_BITS + 8 * octets;
	return true;
}

static bool parse_address(const char *text, struct network *ret_net)
{
	if (inet_pton(AF_INET6, text, ret_net->bytes) == 1) {
		ret_net->bits = 128;
		return true;
	}
	memcpy(ret_net->bytes, mapped_prefix, sizeof(mapped_prefix));
	ret_net->bits = 128;
	return inet_pton(AF_INET, text, ret_net->bytes + 12) == 1;
}

/* What follows the slash: a length, or a mask of ones and then zeros. */
static bool parse_bits(const char *text, bool v4, unsigned int *ret_bits)
{
	struct in_addr mask;
	unsigned long value;
	uint32_t rest;
	char *end;

	if (v4 && strchr(text, '.')) {
		if (inet_pton(AF_INET, text, &mask) != 1)
			return false;
		rest = ~ntohl(mask.s_addr);
		*ret_bits = 128 - (unsigned int)__builtin_popcount(rest);
		return !(rest & (rest + 1));
	}
	value = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || value > (v4 ? 32 : 128))
		return false;
	*ret_bits = (unsigned int)value + (v4 ? MAPPED_BITS : 0);
	return true;
}

static bool parse_network(const char *text, struct network *ret_net)
{
	const char *slash = strchr(text, '/');
	char address[INET6_ADDRSTRLEN];
	size_t len = slash ? (size_t)(slash - text) : strlen(text);

	if (parse_prefix(text, ret_net))
		return true;
	if (len >= sizeof(address))
		return false;
	memcpy(address, text, len);
	address[len] = '\0';
	if (!parse_address(address, ret_net))
		return false;
	return !slash || parse_bits(slash + 1, !strchr(address, ':'), &ret_net->bits);
}

static bool is_word(const char *entry, const char *word)
{
	return strcasecmp(entry, word) == 0;
}

bool hosts_sound(const char *const *list, char *ret_why, size_t size)
{
	struct network net;
	bool last = true; /* "except" needs something before and after it */

	for (; *list; list++) {
		bool except = is_word(*list, "except");

		if (except ? last :
			     !is_word(*list, "all") && !is_word(*list, "local") &&
				     !parse_network(*list, &net)) {
			snprintf(
				ret_why, size,
				"\"%s\" %s; an entry is an address, a network such as "
				"\"10.0.0.0/8\" or \"192.168.1.\", \"all\", \"local\", or \"except\" "
				"between others",
				*list,
				except ? "stands alone" :
					 "is no address (names are not looked up)");
			return false;
		}
		last = except;
		if (except && !list[1]) {
			snprintf(ret_why, size, "nothing follows \"except\"");
			return false;
		}
	}
	return true;
}

/* ---- matching ---- */

/* False: it has no address (a socket of this machine). */
static bool address_of(const struct sockaddr_storage *sa, uint8_t ret_bytes[16])
{
	if (sa->ss_family == AF_INET6) {
		memcpy(ret_bytes, &((const struct sockaddr_in6 *)sa)->sin6_addr, 16);
		return true;
	}
	if (sa->ss_family != AF_INET)
		return false;
	memcpy(ret_bytes, mapped_prefix, sizeof(mapped_prefix));
	memcpy(ret_bytes + 12, &((const struct sockaddr_in *)sa)->sin_addr, 4);
	return true;
}

static bool within(const uint8_t address[16], const struct network *net)
{
	unsigned int bytes = net->bits / 8, rest = net->bits % 8;

	if (memcmp(address, net->bytes, bytes) != 0)
		return false;
	return !rest || (uint8_t)((address[bytes] ^ net->bytes[bytes]) >> (8 - rest)) == 0;
}

static bool is_local(const struct sockaddr_storage *peer, const struct sockaddr_storage *local)
{
	static const struct network v6 = { { [15] = 1 }, 128 };
	static const struct network v4 = { { [10] = 0xff, [11] = 0xff, [12] = 127 }, 104 };
	uint8_t a[16], b[16];

	if (!address_of(peer, a))
		return true;
	return within(a, &v4) || within(a, &v6) || (address_of(local, b) && !memcmp(a, b, 16));
}

static bool entry_matches(const char *entry, const struct sockaddr_storage *peer,
			  const struct sockaddr_storage *local)
{
	struct network net;
	uint8_t address[16];

	if (is_word(entry, "all"))
		return true;
	if (is_word(entry, "local"))
		return is_local(peer, local);
	return address_of(peer, address) && parse_network(entry, &net) && within(address, &net);
}

/* The entry that means this peer, or NULL. "a except b except c" is a without (b without c). */
static const char *list_find(const char *const *list, const struct sockaddr_storage *peer,
			     const struct sockaddr_storage *local)
{
	const char *found = NULL;

	for (;; list++) {
		bool end = !*list || is_word(*list, "except");

		/* What this part does not have needs no exception. */
		if (end && (!found || !*list))
			return found;
		if (end)
			return list_find(list + 1, peer, local) ? NULL : found;
		if (!found && entry_matches(*list, peer, local))
			found = *list;
	}
}

bool hosts_admit(const struct access_conf *conf, const struct sockaddr_storage *peer,
		 const struct sockaddr_storage *local, char *ret_why, size_t size)
{
	const char *denied;

	if (*conf->hosts_allow && list_find(conf->hosts_allow, peer, local))
		return true;
	if (!*conf->hosts_deny) {
		snprintf(ret_why, size, "hosts_allow does not have the client's address");
		return !*conf->hosts_allow;
	}
	denied = list_find(conf->hosts_deny, peer, local);
	snprintf(ret_why, size, "hosts_deny has \"%s\"", denied ? denied : "");
	return !denied;
}
