// SPDX-License-Identifier: Apache-2.0
/*
 * test_check.c: who may what, bit by bit, and what is handed down to new objects.
 */
#include "check.h"
#include "inherit.h"

#include <criterion/criterion.h>
#include <smb3/smb2.h>

#define ALL  FILE_ALL_ACCESS
#define MINE (READ_CONTROL | WRITE_DAC)

static gid_t groups[] = { 20, 30 };
static const struct smb3_identity alice = { .uid = 1, .gid = 20, .groups = groups, .n_groups = 2 };
static const struct smb3_identity bob = { .uid = 2, .gid = 40 };
static const struct smb3_identity admin = { .uid = 3, .gid = 40, .admin = true };
static const struct smb3_identity root = { .admin = true };
static const struct smb3_identity plain_root = { .uid = 0 };
static const struct smb3_identity guest = { .uid = 4, .gid = 40, .guest = true };
static const struct smb3_identity nobody = { .uid = 5, .gid = 40, .anonymous = true };

/* A controller says that he is 500 in its domain, and (which counts for nothing) user 1 here. */
static uint8_t sids[] = { 1, 5, 0,   0, 0, 0, 0, 5, 21, 0, 0, 0, 9, 0,  0, 0, 9, 0, 0, 0, 9, 0,
			  0, 0, 244, 1, 0, 0, 1, 2, 0,  0, 0, 0, 0, 22, 1, 0, 0, 0, 1, 0, 0, 0 };
static const struct smb3_identity carol = {
	.uid = 6, .gid = 40, .sids = sids, .sids_len = sizeof(sids)
};

static const struct acl_sid machine = { 4, 5, { 21, 1, 2, 3 } };
static const struct acl_sid u1 = { 2, 22, { 1, 1 } }, u2 = { 2, 22, { 1, 2 } };
static const struct acl_sid u3 = { 2, 22, { 1, 3 } }, u4 = { 2, 22, { 1, 4 } };
static const struct acl_sid g20 = { 2, 22, { 2, 20 } }, g30 = { 2, 22, { 2, 30 } };
static const struct acl_sid rid_u2 = { 5, 5, { 21, 1, 2, 3, 1004 } };
static const struct acl_sid foreign = { 5, 5, { 21, 9, 9, 9, 500 } };

struct rule {
	uint8_t type, flags;
	uint32_t mask;
	const struct acl_sid *sid;
};

#define RULES 3 /* of a case; those without a SID are not there */

/* alice's, of group 30. */
static struct acl_sd make(struct smb3_arena *a, const struct rule *rules)
{
	struct acl_sd sd = { .control = SE_DACL_PRESENT,
			     .has_owner = true,
			     .has_group = true,
			     .owner = u1,
			     .group = g30,
			     .dacl = acl_list_new(a, RULES) };

	for (int i = 0; i < RULES && rules[i].sid; i++)
		acl_list_add(sd.dacl, rules[i].type, rules[i].flags, rules[i].mask, rules[i].sid);
	return sd;
}

static uint32_t granted(const struct smb3_identity *id, const struct rule *rules)
{
	struct smb3_arena *a = smb3_arena_new();
	struct acl_who who = { .id = id, .machine = &machine };
	struct acl_sd sd = make(a, rules);
	uint32_t access = acl_granted(&sd, &who);

	smb3_arena_free(a);
	return access;
}

/* ---- access ---- */

Test(acl, each_bit_is_granted_and_denied_by_itself)
{
	for (uint32_t bit = 1; bit; bit <<= 1) {
		const struct rule alone[RULES] = { { ACE_ALLOWED, 0, bit, &u2 } };
		const struct rule denied[RULES] = { { ACE_DENIED, 0, bit, &u2 },
						    { ACE_ALLOWED, 0, ALL, &acl_everyone } };
		const struct rule late[RULES] = { { ACE_ALLOWED, 0, bit, &acl_everyone },
						  { ACE_DENIED, 0, ALL, &u2 } };
		uint32_t real = acl_map_generic(bit) & ALL;

		cr_expect_eq(granted(&bob, alone), real, "%#x", bit);
		cr_expect_eq(granted(&bob, denied), ALL & ~real, "%#x", bit);
		cr_expect_eq(granted(&bob, late), real, "%#x: what came first stays", bit);
	}
}

