// SPDX-License-Identifier: Apache-2.0
/*
 * ntacl.c: the extended attribute. NDR, little-endian: a 16-bit version, the same again as the
 * discriminant of a union, a pointer's referent, and the version's structure:
 *   1   the descriptor
 *   2   its pointer, 16 bytes of hash, the descriptor
 *   3   its pointer, the kind of hash, 64 bytes of hash, the descriptor
 *   4   as 3, and before the descriptor: who hashed what (a string), a time, 64 bytes of hash of
 *       the file's permissions
 * The first hash of 3 and 4 is of a descriptor that another server derived from the permissions by
 * rules of its own; only the last one can be compared here.
 *
 * The permissions are hashed as NDR, too: pointers to both lists, owner, group (64 bits each),
 * mode, and the lists. A file without a list has that which its mode stands for.
 */
#include "ntacl.h"

#include <errno.h>
#include <openssl/evp.h>
#include <sys/stat.h>

#define NTACL_VERSION    4
#define NTACL_SHA256     1
#define NTACL_HASH_FIELD 64
#define NTACL_REFERENT   0x00020000u
#define NTACL_BY         "posix_acl" /* who hashed what */
#define NTACL_BY_MAX     64

#define POSIX_ACL_VERSION 2

/* ---- the attribute ---- */

static void ndr_align(struct smb3_cursor *c, size_t to)
{
	smb3_get_skip(c, -smb3_cursor_at(c) & (to - 1));
}

/* True when it is the string that says that the hash is of the permissions as we hash them. */
static bool parse_by(struct smb3_cursor *c)
{
	char by[NTACL_BY_MAX];
	size_t n = 0;

	do {
		by[n] = (char)smb3_get_u8(c);
	} while (by[n] && ++n < sizeof(by));
	if (n == sizeof(by))
		c->bad = true;
	return smb3_cursor_ok(c) && !strcmp(by, NTACL_BY);
}

static void parse_hashes(struct smb3_cursor *c, struct ntacl *acl)
{
	const uint8_t *hash;
	uint16_t kind;
	bool ours;

	if (acl->version == 2) {
		smb3_get_skip(c, 16);
		return;
	}
	kind = smb3_get_u16(c);
	smb3_get_skip(c, NTACL_HASH_FIELD);
	if (acl->version == 3)
		return;
	ours = parse_by(c);
	ndr_align(c, 4);
	smb3_get_skip(c, 8); /* when */
	hash = smb3_get_bytes(c, NTACL_HASH_FIELD);
	acl->hashed = hash && ours && kind == NTACL_SHA256;
	if (hash)
		memcpy(acl->unix_hash, hash, NTACL_HASH);
}

int ntacl_parse(const void *blob, size_t len, struct ntacl *ret_acl)
{
	struct smb3_cursor c = smb3_cursor_init(blob, len);
	struct ntacl acl = { .version = smb3_get_u16(&c) };
	uint32_t there = 1;

	if (smb3_get_u16(&c) != acl.version || acl.version < 1 || acl.version > NTACL_VERSION)
		return -EINVAL;
	ndr_align(&c, 4);
	there = smb3_get_u32(&c);
	if (acl.version > 1 && there) {
		there = smb3_get_u32(&c);
		parse_hashes(&c, &acl);
	}
	ndr_align(&c, 4);
	if (!smb3_cursor_ok(&c) || !there)
		return -EINVAL;
	acl.sd_at = smb3_cursor_at(&c);
	*ret_acl = acl;
	return 0;
}

/* The first hash stays empty: it is of nothing that is known here, and fits nothing. */
void ntacl_put(struct smb3_builder *out, uint64_t now, const uint8_t unix_hash[NTACL_HASH])
{
	smb3_put_u16(out, NTACL_VERSION);
	smb3_put_u16(out, NTACL_VERSION);
	smb3_put_u32(out, NTACL_REFERENT);
	smb3_put_u32(out, NTACL_REFERENT + 4);
	smb3_put_u16(out, NTACL_SHA256);
	smb3_put_zero(out, NTACL_HASH_FIELD);
	smb3_put_bytes(out, NTACL_BY, sizeof(NTACL_BY));
	smb3_put_align(out, 4);
	smb3_put_u64(out, now);
	smb3_put_bytes(out, unix_hash, NTACL_HASH);
	smb3_put_zero(out, NTACL_HASH_FIELD - NTACL_HASH);
}

