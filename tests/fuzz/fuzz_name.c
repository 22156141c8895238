// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_name.c: a name from the wire taken apart. Whatever a client sends: no component leads
 * upwards, none is empty, and the parts make the whole. [MS-FSCC] 2.1.5
 */
#include "fuzz.h"
#include <smb3/name.h>

static void check_component(const char *s, size_t len)
{
	CHECK(len > 0);
	CHECK(!(len == 1 && s[0] == '.') && !(len == 2 && s[0] == '.' && s[1] == '.'));
	for (size_t i = 0; i < len; i++)
		CHECK((unsigned char)s[i] >= 0x20 && !strchr("\"*/:<>?|\\", s[i]));
}

static void check_path(const char *path)
{
	while (*path) {
		size_t len = strcspn(path, "/");

		check_component(path, len);
		path += len;
		if (*path) {
			path++;
			CHECK(*path);
		}
	}
}

static void check_name(struct smb3_arena *a, const struct smb3_name *n)
{
	check_path(n->path);
	check_path(n->parent);
	CHECK(!strchr(n->leaf, '/'));
	CHECK(!strcmp(smb3_name_join(a, n->parent, n->leaf), n->path));
	CHECK(smb3_utf8_valid(n->path) && smb3_utf16_size(n->leaf) <= 2 * SMB3_NAME_MAX);
	if (n->stream)
		CHECK(*n->stream && !strpbrk(n->stream, "/\\:") && smb3_utf8_valid(n->stream));
	CHECK(!(n->data && n->stream) && !(n->data && n->directory));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct smb3_arena *a = smb3_arena_new();
	struct smb3_name n;

	if (smb3_name_parse(a, data, len, &n) == STATUS_SUCCESS)
		check_name(a, &n);
	smb3_arena_free(a);
	return 0;
}
