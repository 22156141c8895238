// SPDX-License-Identifier: Apache-2.0
/*
 * create_check.c: the rules of CREATE that need no disk: fields, and attributes.
 * [MS-SMB2] 3.3.5.9, [MS-FSA] 2.1.5.1
 */
#include "file.h"

#define ACCESS_UNKNOWN         0x0CE0FE00u
#define OPTIONS_UNKNOWN        0xFF000000u
#define ATTRIBUTES_UNKNOWN     0xFFFF8048u
#define IMPERSONATION_DELEGATE 3

/* Options that only local callers can use; the server says so. */
#define OPTIONS_REFUSED (FILE_CREATE_TREE_CONNECTION | FILE_OPEN_BY_FILE_ID | FILE_RESERVE_OPFILTER)

static ntstatus check_options(const struct create *cr)
{
	uint32_t options = cr->c.options;
	bool directory = options & FILE_DIRECTORY_FILE;

	if (options & OPTIONS_UNKNOWN)
		return STATUS_INVALID_PARAMETER;
	if (options & OPTIONS_REFUSED)
		return STATUS_NOT_SUPPORTED;
	if (directory && (options & FILE_NON_DIRECTORY_FILE))
		return STATUS_INVALID_PARAMETER;
	if (directory && (create_overwrites(cr) || (cr->c.attributes & FILE_ATTRIBUTE_TEMPORARY)))
		return STATUS_INVALID_PARAMETER;
	if ((options & FILE_DELETE_ON_CLOSE) && !cr->maximum && !(cr->wanted & SMB3_DELETE))
		return STATUS_INVALID_PARAMETER;
	return STATUS_SUCCESS;
}

/* What the form of the name says must not contradict the options. */
static ntstatus check_name(const struct create *cr)
{
	uint32_t options = cr->c.options;

	if (cr->name.directory && (options & FILE_NON_DIRECTORY_FILE))
		return STATUS_OBJECT_NAME_INVALID;
	if ((cr->name.data || cr->name.stream) && (options & FILE_DIRECTORY_FILE))
		return STATUS_NOT_A_DIRECTORY;
	return STATUS_SUCCESS;
}

static ntstatus check_access(const struct create *cr)
{
	const struct smb3_tree *tree = cr->c.req->tree;
	uint32_t most = tree->max_access & ~(tree->read_only ? ACCESS_CHANGES : 0);
	uint32_t missing = cr->wanted & FILE_ALL_ACCESS & ~most;

	if (missing)
		return smb3_req_deny(cr->c.req, STATUS_ACCESS_DENIED,
				     "share %s grants %#x, not %#x", tree->share->name, most,
				     missing);
	if (!(most & FILE_ADD_FILE) && cr->c.disposition != FILE_OPEN &&
	    cr->c.disposition != FILE_OPEN_IF)
		return smb3_req_deny(cr->c.req, STATUS_ACCESS_DENIED, "share %s is read-only",
				     tree->share->name);
	return STATUS_SUCCESS;
}

ntstatus create_check(struct create *cr)
{
	const struct smb3_create *c = &cr->c;
	ntstatus status;

	if (cr->impersonation > IMPERSONATION_DELEGATE)
		return STATUS_BAD_IMPERSONATION_LEVEL;
	if (!c->desired_access || c->desired_access & ACCESS_UNKNOWN)
		return STATUS_ACCESS_DENIED;
	if (c->disposition > FILE_OVERWRITE_IF || (c->share_access & ~FILE_SHARE_ALL) ||
	    (c->attributes & ATTRIBUTES_UNKNOWN))
		return STATUS_INVALID_PARAMETER;
	/* There is no encrypting file system below. */
	if (c->attributes & FILE_ATTRIBUTE_ENCRYPTED && c->disposition != FILE_OPEN)
		return STATUS_ACCESS_DENIED;
	status = check_options(cr);
	if (!status)
		status = check_access(cr);
	if (!status)
		status = check_name(cr);
	return status;
}

uint32_t create_attributes(const struct create *cr)
{
	uint32_t attributes = cr->c.attributes & SMB3_ATTRIBUTES_SETTABLE;

	if (cr->c.options & FILE_DIRECTORY_FILE)
		return attributes;
	return attributes | FILE_ATTRIBUTE_ARCHIVE;
}

/* An overwrite may not quietly take HIDDEN or SYSTEM away. */
static bool loses_attributes(const struct create *cr)
{
	uint32_t kept = FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_SYSTEM;

	return cr->c.stat.attributes & ~cr->c.stat.implied & kept & ~cr->c.attributes;
}

ntstatus create_check_attributes(const struct create *cr)
{
	const struct smb3_stat *st = &cr->c.stat;
	bool readonly = st->attributes & FILE_ATTRIBUTE_READONLY;

	/* New objects are as they were asked for, but cannot go at once if they may not. */
	if (readonly && (cr->c.options & FILE_DELETE_ON_CLOSE))
		return STATUS_CANNOT_DELETE;
	if (cr->made || (st->attributes & FILE_ATTRIBUTE_DIRECTORY))
		return STATUS_SUCCESS;
	if (readonly && (cr->wanted & ACCESS_WRITES || create_overwrites(cr)))
		return STATUS_ACCESS_DENIED;
	if (create_overwrites(cr) && !cr->name.stream && loses_attributes(cr))
		return STATUS_ACCESS_DENIED;
	return STATUS_SUCCESS;
}