Test(acl, who_is_meant)
{
	static const struct {
		const char *what;
		const struct smb3_identity *id;
		struct rule rules[RULES];
		uint32_t granted;
	} cases[] = {
		{ "the owner without an entry", &alice, { { ACE_ALLOWED, 0, 1, &u2 } }, MINE },
		{ "primary group", &alice, { { ACE_ALLOWED, 0, 1, &g20 } }, 1 | MINE },
		{ "second group", &alice, { { ACE_ALLOWED, 0, 1, &g30 } }, 1 | MINE },
		{ "somebody else's group", &bob, { { ACE_ALLOWED, 0, 1, &g30 } }, 0 },
		{ "somebody else", &bob, { { ACE_ALLOWED, 0, 1, &u1 } }, 0 },
		{ "by the machine's number", &bob, { { ACE_ALLOWED, 0, 1, &rid_u2 } }, 1 },
		{ "vouched for by a domain", &carol, { { ACE_ALLOWED, 0, 1, &foreign } }, 1 },
		{ "denied by a domain's SID",
		  &carol,
		  { { ACE_DENIED, 0, 1, &foreign }, { ACE_ALLOWED, 0, 3, &acl_everyone } },
		  2 },
		{ "but not as a user of the machine", &carol, { { ACE_ALLOWED, 0, 1, &u1 } }, 0 },
		{ "of another domain", &bob, { { ACE_ALLOWED, 0, 1, &foreign } }, 0 },
		{ "for new objects only", &bob, { { ACE_ALLOWED, ACE_INHERIT_ONLY, 1, &u2 } }, 0 },
		{ "denied for new objects only",
		  &bob,
		  { { ACE_DENIED, ACE_INHERIT_ONLY, 1, &u2 }, { ACE_ALLOWED, 0, 1, &u2 } },
		  1 },
		{ "a condition that nobody knows grants nothing", &bob, { { 0x09, 0, 1, &u2 } }, 0 },
		{ "but it denies",
		  &bob,
		  { { ACE_DENIED_CALLBACK, 0, 1, &u2 }, { ACE_ALLOWED, 0, 3, &u2 } },
		  2 },
		{ "part of an object", &bob, { { ACE_ALLOWED_OBJECT, 0, 1, &u2 } }, 0 },
		{ "CREATOR OWNER is nobody",
		  &alice,
		  { { ACE_ALLOWED, 0, 1, &acl_creator_owner } },
		  MINE },
		{ "owner rights add", &alice, { { ACE_ALLOWED, 0, 1, &acl_owner_rights } }, 1 },
		{ "not for others", &bob, { { ACE_ALLOWED, 0, 1, &acl_owner_rights } }, 0 },
		{ "owner rights deny",
		  &alice,
		  { { ACE_DENIED, 0, 1, &acl_owner_rights }, { ACE_ALLOWED, 0, 3, &u1 } },
		  2 },
		{ "owner rights for new objects only",
		  &alice,
		  { { ACE_ALLOWED, ACE_INHERIT_ONLY, 1, &acl_owner_rights } },
		  MINE },
		{ "a deny takes nothing of what owners have",
		  &alice,
		  { { ACE_DENIED, 0, ALL, &u1 } },
		  MINE },
		{ "a user", &bob, { { ACE_ALLOWED, 0, 1, &acl_authenticated } }, 1 },
		{ "one of Users", &bob, { { ACE_ALLOWED, 0, 1, &acl_users } }, 1 },
		{ "no administrator", &bob, { { ACE_ALLOWED, 0, 1, &acl_administrators } }, 0 },
		{ "an administrator",
		  &admin,
		  { { ACE_ALLOWED, 0, 1, &acl_administrators } },
		  1 | WRITE_OWNER | ACCESS_SYSTEM_SECURITY },
		{ "privileges come without an entry",
		  &admin,
		  { { ACE_DENIED, 0, ALL, &u3 } },
		  WRITE_OWNER | ACCESS_SYSTEM_SECURITY },
		{ "an administrator of a share",
		  &root,
		  { { ACE_DENIED, 0, ALL, &acl_everyone } },
		  ALL | ACCESS_SYSTEM_SECURITY },
		{ "root's account", &plain_root, { { ACE_DENIED, 0, ALL, &acl_everyone } }, 0 },
		{ "a guest is everyone", &guest, { { ACE_ALLOWED, 0, 1, &acl_everyone } }, 1 },
		{ "a guest is no user", &guest, { { ACE_ALLOWED, 0, 1, &acl_authenticated } }, 0 },
		{ "nor one of Users", &guest, { { ACE_ALLOWED, 0, 1, &acl_users } }, 0 },
		{ "but a guest", &guest, { { ACE_ALLOWED, 0, 1, &acl_guests } }, 1 },
		{ "by the guest account", &guest, { { ACE_ALLOWED, 0, 1, &u4 } }, 1 },
		{ "bob is no guest", &bob, { { ACE_ALLOWED, 0, 1, &acl_guests } }, 0 },
		{ "anonymous", &nobody, { { ACE_ALLOWED, 0, 1, &acl_anonymous } }, 1 },
		{ "bob is not", &bob, { { ACE_ALLOWED, 0, 1, &acl_anonymous } }, 0 },
	};

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++)
		cr_expect_eq(granted(cases[i].id, cases[i].rules), cases[i].granted, "%s: %#x",
			     cases[i].what, granted(cases[i].id, cases[i].rules));
}

