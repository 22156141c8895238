// SPDX-License-Identifier: Apache-2.0
/*
 * create.c: what features ask of a CREATE under way.
 */
#include <smb3/create.h>

void *smb3_create_context(const struct smb3_create *create, const struct smb3_createctx *row)
{
	for (const struct smb3_create_use *use = create->contexts; use; use = use->next)
		if (use->row == row)
			return use->state;
	return NULL;
}
