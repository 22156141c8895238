// SPDX-License-Identifier: Apache-2.0
/*
 * check.c: who may what by a security descriptor. [MS-DTYP] 2.5.3.2
 */
#include "check.h"

#include <smb3/smb2.h>
#include <stdio.h>

static bool in_group(const struct smb3_identity *id, gid_t gid)
{
	for (size_t i = 0; i < id->n_groups; i++)
		if (id->groups[i] == gid)
			return true;
	return id->gid == gid;
}

/* What somebody is by the way of the log-on. */
static bool is_well_known(const struct smb3_identity *id, const struct acl_sid *sid)
{
	bool known = !id->guest && !id->anonymous;

	if (acl_sid_equal(sid, &acl_everyone) || acl_sid_equal(sid, &acl_network))
		return true;
	if (acl_sid_equal(sid, &acl_authenticated) || acl_sid_equal(sid, &acl_users))
		return known;
	if (acl_sid_equal(sid, &acl_administrators))
		return id->admin && known;
	if (acl_sid_equal(sid, &acl_anonymous))
		return id->anonymous;
	return acl_sid_equal(sid, &acl_guests) && id->guest;
}

/* By a domain's controller. */
static bool is_vouched_for(const struct smb3_identity *id, const struct acl_sid *sid)
{
	struct smb3_cursor c = smb3_cursor_init(id->sids, id->sids_len);
	struct acl_sid one;

	while (smb3_cursor_left(&c) && acl_sid_parse(&c, &one))
		if (acl_sid_equal(&one, sid))
			return true;
	return false;
}

bool acl_who_has(const struct acl_who *who, const struct acl_sid *sid)
{
	uid_t uid;
	gid_t gid;

	if (acl_sid_uid(sid, who->machine, &uid))
		return uid == who->id->uid;
	if (acl_sid_gid(sid, who->machine, &gid))
		return in_group(who->id, gid);
	if ((who->owner && acl_sid_equal(sid, who->owner)) ||
	    (who->group && acl_sid_equal(sid, who->group)))
		return true;
	return is_well_known(who->id, sid) || is_vouched_for(who->id, sid);
}

static bool is_owner(const struct acl_sd *sd, const struct acl_who *who)
{
	return sd->has_owner && acl_who_has(who, &sd->owner);
}

static bool ace_is_for(const struct acl_ace *ace, const struct acl_who *who, bool owner)
{
	if (ace->flags & ACE_INHERIT_ONLY)
		return false;
	if (acl_sid_equal(&ace->sid, &acl_owner_rights))
		return owner;
	return acl_who_has(who, &ace->sid);
}

/* Entries with a condition, or about a part of an object, grant nothing and deny all that they
 * name: none of their conditions is understood. */
static bool ace_denies(const struct acl_ace *ace)
{
	return ace->type == ACE_DENIED || ace->type == ACE_DENIED_OBJECT ||
	       ace->type == ACE_DENIED_CALLBACK || ace->type == 0x0C;
}

/* An entry for S-1-3-4 replaces what owners have of themselves. */
static uint32_t owner_rights(const struct acl_sd *sd)
{
	for (uint16_t i = 0; i < sd->dacl->n; i++)
		if (!(sd->dacl->aces[i].flags & ACE_INHERIT_ONLY) &&
		    acl_sid_equal(&sd->dacl->aces[i].sid, &acl_owner_rights))
			return 0;
	return READ_CONTROL | WRITE_DAC;
}

static uint32_t granted_by_list(const struct acl_sd *sd, const struct acl_who *who)
{
	bool owner = is_owner(sd, who);
	uint32_t granted = owner ? owner_rights(sd) : 0, denied = 0;

	for (uint16_t i = 0; i < sd->dacl->n; i++) {
		const struct acl_ace *ace = &sd->dacl->aces[i];

		if (!ace_is_for(ace, who, owner))
			continue;
		if (ace->type == ACE_ALLOWED)
			granted |= acl_map_generic(ace->mask) & ~denied;
		else if (ace_denies(ace))
			denied |= acl_map_generic(ace->mask) & ~granted;
	}
	return granted & FILE_ALL_ACCESS;
}

uint32_t acl_granted(const struct acl_sd *sd, const struct acl_who *who)
{
	uint32_t granted = sd->dacl ? granted_by_list(sd, who) : FILE_ALL_ACCESS;

	/* An administrator of a share acts as root there, which nothing stops. */
	if (who->id->admin && who->id->uid == 0)
		granted = FILE_ALL_ACCESS;
	/* The privileges to take ownership, and to see and set what is audited. */
	if (who->id->admin)
		granted |= WRITE_OWNER | ACCESS_SYSTEM_SECURITY;
	return granted;
}

const struct acl_ace *acl_denier(const struct acl_sd *sd, const struct acl_who *who,
				 uint32_t missing)
{
	bool owner = is_owner(sd, who);

	for (uint16_t i = 0; sd->dacl && i < sd->dacl->n; i++) {
		const struct acl_ace *ace = &sd->dacl->aces[i];

		if (ace_denies(ace) && acl_map_generic(ace->mask) & missing &&
		    ace_is_for(ace, who, owner))
			return ace;
	}
	return NULL;
}

void acl_denial(const struct acl_sd *sd, const struct acl_who *who, uint32_t missing, char *buf,
		size_t size)
{
	const struct acl_ace *ace = acl_denier(sd, who, missing);
	struct acl_sid self = acl_sid_of_uid(who->id->uid);
	char text[ACL_SID_TEXT];

	if (ace)
		snprintf(buf, size, "deny %s %#x", acl_sid_text(&ace->sid, text), ace->mask);
	else
		snprintf(buf, size, "no entry grants %#x to %s", missing,
			 acl_sid_text(&self, text));
}

/* ---- permission bits ---- */

static uint32_t granted_to(const struct acl_list *list, const struct acl_sid *const *sids, size_t n)
{
	uint32_t granted = 0, denied = 0;

	for (uint16_t i = 0; i < list->n; i++) {
		const struct acl_ace *ace = &list->aces[i];
		bool meant = false;

		for (size_t s = 0; s < n && !(ace->flags & ACE_INHERIT_ONLY); s++)
			meant |= acl_sid_equal(&ace->sid, sids[s]);
		if (meant && ace->type == ACE_ALLOWED)
			granted |= acl_map_generic(ace->mask) & ~denied;
		else if (meant && ace_denies(ace))
			denied |= acl_map_generic(ace->mask) & ~granted;
	}
	return granted;
}

uint32_t acl_permission(const struct acl_sd *sd, const struct acl_sid *const *sids, size_t n,
			bool directory)
{
	uint32_t granted = sd->dacl ? granted_to(sd->dacl, sids, n) : FILE_ALL_ACCESS;
	uint32_t write = directory ? FILE_ADD_FILE | FILE_ADD_SUBDIRECTORY | FILE_DELETE_CHILD :
				     FILE_WRITE_DATA | FILE_APPEND_DATA;
	uint32_t bits = 0;

	if (granted & FILE_READ_DATA)
		bits |= 4;
	/* For a folder the one bit is the right to do all three. */
	if ((granted & write) == write)
		bits |= 2;
	if (granted & FILE_EXECUTE)
		bits |= 1;
	return bits;
}
