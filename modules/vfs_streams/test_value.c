// SPDX-License-Identifier: Apache-2.0
/*
 * test_value.c: what is stored for a stream.
 */
#include "streams.h"

#include <criterion/criterion.h>
#include <errno.h>

#define ID "0123456789abcdef0123456789abcdef"

Test(streams_value, names_of_xattrs)
{
	char xattr[STREAMS_XATTR_SIZE], name[STREAMS_XATTR_SIZE], longest[236];

	cr_expect_eq(streams_xattr("Zone.Identifier", xattr), 0);
	cr_expect_str_eq(xattr, "user.DosStream.Zone.Identifier:$DATA");
	cr_expect(streams_name(xattr, name));
	cr_expect_str_eq(name, "Zone.Identifier");
	cr_expect_eq(streams_xattr("", xattr), -EINVAL);
	memset(longest, 'n', sizeof(longest));
	longest[234] = '\0';
	cr_expect_eq(streams_xattr(longest, xattr), 0);
	cr_expect_eq(strlen(xattr), 255);
	longest[234] = 'n';
	longest[235] = '\0';
	cr_expect_eq(streams_xattr(longest, xattr), -ENAMETOOLONG);
}

Test(streams_value, other_xattrs_are_no_streams)
{
	static const char *const others[] = {
		"user.DOSATTRIB",         "user.DosStream.:$DATA",     "user.DosStream.x",
		"user.dosstream.x:$DATA", "user.DosStream.a:b:$DATA",  "user.DosStream.a/b:$DATA",
		"user.DosStream.",        "user.DosStream.\xff:$DATA", "",
	};
	char name[STREAMS_XATTR_SIZE];

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(others); i++)
		cr_expect(!streams_name(others[i], name), "%s", others[i]);
}

Test(streams_value, contents_end_with_a_nul)
{
	struct streams_value value;

	streams_parse("hello\0", 6, &value);
	cr_expect(!value.ticket);
	cr_expect_eq(value.len, 5);
	streams_parse("\0", 1, &value);
	cr_expect_eq(value.len, 0);
	streams_parse("", 0, &value);
	cr_expect_eq(value.len, 0);
}

Test(streams_value, tickets)
{
	char ticket[STREAMS_TICKET_SIZE + 1], text[STREAMS_TICKET_SIZE + 1];
	struct streams_value value;

	streams_ticket(ID, ticket);
	streams_parse(ticket, STREAMS_TICKET_SIZE, &value);
	cr_expect(value.ticket);
	cr_expect_str_eq(value.id, ID);
	/* What a client wrote has a byte more. */
	streams_parse(ticket, STREAMS_TICKET_SIZE + 1, &value);
	cr_expect(!value.ticket);
	cr_expect_eq(value.len, STREAMS_TICKET_SIZE);
	for (size_t at = 0; at < STREAMS_TICKET_SIZE; at++) {
		memcpy(text, ticket, sizeof(text));
		text[at] = '/';
		streams_parse(text, STREAMS_TICKET_SIZE, &value);
		cr_expect(!value.ticket, "%zu", at);
		text[at] = '\0';
		streams_parse(text, STREAMS_TICKET_SIZE, &value);
		cr_expect(!value.ticket, "%zu", at);
	}
}
