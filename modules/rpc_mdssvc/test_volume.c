// SPDX-License-Identifier: Apache-2.0
/*
 * test_volume.c: which files a client was told of, as long as there is room.
 */
#include "mdssvc.h"

#include <criterion/criterion.h>
#include <stdio.h>

static struct spot_conf conf = { .queries = 8, .volumes = 8, .remember = 4096 };
static struct smb3_mod mod;
static struct spot spot;
static struct smb3_identity who;
static struct spot_volume *v;

static void begin(void)
{
	const struct smb3_rpc_asking asking = { .session = 7, .who = &who };

	atomic_store(&mod.conf, &conf);
	spot.mod = &mod;
	smb3_list_init(&spot.volumes);
	who.magic = SMB3_IDENTITY_MAGIC;
	who.name = "alice";
	who.domain = "";
	atomic_store(&who.refs, 10);
	v = volume_get(&spot, &asking, 1, "share");
	cr_assert_not_null(v);
}

static void end(void)
{
	volumes_free(&spot);
}

TestSuite(volume, .init = begin, .fini = end, .timeout = 60);

Test(volume, names_that_were_told)
{
	cr_expect_null(volume_told(v, 1));
	volume_tell(&spot, v, 1, "a");
	volume_tell(&spot, v, 2, "b/c");
	volume_tell(&spot, v, 1, "a");
	cr_expect_str_eq(volume_told(v, 1), "a");
	cr_expect_str_eq(volume_told(v, 2), "b/c");
	cr_expect_eq(v->told.count, 2u);
	volume_tell(&spot, v, 1, "renamed");
	cr_expect_str_eq(volume_told(v, 1), "renamed");
	cr_expect_eq(v->told.count, 2u);
}

/* The oldest go; what was told again under another name is new. */
Test(volume, room_is_limited)
{
	char name[32];
	size_t last = 0;

	volume_tell(&spot, v, 0, "first");
	for (size_t i = 1; volume_told(v, 1) || i == 1; i++) {
		snprintf(name, sizeof(name), "file %zu", i);
		volume_tell(&spot, v, i, name);
		if (i == 2)
			volume_tell(&spot, v, 0, "first, renamed");
		cr_expect_leq(v->told_bytes, (size_t)conf.remember);
		last = i;
	}
	cr_expect_gt(last, 20u);
	cr_expect_null(volume_told(v, 1));
	cr_expect_str_eq(volume_told(v, 0), "first, renamed");
	cr_expect_str_eq(volume_told(v, last), name);
}

/* One that alone takes more is told all the same. */
Test(volume, one_is_always_known)
{
	static char long_name[8000];

	memset(long_name, 'x', sizeof(long_name) - 1);
	volume_tell(&spot, v, 5, "short");
	volume_tell(&spot, v, 6, long_name);
	cr_expect_str_eq(volume_told(v, 6), long_name);
	cr_expect_null(volume_told(v, 5));
}
