// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_reparse.c: a reparse point from the wire. What passes is whole, and a Unix target that is made
 * of it is relative and does not begin above the share. [MS-FSCC] 2.1.2
 */
#include "../../modules/ioctl/reparse.h"
#include "fuzz.h"

/* A link at depth two: three steps up would be out. */
static void check_inside(const char *target)
{
	int depth = 2;

	CHECK(*target != '/');
	while (*target) {
		size_t len = strcspn(target, "/");

		if (len == 2 && !memcmp(target, "..", 2))
			depth--;
		else if (len && !(len == 1 && *target == '.'))
			depth++;
		CHECK(depth >= 0);
		target += len + (target[len] == '/');
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct smb3_arena *a = smb3_arena_new();
	struct reparse rp;
	const char *target;
	char *text;
	bool relative;

	if (reparse_parse(data, len, &rp) == STATUS_SUCCESS) {
		CHECK(rp.data + rp.len == data + len && rp.tag > 1);
		if (reparse_link(&rp, a, &target, &relative)) {
			CHECK(smb3_utf8_valid(target));
			text = reparse_unix(a, "one/two/link", target);
			if (text)
				check_inside(text);
		}
	}
	smb3_arena_free(a);
	return 0;
}
