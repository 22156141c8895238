// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_stored.c: what other programs left in extended attributes, met by a client that opens, asks,
 * inherits, follows and removes. Input, again and again: which file and which attribute in one byte,
 * the length in two, the value.
 */
#include "core.h"
#include "fuzz.h"
#include <smb3/reparse.h>
#include <sys/xattr.h>

static const char *const names[] = {
	SMB3_REPARSE_XATTR,
	"security.NTACL",
	"system.posix_acl_access",
	"system.posix_acl_default",
	"user.DOSATTRIB",
	"user.smb3.objectid",
	"user.DosStream.s:$DATA",
	"user.DosStream.t:x:$DATA",
	"user.DosStream.afp:$DATA",
	"user.COLOR",
	"user.\xff\xc0",
	"user.SMB3_unknown",
};

static const char *const paths[] = { "file", "folder", "link" };

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	setenv("SMB3D_FUZZ_SHARE", "posix", 1);
	fuzz_server_start(NULL);
	return 0;
}

static void prepare(struct fuzz_peer *p)
{
	fuzz_reset();
	fuzz_connect(p);
	fuzz_negotiate(p, SMB2_DIALECT_0311);
	CHECK(!p->gone && p->status == STATUS_SUCCESS);
	fuzz_log_on(p);
	fuzz_tree_connect(p);
}

static void put(struct fuzz_peer *p, unsigned int which, const char *name, const void *value,
		size_t len)
{
	char path[4096];

	/* The thread may still be the guest. */
	CHECK(smb3_become(p->conn->server, &p->conn->worker->acting_as, NULL) == 0);
	snprintf(path, sizeof(path), "%s/%s", fuzz_files(), paths[which]);
	(void)lsetxattr(path, name, value, len, 0);
}

static void put_id(const struct fuzz_peer *p, unsigned int which, struct smb3_builder *b)
{
	smb3_put_u64(b, p->opens[which].persistent_id);
	smb3_put_u64(b, p->opens[which].volatile_id);
}

static void ask(struct fuzz_peer *p, unsigned int which, uint8_t kind, uint8_t level)
{
	uint8_t body[64];
	struct smb3_builder b = smb3_builder_init(body, sizeof(body));

	smb3_put_u16(&b, 41);
	smb3_put_u8(&b, kind);
	smb3_put_u8(&b, level);
	smb3_put_u32(&b, 65536);
	smb3_put_zero(&b, 8);
	smb3_put_u32(&b, 0x7); /* owner, group and access list of security */
	smb3_put_u32(&b, 0);
	put_id(p, which, &b);
	fuzz_request(p, SMB2_QUERY_INFO, p->tree, body, b.len);
}

static void control(struct fuzz_peer *p, unsigned int which, uint32_t code, const void *in,
		    size_t len)
{
	uint8_t body[128];
	struct smb3_builder b = smb3_builder_init(body, sizeof(body));

	smb3_put_u16(&b, 57);
	smb3_put_u16(&b, 0);
	smb3_put_u32(&b, code);
	put_id(p, which, &b);
	smb3_put_u32(&b, SMB2_HEADER_SIZE + 56);
	smb3_put_u32(&b, (uint32_t)len);
	smb3_put_zero(&b, 12);
	smb3_put_u32(&b, 65536); /* MaxOutputResponse */
	smb3_put_u32(&b, SMB2_0_IOCTL_IS_FSCTL);
	smb3_put_u32(&b, 0);
	smb3_put_bytes(&b, in, len);
	fuzz_request(p, SMB2_IOCTL, p->tree, body, b.len);
}

static void find(struct fuzz_peer *p, unsigned int which, uint8_t level)
{
	uint8_t body[64];
	struct smb3_builder b = smb3_builder_init(body, sizeof(body));

	smb3_put_u16(&b, 33);
	smb3_put_u8(&b, level);
	smb3_put_u8(&b, SMB2_RESTART_SCANS);
	smb3_put_u32(&b, 0);
	put_id(p, which, &b);
	smb3_put_u16(&b, SMB2_HEADER_SIZE + 32);
	smb3_put_u16(&b, 2);
	smb3_put_u32(&b, 65536);
	smb3_put_u16(&b, '*');
	fuzz_request(p, SMB2_QUERY_DIRECTORY, p->tree, body, b.len);
}

static void look_at(struct fuzz_peer *p, unsigned int which)
{
	static const uint8_t levels[] = { 4, 7, 14, 15, 18, 22, 28, 34, 35, 59 };

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(levels); i++)
		ask(p, which, 1, levels[i]);
	ask(p, which, 3, 0);
	control(p, which, FSCTL_GET_REPARSE_POINT, NULL, 0);
	control(p, which, FSCTL_CREATE_OR_GET_OBJECT_ID, NULL, 0);
}

/* With a tag of nobody's, so that what is stored is looked at. */
static void mark(struct fuzz_peer *p, unsigned int which)
{
	static const uint8_t point[24] = { 0x34, 0x12 };

	control(p, which, FSCTL_SET_REPARSE_POINT, point, sizeof(point));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct smb3_cursor c = smb3_cursor_init(data, len);
	struct fuzz_peer peer, *p = &peer;

	prepare(p);
	for (unsigned int i = 0; i < SMB3_ARRAY_SIZE(paths); i++) {
		fuzz_create(p, paths[i], FILE_OPEN_IF, i == 1 ? FILE_DIRECTORY_FILE : 0, NULL, 0);
		CHECK(p->status == STATUS_SUCCESS);
	}
	mark(p, 2);
	while (smb3_cursor_left(&c) > 3) {
		uint8_t what = smb3_get_u8(&c);
		size_t n = smb3_get_u16(&c), left = smb3_cursor_left(&c);

		n = n < left ? n : left;
		put(p, what % 3, names[what / 3 % SMB3_ARRAY_SIZE(names)], smb3_get_bytes(&c, n),
		    n);
	}
	for (unsigned int i = 0; i < SMB3_ARRAY_SIZE(paths); i++)
		look_at(p, i);
	find(p, 1, 37);
	fuzz_create(p, "folder\\child", FILE_CREATE, FILE_NON_DIRECTORY_FILE, NULL, 0);
	fuzz_create(p, "folder\\below", FILE_CREATE, FILE_DIRECTORY_FILE, NULL, 0);
	fuzz_create(p, "file:s", FILE_OPEN_IF, 0, NULL, 0);
	fuzz_create(p, "link", FILE_OPEN, 0, NULL, 0);
	fuzz_create(p, "link\\beyond", FILE_OPEN, 0, NULL, 0);
	fuzz_create(p, "file", FILE_OVERWRITE, FILE_DELETE_ON_CLOSE, NULL, 0);
	fuzz_end(p);
	return 0;
}