Test(acl, no_list_and_an_empty_one)
{
	struct smb3_arena *a = smb3_arena_new();
	struct acl_who who = { .id = &bob, .machine = &machine };
	struct acl_sd sd = { .control = SE_DACL_PRESENT, .has_owner = true, .owner = u1 };

	cr_expect_eq(acl_granted(&sd, &who), ALL);
	sd.dacl = acl_list_new(a, 0);
	cr_expect_eq(acl_granted(&sd, &who), 0u);
	smb3_arena_free(a);
}

/* An owner whom only another server knows is the file's Unix owner. */
Test(acl, foreign_owners)
{
	const struct rule rules[RULES] = { { ACE_ALLOWED, 0, 1, &foreign } };
	struct smb3_arena *a = smb3_arena_new();
	struct acl_sd sd = make(a, rules);
	struct acl_who who = { .id = &bob, .machine = &machine };

	sd.owner = foreign;
	cr_expect_eq(acl_granted(&sd, &who), 0u);
	who.owner = &sd.owner;
	cr_expect_eq(acl_granted(&sd, &who), 1 | MINE);
	smb3_arena_free(a);
}

Test(acl, a_denial_names_its_entry)
{
	const struct rule rules[RULES] = { { ACE_DENIED, 0, 2, &acl_everyone },
					   { ACE_ALLOWED, 0, 1, &u2 } };
	struct smb3_arena *a = smb3_arena_new();
	struct acl_sd sd = make(a, rules);
	struct acl_who who = { .id = &bob, .machine = &machine };
	char text[128];

	acl_denial(&sd, &who, 2, text, sizeof(text));
	cr_expect_str_eq(text, "deny S-1-1-0 0x2");
	acl_denial(&sd, &who, 4, text, sizeof(text));
	cr_expect_str_eq(text, "no entry grants 0x4 to S-1-22-1-2");
	smb3_arena_free(a);
}

