// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_offload.c: the token of an offloaded copy: what is taken for ours comes out as it went in.
 * [MS-FSCC] 2.1.11
 */
#include "../../modules/ioctl/offload.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct smb3_cursor c = smb3_cursor_init(data, len), back;
	struct offload_token token = offload_token_get(&c), again;
	uint8_t buf[OFFLOAD_TOKEN_SIZE];
	struct smb3_builder b = smb3_builder_init(buf, sizeof(buf));

	CHECK(smb3_cursor_ok(&c) == (len >= OFFLOAD_TOKEN_SIZE));
	if (token.kind != OFFLOAD_RANGE)
		return 0;
	CHECK(smb3_cursor_ok(&c));
	offload_token_put(&b, &token);
	CHECK(smb3_builder_ok(&b) && b.len == OFFLOAD_TOKEN_SIZE);
	back = smb3_cursor_init(buf, sizeof(buf));
	again = offload_token_get(&back);
	CHECK(again.kind == OFFLOAD_RANGE && again.persistent_id == token.persistent_id &&
	      again.volatile_id == token.volatile_id &&
	      !memcmp(again.secret, token.secret, OFFLOAD_SECRET_SIZE));
	return 0;
}
