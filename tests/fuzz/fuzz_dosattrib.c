// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_dosattrib.c: what may stand in the extended attribute user.DOSATTRIB, which users and other
 * programs can write.
 */
#include "fuzz.h"

#include "../../modules/vfs_posix/posix.h"

/* What was understood is written and understood again. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct posix_dos dos, again;
	uint8_t blob[POSIX_DOS_SIZE];
	size_t size;

	if (!len || posix_dos_parse(data, len, &dos))
		return 0;
	size = posix_dos_build(&dos, blob);
	CHECK(size <= sizeof(blob));
	CHECK(!posix_dos_parse(blob, size, &again));
	CHECK(again.has_attributes == dos.has_attributes && again.has_created == dos.has_created);
	CHECK(!dos.has_attributes || again.attributes == dos.attributes);
	CHECK(!dos.has_created || again.created == dos.created);
	return 0;
}