Test(acl, permission_bits)
{
	const struct acl_sid *const everyone[] = { &acl_everyone };
	static const struct {
		uint32_t mask;
		uint32_t file, folder;
	} cases[] = {
		{ 0, 0, 0 },
		{ FILE_READ_DATA, 4, 4 },
		{ FILE_WRITE_DATA, 0, 0 },
		{ FILE_WRITE_DATA | FILE_APPEND_DATA, 2, 0 },
		{ FILE_WRITE_DATA | FILE_APPEND_DATA | FILE_DELETE_CHILD, 2, 2 },
		{ FILE_EXECUTE, 1, 1 },
		{ GENERIC_ALL, 7, 7 },
	};
	struct smb3_arena *a = smb3_arena_new();

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		const struct rule rules[RULES] = { { ACE_ALLOWED, 0, cases[i].mask,
						     &acl_everyone } };
		struct acl_sd sd = make(a, rules);

		cr_expect_eq(acl_permission(&sd, everyone, 1, false), cases[i].file, "%zu", i);
		cr_expect_eq(acl_permission(&sd, everyone, 1, true), cases[i].folder, "%zu", i);
	}
	smb3_arena_free(a);
}

/* ---- inheritance ---- */

#define OI ACE_OBJECT_INHERIT
#define CI ACE_CONTAINER_INHERIT
#define NP ACE_NO_PROPAGATE
#define IO ACE_INHERIT_ONLY

/* Flags of the entries that a file and a folder get of one for CREATOR OWNER (ff: none). */
#define NONE 0xff

Test(acl, every_combination_of_flags)
{
	static const struct {
		uint8_t parent, file, folder[2];
	} cases[] = {
		{ 0, NONE, { NONE, NONE } },         { OI, 0, { OI | IO, NONE } },
		{ CI, NONE, { 0, CI | IO } },        { OI | CI, 0, { 0, OI | CI | IO } },
		{ NP, NONE, { NONE, NONE } },        { NP | OI, 0, { NONE, NONE } },
		{ NP | CI, NONE, { 0, NONE } },      { NP | OI | CI, 0, { 0, NONE } },
		{ IO, NONE, { NONE, NONE } },        { IO | OI, 0, { OI | IO, NONE } },
		{ IO | CI, NONE, { 0, CI | IO } },   { IO | OI | CI, 0, { 0, OI | CI | IO } },
		{ IO | NP, NONE, { NONE, NONE } },   { IO | NP | OI, 0, { NONE, NONE } },
		{ IO | NP | CI, NONE, { 0, NONE } }, { IO | NP | OI | CI, 0, { 0, NONE } },
	};
	struct smb3_arena *a = smb3_arena_new();

	for (size_t i = 0; i < 2 * SMB3_ARRAY_SIZE(cases); i++) {
		bool directory = i % 2;
		const uint8_t only[2] = { cases[i / 2].file, NONE };
		const uint8_t *want = directory ? cases[i / 2].folder : only;
		uint8_t flags = cases[i / 2].parent;
		const struct rule rules[RULES] = { { ACE_ALLOWED, flags, 2, &acl_creator_owner } };
		struct acl_sd parent = make(a, rules), child;
		struct acl_birth birth = {
			.parent = &parent, .owner = u2, .group = g20, .directory = directory
		};
		int n = (want[0] != NONE) + (want[1] != NONE);

		acl_inherit(a, &birth, &child);
		cr_assert_eq(child.dacl->n, n ? n : 2, "%#x", flags);
		cr_expect(acl_sid_equal(&child.owner, &u2) && acl_sid_equal(&child.group, &g20));
		if (!n) { /* the default: the owner, the system */
			cr_expect(acl_sid_equal(&child.dacl->aces[0].sid, &u2));
			cr_expect(acl_sid_equal(&child.dacl->aces[1].sid, &acl_system));
		}
		for (int k = 0; k < n; k++) {
			const struct acl_ace *ace = &child.dacl->aces[k];
			const struct acl_sid *sid = ace->flags & IO ? &acl_creator_owner : &u2;

			cr_expect_eq(ace->flags, want[k], "%#x: %#x", flags, ace->flags);
			cr_expect_eq(ace->mask, 2u);
			cr_expect(acl_sid_equal(&ace->sid, sid), "%#x", flags);
		}
	}
	smb3_arena_free(a);
}

