// SPDX-License-Identifier: Apache-2.0
/*
 * network.c: FSCTL_QUERY_NETWORK_INTERFACE_INFO: by which addresses a client may open further
 * channels. [MS-SMB2] 2.2.32.5, 3.3.5.15.11
 *
 * Told are addresses that a listener serves; the loopback and link-local ones only where a listener
 * names them, for to other machines they are somebody else.
 */
#include "ioctl.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ENTRY_SIZE    152
#define FAMILY_INET   0x0002
#define FAMILY_INET6  0x0017
#define RSS_CAPABLE   0x1u
#define SPEED_UNKNOWN 1000000000u /* bits a second, where the driver does not say */

/* A number in a file below /sys/class/net/NAME; 0 when there is none. */
static uint64_t sysfs_number(const char *name, const char *what)
{
	char path[96], text[32];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/sys/class/net/%s/%s", name, what);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0 || *text == '-')
		return 0;
	text[n] = '\0';
	return strtoull(text, NULL, 10);
}

static uint64_t link_speed(const char *name)
{
	uint64_t mbit = sysfs_number(name, "speed");

	return mbit && mbit < UINT32_MAX ? mbit * 1000000 : SPEED_UNKNOWN;
}

/* More than one queue: receiving is spread over processors. */
static bool has_rss(const char *name)
{
	char path[96];

	snprintf(path, sizeof(path), "/sys/class/net/%s/queues/rx-1", name);
	return access(path, F_OK) == 0;
}

struct candidate {
	const struct sockaddr *addr;
	char text[INET6_ADDRSTRLEN];
	bool local; /* means nothing elsewhere */
	bool served;
};

static bool candidate_read(const struct sockaddr *addr, struct candidate *c)
{
	*c = (struct candidate){ .addr = addr };
	if (addr && addr->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const void *)addr;

		c->local = ntohl(in->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
		return inet_ntop(AF_INET, &in->sin_addr, c->text, sizeof(c->text));
	}
	if (addr && addr->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const void *)addr;

		c->local = IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr) ||
			   IN6_IS_ADDR_LINKLOCAL(&in6->sin6_addr);
		return inet_ntop(AF_INET6, &in6->sin6_addr, c->text, sizeof(c->text));
	}
	return false;
}

static bool is_served(const struct smb3_listener *l, void *arg)
{
	struct candidate *c = arg;

	c->served = !strcmp(l->address, c->text) || (!strcmp(l->address, "*") && !c->local);
	return !c->served;
}

static void put_address(struct smb3_builder *out, const struct sockaddr *addr)
{
	const struct sockaddr_in6 *in6 = (const void *)addr;

	if (addr->sa_family == AF_INET) {
		smb3_put_u16(out, FAMILY_INET);
		smb3_put_u16(out, 0); /* Port */
		smb3_put_bytes(out, &((const struct sockaddr_in *)(const void *)addr)->sin_addr, 4);
		smb3_put_zero(out, 120);
		return;
	}
	smb3_put_u16(out, FAMILY_INET6);
	smb3_put_zero(out, 6); /* Port, FlowInfo */
	smb3_put_bytes(out, &in6->sin6_addr, 16);
	smb3_put_zero(out, 104); /* ScopeId, and the rest of the storage */
}

static void put_interface(struct smb3_builder *out, const char *name, const struct sockaddr *addr)
{
	smb3_put_u32(out, 0); /* Next */
	smb3_put_u32(out, if_nametoindex(name));
	smb3_put_u32(out, has_rss(name) ? RSS_CAPABLE : 0);
	smb3_put_u32(out, 0); /* Reserved */
	smb3_put_u64(out, link_speed(name));
	put_address(out, addr);
}

static ntstatus put_all(struct smb3_fsctl_call *call, const struct ifaddrs *list)
{
	struct smb3_builder *out = call->out;

	for (; list; list = list->ifa_next) {
		struct candidate c;

		if (!(list->ifa_flags & IFF_UP) || !candidate_read(list->ifa_addr, &c))
			continue;
		smb3_server_each_listener(call->req->server, is_served, &c);
		if (!c.served)
			continue;
		if (out->len + ENTRY_SIZE > call->max_out)
			return STATUS_BUFFER_TOO_SMALL;
		if (out->len)
			smb3_set_u32(out, out->len - ENTRY_SIZE, ENTRY_SIZE);
		put_interface(out, list->ifa_name, c.addr);
	}
	return STATUS_SUCCESS;
}

static ntstatus query_network_interface_info(struct smb3_fsctl_call *call)
{
	struct ifaddrs *list;
	ntstatus status;

	if (call->req->conn->revision < SMB2_DIALECT_0300)
		return STATUS_NOT_SUPPORTED;
	if (getifaddrs(&list))
		return smb3_status_from_errno(-errno);
	status = put_all(call, list);
	freeifaddrs(list);
	return status;
}

const struct smb3_fsctl fsctl_query_network_interface_info = {
	.name = "FSCTL_QUERY_NETWORK_INTERFACE_INFO",
	.flags = SMB3_FSCTL_NO_OPEN | SMB3_FSCTL_WORK,
	.run = query_network_interface_info,
};
