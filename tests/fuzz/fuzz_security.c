// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_security.c: security descriptors of clients (first byte even), and the extended attribute that
 * keeps them, which other programs can write (odd).
 */
#include "fuzz.h"

#include "../../modules/acl/check.h"
#include "../../modules/acl/inherit.h"
#include "../../modules/acl/ntacl.h"

static const struct acl_sid machine = { 4, 5, { 21, 1, 2, 3 } };
static const struct smb3_identity who = { .uid = 1, .gid = 1 };

/* A child's descriptor is larger by what its folder's entries become, and as good. */
static void hand_down(struct smb3_arena *a, const struct acl_sd *sd)
{
	struct acl_birth birth = { .parent = sd, .creator = sd, .directory = true };
	struct acl_who asks = { .id = &who, .machine = &machine };
	struct acl_sd child;

	acl_inherit(a, &birth, &child);
	(void)acl_granted(&child, &asks);
	birth.creator = NULL;
	acl_inherit(a, &birth, &child);
	CHECK(child.control & SE_DACL_PRESENT);
}

/* What was understood is written and understood again. */
static void use(struct smb3_arena *a, struct acl_sd *sd)
{
	struct smb3_builder out = smb3_builder_arena(a, 2 * ACL_SD_MAX);
	struct acl_who asks = { .id = &who, .machine = &machine };
	uint32_t granted = acl_granted(sd, &asks);
	struct acl_sd again;
	char why[64];

	CHECK(!(granted & ~0x001F01FFu));
	acl_denial(sd, &asks, 1, why, sizeof(why));
	acl_sd_put(&out, 0, sd);
	if (!smb3_builder_ok(&out) || out.len > ACL_SD_MAX)
		return;
	CHECK(!acl_sd_parse(a, out.data, out.len, 0, &again));
	CHECK(acl_granted(&again, &asks) == granted);
	acl_sd_map_generic(&again);
	CHECK(acl_granted(&again, &asks) == granted);
	hand_down(a, sd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct smb3_arena *a;
	struct ntacl acl = { 0 };
	struct acl_sd sd;
	bool stored;

	if (!len)
		return 0;
	stored = *data & 1;
	data++;
	len--;
	a = smb3_arena_new();
	if ((!stored || !ntacl_parse(data, len, &acl)) &&
	    !acl_sd_parse(a, data, len, acl.sd_at, &sd))
		use(a, &sd);
	smb3_arena_free(a);
	return 0;
}
