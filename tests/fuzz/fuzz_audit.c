// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_audit.c: a line of the audit with names from clients in it: it is one line, valid UTF-8, and
 * nothing in a value ends its string.
 */
#include "fuzz.h"

#include "../../modules/audit/audit.h"

#include <string.h>

/* Of a string: from the quote on to the byte after the one that ends it. */
static const char *after_string(const char *p)
{
	CHECK(*p++ == '"');
	for (; *p != '"'; p++) {
		CHECK((unsigned char)*p >= 0x20 && *p != 0x7f);
		if (*p != '\\')
			continue;
		CHECK(p[1] == 'u' && strspn(p + 2, "0123456789abcdef") >= 4);
		p += 5;
	}
	return p + 1;
}

static void check_line(struct audit_line *l)
{
	const char *p = l->text;

	CHECK(l->len < sizeof(l->text));
	l->text[l->len] = '\0';
	CHECK(strlen(l->text) == l->len && smb3_utf8_valid(l->text) && *p == '{');
	do {
		p = after_string(p + 1);
		CHECK(*p++ == ':');
		p = *p == '"' ? after_string(p) : p + strspn(p, "0123456789true");
	} while (*p == ',');
	CHECK(!strcmp(p, "}\n"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct audit_line l;
	char *text = malloc(len + 1);

	memcpy(text, data, len);
	text[len] = '\0';
	line_begin(&l, "open");
	line_number(&l, "conn", len);
	/* Each string in the input is a value. */
	for (size_t at = 0; at <= len; at += strlen(text + at) + 1)
		line_text(&l, at & 1 ? "path" : "user", text + at);
	line_end(&l);
	check_line(&l);
	free(text);
	return 0;
}
