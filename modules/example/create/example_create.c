// SPDX-License-Identifier: Apache-2.0
/*
 * example_create.c: a create context: what clients send along with CREATE, and get back with its reply.
 * Here: how many names the file has, which spares the client a further request.
 *
 *   request  uint32 version     1
 *   reply    uint32 version, uint32 links, uint64 number of the file
 */
#include <smb3/smb3.h>

#define VERSION 1

/* Tags of one's own are GUIDs: uuidgen makes one. [MS-SMB2] 2.2.13.2 */
static const uint8_t example_create_tag[16] = {
	0x5e, 0x1c, 0x0f, 0x3a, 0x9b, 0x42, 0x4d, 0x77,
	0x8a, 0x60, 0x21, 0xf4, 0xd3, 0x95, 0x6b, 0xe8,
};

/* On the loop, before anything is opened: whether this makes sense. The data comes from a stranger. What
 * the other functions want to know goes into *ret_state, in the arena: no more than that is known here. */
static ntstatus example_create_parse(struct smb3_create *create, struct smb3_cursor *data,
				     void **ret_state)
{
	uint32_t version = smb3_get_u32(data);

	if (!smb3_cursor_ok(data) || smb3_cursor_left(data))
		return STATUS_INVALID_PARAMETER;
	return version == VERSION ? STATUS_SUCCESS : STATUS_NOT_SUPPORTED;
}

/* On the loop, when the file is open and create->stat says what it is. */
static bool example_create_reply(struct smb3_create *create, void *state, struct smb3_builder *out)
{
	smb3_put_u32(out, VERSION);
	smb3_put_u32(out, create->stat.links);
	smb3_put_u64(out, create->stat.ino);
	return true;
}

/* Between them there is opened(), in work, which may make VFS calls and fail the CREATE. */
static const struct smb3_createctx example_create_row = {
	.name = "example_create",
	.tag = example_create_tag,
	.tag_len = sizeof(example_create_tag),
	.parse = example_create_parse,
	.reply = example_create_reply,
};

static const struct smb3_provide example_create_provides[] = {
	SMB3_CREATECTX(&example_create_row),
	SMB3_END,
};

SMB3_MODULE(example_create, .summary = "tells how many names a file has",
	    .provides = example_create_provides);
