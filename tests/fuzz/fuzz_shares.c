// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_shares.c: the file of shares that administrators made with their clients. Input: its text.
 * Whatever it is: what is taken has values that may be, each name once, and is the same once it has
 * been written and read again.
 */
#include "../../modules/rpc_srvsvc/added.h"
#include "fuzz.h"

#include <string.h>

static void again(struct smb3_arena *arena, const struct srvsvc_file *file)
{
	struct smb3_builder out = smb3_builder_arena(arena, 16u << 20);
	struct srvsvc_file second;

	srvsvc_file_build(file, &out);
	CHECK(smb3_builder_ok(&out));
	CHECK(!srvsvc_file_parse(arena, (const char *)out.data, out.len, &second));
	CHECK(second.n == file->n);
	for (size_t i = 0; i < file->n; i++) {
		const struct srvsvc_added *a = &file->list[i], *b = &second.list[i];

		CHECK(srvsvc_added_find(file, a->name) == a);
		CHECK(srvsvc_text_sound(a->name, SRVSVC_NAME_MAX) && *a->name);
		CHECK(!strcmp(a->name, b->name) && !strcmp(a->path, b->path));
		CHECK(!strcmp(a->comment, b->comment));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct smb3_arena *arena = smb3_arena_new();
	struct srvsvc_file file;

	if (!srvsvc_file_parse(arena, (const char *)data, len, &file))
		again(arena, &file);
	smb3_arena_free(arena);
	return 0;
}
