// SPDX-License-Identifier: Apache-2.0
/*
 * attribute.c: what clients can be told of a file, by the names that macOS has for it.
 */
#include "mdssvc.h"

enum what {
	PATH,
	NAME,
	SIZE,
	OWNER,
	GROUP,
	WRITTEN,
	CREATED,
	ACCESSED,
	TYPE,
};

static const struct {
	const char *name;
	enum what what;
} attributes[] = {
	{ "kMDItemPath", PATH },
	{ "kMDItemFSName", NAME },
	{ "kMDItemDisplayName", NAME },
	{ "_kMDItemFileName", NAME },
	{ "kMDItemFSSize", SIZE },
	{ "kMDItemLogicalSize", SIZE },
	{ "kMDItemFSOwnerUserID", OWNER },
	{ "kMDItemFSOwnerGroupID", GROUP },
	{ "kMDItemFSContentChangeDate", WRITTEN },
	{ "kMDItemContentModificationDate", WRITTEN },
	{ "kMDItemFSCreationDate", CREATED },
	{ "kMDItemContentCreationDate", CREATED },
	{ "kMDItemLastUsedDate", ACCESSED },
	{ "kMDItemContentType", TYPE },
};

uint8_t attribute_find(const char *name)
{
	for (uint8_t i = 0; i < SMB3_ARRAY_SIZE(attributes); i++)
		if (!strcmp(attributes[i].name, name))
			return (uint8_t)(i + 1);
	return 0;
}

const char *attribute_name(uint8_t number)
{
	return number && number <= SMB3_ARRAY_SIZE(attributes) ? attributes[number - 1].name : NULL;
}

/* The share itself is called as its clients call it. */
static const char *file_name(const struct spot_file *file, const char *share)
{
	const char *slash = strrchr(file->path, '/');

	if (!*file->path)
		return share;
	return slash ? slash + 1 : file->path;
}

static const char *file_path(struct smb3_arena *a, const struct spot_file *file, const char *share)
{
	return smb3_arena_printf(a, "/%s%s%s", share, *file->path ? "/" : "", file->path);
}

void attribute_add(struct smb3_arena *a, struct sl_value *list, uint8_t number, const char *share,
		   const struct spot_file *file)
{
	if (!attribute_name(number)) {
		sl_add(a, list, SL_NIL);
		return;
	}
	switch (attributes[number - 1].what) {
	case PATH:
		sl_add_text(a, list, file_path(a, file, share));
		break;
	case NAME:
		sl_add_text(a, list, file_name(file, share));
		break;
	case SIZE:
		sl_add_number(a, list, SL_INT, file->size);
		break;
	case OWNER:
		sl_add_number(a, list, SL_INT, file->uid);
		break;
	case GROUP:
		sl_add_number(a, list, SL_INT, file->gid);
		break;
	case WRITTEN:
		sl_add_number(a, list, SL_DATE, sl_date(file->written));
		break;
	case CREATED:
		sl_add_number(a, list, SL_DATE, sl_date(file->created));
		break;
	case ACCESSED:
		sl_add_number(a, list, SL_DATE, sl_date(file->accessed));
		break;
	case TYPE:
		sl_add_text(a, list, file->directory ? "public.folder" : "public.data");
		break;
	}
}
