// SPDX-License-Identifier: Apache-2.0
/*
 * value.c: how a stream is stored. The xattr user.DosStream.NAME:$DATA holds its contents and one
 * byte more, a NUL, as Samba's vfs_streams_xattr has it. So a value that is stored for a client
 * always ends with a NUL; a ticket does not, and no client can make one.
 */
#include "streams.h"

#include <errno.h>
#include <stdio.h>
#include <strings.h>

int streams_xattr(const char *stream, char ret_xattr[STREAMS_XATTR_SIZE])
{
	int n;

	if (!*stream)
		return -EINVAL;
	n = snprintf(ret_xattr, STREAMS_XATTR_SIZE, STREAMS_PREFIX "%s" STREAMS_TYPE, stream);
	return n < 0 || n >= STREAMS_XATTR_SIZE ? -ENAMETOOLONG : 0;
}

/* A name that no client could ask for is none: it holds a separator, or is not UTF-8. */
bool streams_name(const char *xattr, char ret_name[STREAMS_XATTR_SIZE])
{
	const size_t prefix = sizeof(STREAMS_PREFIX) - 1, type = sizeof(STREAMS_TYPE) - 1;
	size_t len = strlen(xattr);

	if (len <= prefix + type || len >= STREAMS_XATTR_SIZE ||
	    strncmp(xattr, STREAMS_PREFIX, prefix) != 0 ||
	    strcasecmp(xattr + len - type, STREAMS_TYPE) != 0)
		return false;
	len -= prefix + type;
	memcpy(ret_name, xattr + prefix, len);
	ret_name[len] = '\0';
	return !strpbrk(ret_name, ":/\\") && smb3_utf8_valid(ret_name);
}

void streams_parse(const void *value, size_t len, struct streams_value *ret_value)
{
	const char *id = value;

	*ret_value = (struct streams_value){ .len = len ? len - 1 : 0 };
	if (len != STREAMS_TICKET_SIZE ||
	    memcmp(value, STREAMS_TICKET, sizeof(STREAMS_TICKET) - 1) != 0)
		return;
	id += sizeof(STREAMS_TICKET) - 1;
	for (size_t i = 0; i < STREAMS_ID_SIZE - 1; i++)
		if (!id[i] || !strchr("0123456789abcdef", id[i]))
			return;
	ret_value->ticket = true;
	ret_value->len = 0;
	memcpy(ret_value->id, id, STREAMS_ID_SIZE - 1);
}

void streams_ticket(const char *id, char ret_value[STREAMS_TICKET_SIZE + 1])
{
	snprintf(ret_value, STREAMS_TICKET_SIZE + 1, STREAMS_TICKET "%s", id);
}
