// SPDX-License-Identifier: Apache-2.0
/*
 * access.c: what Unix permission bits mean as an access mask. The kernel has the last word where
 * it is asked (opening for reading and writing); these rules are for the rights that it has no
 * open mode for, and for MAXIMUM_ALLOWED.
 */
#include "file.h"

#include <sys/stat.h>

#define PERM_R 4u
#define PERM_W 2u
#define PERM_X 1u

uint32_t access_map(uint32_t access)
{
	if (access & GENERIC_READ)
		access |= FILE_GENERIC_READ;
	if (access & GENERIC_WRITE)
		access |= FILE_GENERIC_WRITE;
	if (access & GENERIC_EXECUTE)
		access |= FILE_GENERIC_EXECUTE;
	if (access & GENERIC_ALL)
		access |= FILE_ALL_ACCESS;
	return access & ~(GENERIC_READ | GENERIC_WRITE | GENERIC_EXECUTE | GENERIC_ALL);
}

static bool in_group(const struct smb3_identity *who, gid_t gid)
{
	for (size_t i = 0; i < who->n_groups; i++)
		if (who->groups[i] == gid)
			return true;
	return who->gid == gid;
}

static uint32_t perms_of(const struct smb3_stat *st, const struct smb3_identity *who)
{
	if (who->uid == 0)
		return PERM_R | PERM_W | PERM_X;
	if (who->uid == st->uid)
		return st->mode >> 6 & 7;
	return (in_group(who, st->gid) ? st->mode >> 3 : st->mode) & 7;
}

static bool may_delete(const struct smb3_stat *st, const struct smb3_stat *parent,
		       const struct smb3_identity *who)
{
	uint32_t need = PERM_W | PERM_X;

	if ((perms_of(parent, who) & need) != need)
		return false;
	return !(parent->mode & S_ISVTX) || who->uid == 0 || who->uid == st->uid ||
	       who->uid == parent->uid;
}

uint32_t access_of_mode(const struct smb3_stat *st, const struct smb3_stat *parent,
			const struct smb3_identity *who)
{
	uint32_t access = FILE_READ_ATTRIBUTES | READ_CONTROL | SYNCHRONIZE;
	uint32_t perms = perms_of(st, who);
	bool directory = S_ISDIR(st->mode);

	/* Clients load programs with EXECUTE; on the server that is no more than reading. */
	if (perms & PERM_R)
		access |= FILE_READ_DATA | FILE_READ_EA | (directory ? 0 : FILE_EXECUTE);
	if (perms & PERM_X)
		access |= FILE_EXECUTE;
	if (perms & PERM_W)
		access |= FILE_WRITE_DATA | FILE_APPEND_DATA | FILE_WRITE_EA |
			  FILE_WRITE_ATTRIBUTES | FILE_DELETE_CHILD;
	if (who->uid == 0 || who->uid == st->uid)
		access |= FILE_WRITE_ATTRIBUTES | WRITE_DAC | WRITE_OWNER;
	if (parent && may_delete(st, parent, who))
		access |= SMB3_DELETE;
	return access;
}
