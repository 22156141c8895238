// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_streams.c: what a local program may have stored in xattrs of streams: names and values.
 * Input: a NUL-terminated name of an xattr, then a value.
 */
#include "fuzz.h"
#include "../../modules/vfs_streams/streams.h"

static void check_name(const char *xattr)
{
	char name[STREAMS_XATTR_SIZE], back[STREAMS_XATTR_SIZE];

	if (!streams_name(xattr, name))
		return;
	CHECK(*name && !strpbrk(name, ":/\\") && smb3_utf8_valid(name));
	CHECK(streams_xattr(name, back) == 0);
	CHECK(!strncmp(back, xattr, strlen(STREAMS_PREFIX) + strlen(name)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const uint8_t *nul = len ? memchr(data, 0, len) : NULL;
	struct streams_value value;
	char ticket[STREAMS_TICKET_SIZE + 1];

	if (nul)
		check_name((const char *)data);
	if (nul) {
		len -= (size_t)(nul + 1 - data);
		data = nul + 1;
	}
	streams_parse(data, len, &value);
	CHECK(value.len < len || !value.len);
	if (!value.ticket)
		return 0;
	CHECK(strlen(value.id) == STREAMS_ID_SIZE - 1);
	CHECK(strspn(value.id, "0123456789abcdef") == STREAMS_ID_SIZE - 1);
	streams_ticket(value.id, ticket);
	CHECK(len == STREAMS_TICKET_SIZE && !memcmp(ticket, data, len));
	return 0;
}
