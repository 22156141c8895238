// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_ea.c: lists of extended attributes. Input: one byte that says which kind of list, then the
 * list. Whatever a client sends: entries lie inside, and the walk ends. [MS-FSCC] 2.4.15
 */
#include "fuzz.h"
#include "../../modules/info/ea_list.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct smb3_cursor in = smb3_cursor_init(data, len);
	bool get = smb3_get_u8(&in) & 1;
	ntstatus status = ea_check(in, get);

	while (smb3_cursor_left(&in)) {
		size_t before = smb3_cursor_left(&in);
		struct ea ea;

		if (ea_next(&in, get, &ea)) {
			CHECK(status);
			break;
		}
		CHECK(smb3_cursor_left(&in) < before);
		CHECK(strlen(ea.xattr) > strlen(EA_PREFIX));
		CHECK(!ea.len || (ea.value >= data && ea.value + ea.len <= data + len));
		if (!get && ea_is_ours(ea.xattr))
			CHECK(status);
	}
	return 0;
}
