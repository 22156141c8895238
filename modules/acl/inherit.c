// SPDX-License-Identifier: Apache-2.0
/*
 * inherit.c: the descriptor of a new object. [MS-DTYP] 2.5.3.4
 */
#include "inherit.h"

#include <smb3/smb2.h>

#define INHERIT_FLAGS        (ACE_OBJECT_INHERIT | ACE_CONTAINER_INHERIT)
#define FLAGS_OF_INHERITANCE (INHERIT_FLAGS | ACE_NO_PROPAGATE | ACE_INHERIT_ONLY | ACE_INHERITED)

/* CREATOR OWNER and CREATOR GROUP become whoever makes the object. */
static bool substitute(const struct acl_birth *b, struct acl_sid *sid)
{
	bool owner = acl_sid_equal(sid, &acl_creator_owner);
	bool group = acl_sid_equal(sid, &acl_creator_group);

	if (owner)
		*sid = b->owner;
	else if (group)
		*sid = b->group;
	return owner || group;
}

static void add(struct acl_list *list, const struct acl_ace *from, uint8_t flags,
		const struct acl_sid *sid)
{
	struct acl_ace *ace = &list->aces[list->n++];

	*ace = *from;
	ace->flags = (uint8_t)((from->flags & ~FLAGS_OF_INHERITANCE) | flags);
	/* Entries that are kept whole have their SID inside. */
	if (!ace->whole)
		ace->sid = *sid;
}

/* One entry of the folder adds up to two. */
static void inherit_ace(const struct acl_birth *b, const struct acl_ace *from, uint8_t auto_flag,
			struct acl_list *list)
{
	uint8_t on = from->flags & INHERIT_FLAGS;
	struct acl_sid sid = from->sid;
	bool creator = substitute(b, &sid);

	if (from->flags & ACE_NO_PROPAGATE)
		on = 0;
	if (!b->directory) {
		if (from->flags & ACE_OBJECT_INHERIT)
			add(list, from, auto_flag, &sid);
		return;
	}
	if (from->flags & ACE_CONTAINER_INHERIT && (creator || !on)) {
		add(list, from, auto_flag, &sid);
		if (on)
			add(list, from, on | ACE_INHERIT_ONLY | auto_flag, &from->sid);
	} else if (from->flags & ACE_CONTAINER_INHERIT) {
		add(list, from, on | auto_flag, &sid);
	} else if (on) {
		add(list, from, on | ACE_INHERIT_ONLY | auto_flag, &from->sid);
	}
}

/* NULL when nothing is inherited. */
static struct acl_list *inherit_list(struct smb3_arena *a, const struct acl_birth *b,
				     const struct acl_list *from, bool automatic)
{
	struct acl_list *list;

	if (!from)
		return NULL;
	list = acl_list_new(a, from->n);
	list->revision = from->revision;
	list->aces = smb3_arena_alloc(a, 2 * (size_t)from->n * sizeof(list->aces[0]) + 1);
	for (uint16_t i = 0; i < from->n; i++)
		if (list->n < UINT16_MAX - 1)
			inherit_ace(b, &from->aces[i], automatic ? ACE_INHERITED : 0, list);
	return list->n ? list : NULL;
}

/* Where nothing is inherited: the owner and the system everything. */
static struct acl_list *default_list(struct smb3_arena *a, const struct acl_birth *b)
{
	struct acl_list *list = acl_list_new(a, 2);

	acl_list_add(list, ACE_ALLOWED, 0, FILE_ALL_ACCESS, &b->owner);
	acl_list_add(list, ACE_ALLOWED, 0, FILE_ALL_ACCESS, &acl_system);
	return list;
}

/* The client's own list, in which the creators are replaced as well; the inherited entries follow
 * when it asks for them and does not shield itself. */
