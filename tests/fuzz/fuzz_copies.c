// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_copies.c: the file in which exposed shadow copies are kept. Input: its text. What is taken is the
 * same once it has been written and read again.
 */
#include "../../modules/rpc_fsrvp/fsrvp.h"
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

static void drop(struct smb3_list *sets)
{
	SMB3_LIST_EACH(sets, node) {
		smb3_list_remove(node);
		fsrvp_set_free(SMB3_CONTAINER(node, struct fsrvp_set, link));
	}
}

static void again(const struct smb3_list *sets)
{
	struct smb3_list second;
	char *text = fsrvp_build(sets), *more;

	smb3_list_init(&second);
	CHECK(text);
	CHECK(fsrvp_parse(text, strlen(text), &second));
	more = fsrvp_build(&second);
	CHECK(more && !strcmp(text, more));
	free(text);
	free(more);
	drop(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct smb3_list sets;

	smb3_list_init(&sets);
	if (fsrvp_parse((const char *)data, len, &sets))
		again(&sets);
	drop(&sets);
	return 0;
}
