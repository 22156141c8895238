// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_utf16.c: names of clients to UTF-8 and back; the same bytes as a local name of unknown
 * encoding; upper case and hashing.
 */
#include "fuzz.h"

/* A name that was accepted is valid and comes back as it was. */
static void from_client(struct smb3_arena *a, const uint8_t *data, size_t len)
{
	char *name = smb3_utf16_to_utf8(a, data, len);
	struct smb3_builder b = smb3_builder_arena(a, len);

	if (!name)
		return;
	CHECK(smb3_utf8_valid(name));
	CHECK(smb3_utf16_size(name) == len);
	CHECK(smb3_put_utf16(&b, name) == len);
	CHECK(smb3_builder_ok(&b) && b.len == len && !memcmp(b.data, data, len));
}

/* What the client is shown of a local name leads it back to that name. */
static void from_disk(struct smb3_arena *a, const uint8_t *data, size_t len)
{
	char *name = smb3_arena_alloc(a, len + 1), *shown, *upper;
	struct smb3_builder b = smb3_builder_arena(a, 2 * len), u = smb3_builder_arena(a, 4 * len);

	memcpy(name, data, len);
	CHECK(smb3_put_utf16(&b, name) == smb3_utf16_size(name));
	CHECK(smb3_builder_ok(&b));
	shown = smb3_utf16_to_utf8(a, b.data, b.len);
	CHECK(shown && smb3_name_equal(name, shown) && smb3_name_equal(shown, name));
	CHECK(smb3_name_hash(name) == smb3_name_hash(shown));
	if (smb3_utf8_valid(name))
		CHECK(!strcmp(name, shown));

	for (const char *s = name; *s;) {
		uint32_t cp = smb3_fold(smb3_utf8_next(&s));

		CHECK(smb3_fold(cp) == cp && cp <= 0x10ffff);
		if (cp >= 0x10000)
			smb3_put_u16(&u, (uint16_t)(0xd7c0 + (cp >> 10)));
		smb3_put_u16(&u, (uint16_t)(cp >= 0x10000 ? 0xdc00 | (cp & 0x3ff) : cp));
	}
	upper = smb3_utf16_to_utf8(a, u.data, u.len);
	CHECK(upper && smb3_name_equal(name, upper));
	CHECK(smb3_name_hash(name) == smb3_name_hash(upper));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct smb3_arena *a = smb3_arena_new();

	from_client(a, data, len);
	from_disk(a, data, len);
	smb3_arena_free(a);
	return 0;
}