static struct acl_list *creator_list(struct smb3_arena *a, const struct acl_birth *b,
				     const struct acl_list *inherited)
{
	const struct acl_list *own = b->creator->dacl;
	bool merge = inherited && b->creator->control & SE_DACL_AUTO_INHERIT_REQ &&
		     !(b->creator->control & SE_DACL_PROTECTED);
	struct acl_list *list;
	size_t room;

	if (!own)
		return NULL;
	room = own->n + (merge ? (size_t)inherited->n : 0);
	list = acl_list_new(a, 0);
	list->revision = own->revision;
	list->aces = smb3_arena_alloc(a, room * sizeof(list->aces[0]) + 1);
	for (uint16_t i = 0; i < own->n; i++) {
		struct acl_ace *ace = &list->aces[list->n];

		if (merge && own->aces[i].flags & ACE_INHERITED)
			continue;
		*ace = own->aces[i];
		if (!ace->whole && !(ace->flags & ACE_INHERIT_ONLY))
			substitute(b, &ace->sid);
		list->n++;
	}
	for (uint16_t i = 0; merge && i < inherited->n && list->n < UINT16_MAX; i++)
		list->aces[list->n++] = inherited->aces[i];
	return list;
}

uint16_t acl_control_of_dacl(uint16_t control, bool keep_flags)
{
	uint16_t kept = control & (SE_DACL_PRESENT | SE_DACL_PROTECTED);

	if (control & SE_DACL_AUTO_INHERITED && (keep_flags || control & SE_DACL_AUTO_INHERIT_REQ))
		kept |= SE_DACL_AUTO_INHERITED;
	return kept;
}

uint16_t acl_control_of_sacl(uint16_t control, bool keep_flags)
{
	uint16_t kept = control & (SE_SACL_PRESENT | SE_SACL_PROTECTED);

	if (control & SE_SACL_AUTO_INHERITED && (keep_flags || control & SE_SACL_AUTO_INHERIT_REQ))
		kept |= SE_SACL_AUTO_INHERITED;
	return kept;
}

static void inherit_dacl(struct smb3_arena *a, const struct acl_birth *b, struct acl_sd *sd)
{
	bool automatic = b->parent && b->parent->control & SE_DACL_AUTO_INHERITED;
	struct acl_list *inherited = b->parent ? inherit_list(a, b, b->parent->dacl, automatic) :
						 NULL;

	if (b->creator && b->creator->control & SE_DACL_PRESENT) {
		sd->dacl = creator_list(a, b, inherited);
		sd->control |= acl_control_of_dacl(b->creator->control, b->keep_flags);
		return;
	}
	sd->control |= SE_DACL_PRESENT;
	if (inherited && automatic)
		sd->control |= SE_DACL_AUTO_INHERITED;
	sd->dacl = inherited ? inherited : default_list(a, b);
}

static void inherit_sacl(struct smb3_arena *a, const struct acl_birth *b, struct acl_sd *sd)
{
	bool automatic = b->parent && b->parent->control & SE_SACL_AUTO_INHERITED;

	if (b->creator && b->creator->control & SE_SACL_PRESENT) {
		sd->sacl = b->creator->sacl;
		sd->control |= acl_control_of_sacl(b->creator->control, b->keep_flags);
		return;
	}
	sd->sacl = b->parent ? inherit_list(a, b, b->parent->sacl, automatic) : NULL;
	if (sd->sacl)
		sd->control |= SE_SACL_PRESENT | (automatic ? SE_SACL_AUTO_INHERITED : 0);
}

void acl_inherit(struct smb3_arena *a, const struct acl_birth *b, struct acl_sd *ret_sd)
{
	struct acl_sd sd = { .has_owner = true, .has_group = true };

	sd.owner = b->creator && b->creator->has_owner ? b->creator->owner : b->owner;
	sd.group = b->creator && b->creator->has_group ? b->creator->group : b->group;
	inherit_dacl(a, b, &sd);
	inherit_sacl(a, b, &sd);
	*ret_sd = sd;
}