/* ---- the permissions ---- */

int posix_acl_parse(const void *blob, size_t len, struct posix_acl *ret_acl)
{
	struct smb3_cursor c = smb3_cursor_init(blob, len);
	size_t n = len < 4 ? 0 : (len - 4) / 8;

	ret_acl->n = 0;
	if (!len)
		return 0;
	if (smb3_get_u32(&c) != POSIX_ACL_VERSION || (len - 4) % 8 || n > POSIX_ACL_ENTRIES)
		return -EINVAL;
	for (size_t i = 0; i < n; i++) {
		ret_acl->entries[i].tag = smb3_get_u16(&c);
		ret_acl->entries[i].perm = smb3_get_u16(&c);
		ret_acl->entries[i].id = smb3_get_u32(&c);
	}
	ret_acl->n = n;
	return 0;
}

/* The hashed form numbers the tags otherwise. */
static uint16_t hashed_tag(uint16_t tag)
{
	switch (tag) {
	case POSIX_ACL_USER:
		return 1;
	case POSIX_ACL_USER_OBJ:
		return 2;
	case POSIX_ACL_GROUP:
		return 3;
	case POSIX_ACL_GROUP_OBJ:
		return 4;
	case POSIX_ACL_OTHER:
		return 5;
	default:
		return 6;
	}
}

static void put_entry(struct smb3_builder *out, const struct posix_acl_entry *e)
{
	uint16_t tag = hashed_tag(e->tag);

	smb3_put_align(out, 8);
	smb3_put_u16(out, tag);
	smb3_put_u16(out, tag);
	if (e->tag == POSIX_ACL_USER || e->tag == POSIX_ACL_GROUP) {
		smb3_put_align(out, 8);
		smb3_put_u64(out, e->id);
	}
	smb3_put_u32(out, e->perm);
}

static void put_list(struct smb3_builder *out, const struct posix_acl_entry *e, size_t n)
{
	smb3_put_u32(out, (uint32_t)n);
	smb3_put_align(out, 8);
	smb3_put_u32(out, (uint32_t)n);
	smb3_put_u32(out, 0);
	for (size_t i = 0; i < n; i++)
		put_entry(out, &e[i]);
}

static void put_mode_list(struct smb3_builder *out, uint32_t mode)
{
	const struct posix_acl_entry e[] = {
		{ .tag = POSIX_ACL_USER_OBJ, .perm = mode >> 6 & 7 },
		{ .tag = POSIX_ACL_GROUP_OBJ, .perm = mode >> 3 & 7 },
		{ .tag = POSIX_ACL_OTHER, .perm = mode & 7 },
	};

	put_list(out, e, SMB3_ARRAY_SIZE(e));
}

void ntacl_hash(const struct ntacl_unix *u, uint8_t ret_hash[NTACL_HASH])
{
	uint8_t room[64 + 2 * 24 * POSIX_ACL_ENTRIES];
	struct smb3_builder b = smb3_builder_init(room, sizeof(room));
	bool folder = S_ISDIR(u->mode);

	smb3_put_u32(&b, NTACL_REFERENT);
	smb3_put_u32(&b, folder ? NTACL_REFERENT + 4 : 0);
	smb3_put_u64(&b, u->uid);
	smb3_put_u64(&b, u->gid);
	smb3_put_u32(&b, u->mode);
	if (u->access->n)
		put_list(&b, u->access->entries, u->access->n);
	else
		put_mode_list(&b, u->mode);
	if (folder)
		put_list(&b, u->standard->entries, u->standard->n);
	EVP_Digest(b.data, b.len, ret_hash, NULL, EVP_sha256(), NULL);
}