Test(acl, one_entry_for_somebody_in_particular)
{
	const struct rule rules[RULES] = { { ACE_DENIED, OI | CI, 2, &u1 } };
	struct smb3_arena *a = smb3_arena_new();
	struct acl_sd parent = make(a, rules), child;
	struct acl_birth birth = { .parent = &parent, .owner = u2, .directory = true };

	acl_inherit(a, &birth, &child);
	cr_assert_eq(child.dacl->n, 1);
	cr_expect_eq(child.dacl->aces[0].flags, OI | CI);
	cr_expect_eq(child.dacl->aces[0].type, ACE_DENIED);
	cr_expect(acl_sid_equal(&child.dacl->aces[0].sid, &u1));
	smb3_arena_free(a);
}

Test(acl, what_is_inherited_says_so)
{
	const struct rule rules[RULES] = { { ACE_ALLOWED, OI, 2, &u1 } };
	struct smb3_arena *a = smb3_arena_new();
	struct acl_sd parent = make(a, rules), child;
	struct acl_birth birth = { .parent = &parent, .owner = u2 };

	parent.control |= SE_DACL_AUTO_INHERITED | SE_DACL_PROTECTED;
	acl_inherit(a, &birth, &child);
	cr_expect_eq(child.control, SE_DACL_PRESENT | SE_DACL_AUTO_INHERITED);
	cr_expect_eq(child.dacl->aces[0].flags, ACE_INHERITED);
	smb3_arena_free(a);
}

Test(acl, what_the_client_asks_for)
{
	const struct rule above[RULES] = { { ACE_ALLOWED, OI, 2, &u1 } };
	const struct rule asked[RULES] = { { ACE_ALLOWED, 0, 4, &acl_creator_owner } };
	struct smb3_arena *a = smb3_arena_new();
	struct acl_sd parent = make(a, above), own = make(a, asked), child;
	struct acl_birth birth = { .parent = &parent, .creator = &own, .owner = u2, .group = g20 };

	acl_inherit(a, &birth, &child);
	cr_assert_eq(child.dacl->n, 1, "nothing is added unasked");
	cr_expect(acl_sid_equal(&child.dacl->aces[0].sid, &u2), "the creator is replaced");
	cr_expect(acl_sid_equal(&child.owner, &u1), "the owner that was asked for");
	own.control |= SE_DACL_AUTO_INHERIT_REQ;
	acl_inherit(a, &birth, &child);
	cr_assert_eq(child.dacl->n, 2);
	cr_expect_eq(child.dacl->aces[1].mask, 2u);
	own.control |= SE_DACL_PROTECTED;
	acl_inherit(a, &birth, &child);
	cr_expect_eq(child.dacl->n, 1);
	own.dacl = NULL;
	acl_inherit(a, &birth, &child);
	cr_expect_null(child.dacl);
	cr_expect(child.control & SE_DACL_PRESENT);
	smb3_arena_free(a);
}

Test(acl, auto_inherited_wants_the_request)
{
	const uint16_t both = SE_DACL_AUTO_INHERITED | SE_DACL_AUTO_INHERIT_REQ;

	cr_expect_eq(acl_control_of_dacl(SE_DACL_AUTO_INHERITED, false), 0);
	cr_expect_eq(acl_control_of_dacl(SE_DACL_AUTO_INHERITED, true), SE_DACL_AUTO_INHERITED);
	cr_expect_eq(acl_control_of_dacl(both, false), SE_DACL_AUTO_INHERITED);
	cr_expect_eq(acl_control_of_dacl(both | SE_DACL_PROTECTED, false),
		     SE_DACL_AUTO_INHERITED | SE_DACL_PROTECTED);
	cr_expect_eq(acl_control_of_sacl(SE_SACL_AUTO_INHERITED, false), 0);
	cr_expect_eq(acl_control_of_sacl(SE_SACL_AUTO_INHERITED | SE_SACL_AUTO_INHERIT_REQ, false),
		     SE_SACL_AUTO_INHERITED);
}
