// SPDX-License-Identifier: Apache-2.0
/*
 * synth.c: a security descriptor from permission bits and POSIX ACLs, and permission bits from a
 * security descriptor.
 */
#include "acl.h"

#include <sys/stat.h>

#define PERM_R 4u
#define PERM_W 2u
#define PERM_X 1u

/* As opens without a stored descriptor are granted: to read is to execute, for the server. */
static uint32_t mask_of(uint32_t perm, bool directory)
{
	uint32_t mask = FILE_READ_ATTRIBUTES | READ_CONTROL | SYNCHRONIZE;

	if (perm & PERM_R)
		mask |= FILE_GENERIC_READ | (directory ? 0 : FILE_EXECUTE);
	if (perm & PERM_W)
		mask |= FILE_GENERIC_WRITE | (directory ? FILE_DELETE_CHILD : 0);
	if (perm & PERM_X)
		mask |= FILE_GENERIC_EXECUTE;
	return mask;
}

static uint32_t mask_of_owner(uint32_t perm, bool directory)
{
	uint32_t mask = mask_of(perm, directory) | FILE_WRITE_ATTRIBUTES | WRITE_DAC | WRITE_OWNER;

	if (perm & PERM_W)
		mask |= SMB3_DELETE | FILE_DELETE_CHILD;
	return mask;
}

struct synth {
	const struct ntacl_unix *u;
	struct acl_list *list;
	bool directory;
	uint8_t flags; /* of the entries; with OBJECT_INHERIT they are about new objects */
};

static struct acl_sid sid_of(const struct synth *s, const struct posix_acl_entry *e)
{
	switch (e->tag) {
	case POSIX_ACL_USER_OBJ:
		return s->flags ? acl_creator_owner : acl_sid_of_uid(s->u->uid);
	case POSIX_ACL_USER:
		return acl_sid_of_uid(e->id);
	case POSIX_ACL_GROUP_OBJ:
		return s->flags ? acl_creator_group : acl_sid_of_gid(s->u->gid);
	case POSIX_ACL_GROUP:
		return acl_sid_of_gid(e->id);
	default:
		return acl_everyone;
	}
}

static void add_entry(struct synth *s, const struct posix_acl_entry *e, uint32_t limit)
{
	bool limited = e->tag & (POSIX_ACL_USER | POSIX_ACL_GROUP_OBJ | POSIX_ACL_GROUP);
	uint32_t perm = e->perm & (limited ? limit : 7);
	struct acl_sid sid = sid_of(s, e);

	acl_list_add(s->list, ACE_ALLOWED, s->flags,
		     e->tag == POSIX_ACL_USER_OBJ ? mask_of_owner(perm, s->directory) :
						    mask_of(perm, s->directory),
		     &sid);
}

static void add_list(struct synth *s, const struct posix_acl *acl)
{
	uint32_t limit = 7;

	for (size_t i = 0; i < acl->n; i++)
		if (acl->entries[i].tag == POSIX_ACL_MASK)
			limit = acl->entries[i].perm;
	for (size_t i = 0; i < acl->n; i++)
		if (acl->entries[i].tag != POSIX_ACL_MASK)
			add_entry(s, &acl->entries[i], limit);
}

static void add_mode(struct synth *s)
{
	const struct posix_acl_entry e[] = {
		{ .tag = POSIX_ACL_USER_OBJ, .perm = s->u->mode >> 6 & 7 },
		{ .tag = POSIX_ACL_GROUP_OBJ, .perm = s->u->mode >> 3 & 7 },
		{ .tag = POSIX_ACL_OTHER, .perm = s->u->mode & 7 },
	};

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(e); i++)
		add_entry(s, &e[i], 7);
}

void acl_synthesize(struct smb3_arena *a, const struct ntacl_unix *u, struct acl_sd *ret_sd)
{
	struct synth s = { .u = u, .directory = S_ISDIR(u->mode) };

	s.list = acl_list_new(a, (uint16_t)(u->access->n + u->standard->n + 3));
	if (u->access->n)
		add_list(&s, u->access);
	else
		add_mode(&s);
	s.flags = ACE_OBJECT_INHERIT | ACE_CONTAINER_INHERIT | ACE_INHERIT_ONLY;
	add_list(&s, u->standard);
	*ret_sd = (struct acl_sd){
		.control = SE_DACL_PRESENT,
		.has_owner = true,
		.has_group = true,
		.owner = acl_sid_of_uid(u->uid),
		.group = acl_sid_of_gid(u->gid),
		.dacl = s.list,
	};
}

/* The three classes, each with all that its members are besides. The owner keeps reading and writing:
 * who can change the bits is not kept out by them, and what the server itself keeps in attributes of
 * the file is reached as that user. */
uint32_t acl_mode_of(const struct acl_sd *sd, const struct smb3_stat *st)
{
	const struct acl_sid *const sids[] = { &sd->owner,         &acl_owner_rights, &acl_everyone,
					       &acl_authenticated, &acl_users,        &sd->group };
	bool directory = S_ISDIR(st->mode);
	uint32_t owner = acl_permission(sd, sids, 5, directory) | PERM_R | PERM_W;
	uint32_t group = acl_permission(sd, sids + 2, 4, directory);
	uint32_t other = acl_permission(sd, sids + 2, 3, directory);
	uint32_t bits;

	if (directory)
		owner |= PERM_X;
	bits = owner << 6 | group << 3 | other;
	/* A file that was none does not become a program. */
	if (!directory && !(st->mode & 0111))
		bits &= ~0111u;
	return (st->mode & 07000) | bits;
}
