// SPDX-License-Identifier: Apache-2.0
/*
 * negctx.c: negotiate contexts that are a list of numbers, of which one is taken.
 * [MS-SMB2] 2.2.3.1.2, 2.2.3.1.7
 */
#include "core.h"

static bool offered(struct smb3_cursor ids, int id)
{
	while (smb3_cursor_left(&ids) >= 2)
		if (smb3_get_u16(&ids) == id)
			return true;
	return false;
}

int smb3_negctx_choose(struct smb3_cursor *data, const char *const *names,
		       int (*number)(const char *name))
{
	size_t count = smb3_get_u16(data);
	const uint8_t *list = smb3_get_bytes(data, count * 2);
	struct smb3_cursor ids = smb3_cursor_init(list, list ? count * 2 : 0);

	if (!smb3_cursor_ok(data) || !count)
		return -EINVAL;
	for (; *names; names++) {
		int id = number(*names);

		if (id >= 0 && offered(ids, id))
			return id;
	}
	return -ENOENT;
}
