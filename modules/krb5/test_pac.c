// SPDX-License-Identifier: Apache-2.0
/*
 * test_pac.c: the logon information of a PAC: what is taken of it, and what is refused.
 */
#include "kerberos.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIZE 32768

struct group {
	uint32_t rid, attributes;
};

struct extra {
	uint8_t n;
	uint32_t sub[15], attributes;
};

/* Logon information in the making. */
struct plan {
	const char *name;
	uint32_t user, group, flags;
	const struct group *groups;
	struct group resources[4];
	size_t n_groups, n_resources, n_extra;
	struct extra extra[4];
	uint32_t says_groups; /* counts that do not hold; 0: they do */
	uint8_t domain_subs;  /* 0: four */
};

static const uint32_t domain[] = { 21, 1000, 2000, 3000 }, local[] = { 21, 7, 8, 9 };

static void put_sid(struct smb3_builder *b, const uint32_t *sub, uint8_t n)
{
	smb3_put_u32(b, n);
	smb3_put_u8(b, 1);
	smb3_put_u8(b, n);
	smb3_put_bytes(b, "\0\0\0\0\0\5", 6);
	for (uint8_t i = 0; i < n; i++)
		smb3_put_u32(b, sub[i]);
}

static void put_text(struct smb3_builder *b, const char *text)
{
	smb3_put_u32(b, (uint32_t)strlen(text));
	smb3_put_u32(b, 0);
	smb3_put_u32(b, (uint32_t)strlen(text));
	for (; *text; text++)
		smb3_put_u16(b, (uint8_t)*text);
	while (b->len % 4)
		smb3_put_u8(b, 0);
}

static void put_head_of_text(struct smb3_builder *b, const char *text)
{
	smb3_put_u16(b, (uint16_t)(2 * strlen(text)));
	smb3_put_u16(b, (uint16_t)(2 * strlen(text)));
	smb3_put_u32(b, 0x20004);
}

static void put_groups(struct smb3_builder *b, const struct group *groups, size_t n)
{
	smb3_put_u32(b, (uint32_t)n);
	for (size_t i = 0; i < n; i++) {
		smb3_put_u32(b, groups[i].rid);
		smb3_put_u32(b, groups[i].attributes);
	}
}

static void put_fixed(struct smb3_builder *b, const struct plan *p)
{
	smb3_put_zero(b, 48);
	for (int i = 0; i < 6; i++)
		put_head_of_text(b, i ? "odd" : p->name);
	smb3_put_u32(b, 0);
	smb3_put_u32(b, p->user);
	smb3_put_u32(b, p->group);
	smb3_put_u32(b, p->says_groups ? p->says_groups : (uint32_t)p->n_groups);
	smb3_put_u32(b, 0x20008);
	smb3_put_u32(b, p->flags);
	smb3_put_zero(b, 16);
	put_head_of_text(b, "DC");
	put_head_of_text(b, "TEST");
	smb3_put_u32(b, 0x2000c);
	smb3_put_zero(b, 8 + 4 + 4 + 8 + 8 + 4 + 4);
	smb3_put_u32(b, (uint32_t)p->n_extra);
	smb3_put_u32(b, p->n_extra ? 0x20010 : 0);
	smb3_put_u32(b, p->n_resources ? 0x20014 : 0);
	smb3_put_u32(b, (uint32_t)p->n_resources);
	smb3_put_u32(b, p->n_resources ? 0x20018 : 0);
}

static void put_extra(struct smb3_builder *b, const struct plan *p)
{
	smb3_put_u32(b, (uint32_t)p->n_extra);
	for (size_t i = 0; i < p->n_extra; i++) {
		smb3_put_u32(b, 0x20020);
		smb3_put_u32(b, p->extra[i].attributes);
	}
	for (size_t i = 0; i < p->n_extra; i++)
		put_sid(b, p->extra[i].sub, p->extra[i].n);
}

static size_t make(const struct plan *p, uint8_t data[SIZE])
{
	struct smb3_builder b = smb3_builder_init(data + 16, SIZE - 16);

	smb3_put_u32(&b, 0x20000);
	put_fixed(&b, p);
	for (int i = 0; i < 6; i++)
		put_text(&b, i ? "odd" : p->name);
	put_groups(&b, p->groups, p->n_groups);
	put_text(&b, "DC");
	put_text(&b, "TEST");
	put_sid(&b, domain, p->domain_subs ? p->domain_subs : 4);
	if (p->n_extra)
		put_extra(&b, p);
	if (p->n_resources) {
		put_sid(&b, local, 4);
		put_groups(&b, p->resources, p->n_resources);
	}
	cr_assert(smb3_builder_ok(&b));
	memcpy(data, "\x01\x10\x08\x00\xcc\xcc\xcc\xcc", 8);
	smb3_store_u32(data + 8, (uint32_t)b.len);
	smb3_store_u32(data + 12, 0);
	return b.len + 16;
}

/* "21-1000-2000-3000-500 ...": sub-authorities of each. */
static void expect(const struct plan *p, const char *wanted)
{
	uint8_t data[SIZE], *sids;
	size_t len = make(p, data), n;
	char text[1024] = "";
	struct smb3_cursor c;

	cr_assert_eq(pac_sids(data, len, &sids, &n), 0);
	c = smb3_cursor_init(sids, n);
	while (smb3_cursor_left(&c)) {
		uint8_t subs;

		cr_assert_eq(smb3_get_u8(&c), 1);
		subs = smb3_get_u8(&c);
		cr_assert_eq(memcmp(smb3_get_bytes(&c, 6), "\0\0\0\0\0\5", 6), 0);
		for (uint8_t i = 0; i < subs; i++)
			snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%u",
				 i     ? "-" :
				 *text ? " " :
					 "",
				 smb3_get_u32(&c));
	}
	cr_assert(smb3_cursor_ok(&c));
	cr_expect_str_eq(text, wanted);
	free(sids);
}

#define D "21-1000-2000-3000-"
#define L "21-7-8-9-"

Test(pac, user_and_groups)
{
	expect(&(struct plan){ .name = "alice",
			       .user = 1105,
			       .group = 513,
			       .groups = (const struct group[]){ { 513, 7 },
								 { 1200, 7 },
								 { 1201, 3 } },
			       .n_groups = 3 },
	       D "1105 " D "513 " D "513 " D "1200");
	expect(&(struct plan){ .name = "", .user = 500, .group = 513 }, D "500 " D "513");
}

/* They count only when the flags say that they are there. */
Test(pac, further_sids_and_resource_groups)
{
	struct plan p = { .name = "odd",
			  .user = 1105,
			  .group = 513,
			  .flags = 0x220,
			  .extra = { { 5, { 21, 4, 5, 6, 512 }, 7 },
				     { 2, { 32, 544 }, 7 }, /* administrators of this machine? no */
				     { 1, { 18 }, 7 },      /* nor the system */
				     { 5, { 21, 4, 5, 6, 513 }, 3 } }, /* not enabled */
			  .n_extra = 4,
			  .resources = { { 1300, 0x20000007 } },
			  .n_resources = 1 };

	expect(&p, D "1105 " D "513 21-4-5-6-512 " L "1300");
	p.flags = 0;
	expect(&p, D "1105 " D "513");
}

/* The user of another domain is the first of the further SIDs. */
Test(pac, user_without_rid)
{
	expect(&(struct plan){ .name = "guest",
			       .flags = 0x20,
			       .extra = { { 5, { 21, 4, 5, 6, 1000 }, 7 } },
			       .n_extra = 1 },
	       "21-4-5-6-1000");
}

/* What is no domain gives no SIDs. */
Test(pac, domain_of_another_form)
{
	expect(&(struct plan){ .name = "x", .user = 1, .group = 2, .domain_subs = 2 }, "");
}

static int parse(const uint8_t *data, size_t len)
{
	/* On the heap, so that a sanitizer sees each byte too far. */
	uint8_t *copy = memcpy(smb3_alloc(len + 1), data, len), *sids = NULL;
	size_t n = 0;
	int err;

	copy = smb3_realloc(copy, len ? len : 1);
	err = pac_sids(copy, len, &sids, &n);
	cr_expect_eq(err == 0, sids != NULL);
	free(sids);
	free(copy);
	return err;
}

static const struct group users = { 513, 7 }, denied = { 513, 0x17 };

static const struct plan full = { .name = "alice",
				  .user = 1105,
				  .group = 513,
				  .flags = 0x220,
				  .groups = &users,
				  .n_groups = 1,
				  .extra = { { 5, { 21, 4, 5, 6, 512 }, 7 } },
				  .n_extra = 1,
				  .resources = { { 1300, 7 } },
				  .n_resources = 1 };

Test(pac, every_truncation_is_refused)
{
	uint8_t data[SIZE];
	size_t len = make(&full, data);

	for (size_t n = 0; n < len; n++) {
		uint8_t cut[SIZE];

		cr_expect_eq(parse(data, n), -EBADMSG, "%zu bytes", n);
		if (n < 20)
			continue;
		memcpy(cut, data, n);
		smb3_store_u32(cut + 8, (uint32_t)(n - 16));
		cr_expect_eq(parse(cut, n), -EBADMSG, "%zu bytes, and the head says so", n);
	}
	cr_expect_eq(parse(data, len), 0);
}

Test(pac, every_wild_number_is_survived)
{
	static const uint32_t wild[] = { 0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0x10000 };
	uint8_t data[SIZE];
	size_t len = make(&full, data);

	for (size_t at = 0; at + 4 <= len; at += 4) {
		for (size_t i = 0; i < SMB3_ARRAY_SIZE(wild); i++) {
			uint8_t copy[SIZE];
			int err;

			memcpy(copy, data, len);
			smb3_store_u32(copy + at, wild[i]);
			err = parse(copy, len);
			cr_expect(err == 0 || err == -EBADMSG || err == -E2BIG);
		}
	}
}

Test(pac, wrong_fields_are_refused)
{
	struct plan p = full;
	uint8_t data[SIZE];
	static const struct {
		size_t at;
		uint8_t value;
	} heads[] = { { 0, 2 }, { 1, 0 }, { 2, 9 }, { 18, 0 } };

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(heads); i++) {
		size_t len = make(&full, data);

		data[heads[i].at] = heads[i].value;
		cr_expect_eq(parse(data, len), -EBADMSG, "byte %zu", heads[i].at);
	}
	p.says_groups = 2;
	cr_expect_eq(parse(data, make(&p, data)), -EBADMSG, "another count");
	p.says_groups = PAC_SIDS_MAX + 1;
	cr_expect_eq(parse(data, make(&p, data)), -EBADMSG);
	p = full;
	p.groups = &denied;
	cr_expect_eq(parse(data, make(&p, data)), -EBADMSG, "a group that only denies");
	p = full;
	p.extra[0].attributes = 0x17;
	cr_expect_eq(parse(data, make(&p, data)), -EBADMSG, "a SID that only denies");
}

Test(pac, more_groups_than_anybody_has_are_refused)
{
	struct group *groups = smb3_alloc((PAC_SIDS_MAX + 1) * sizeof(*groups));
	struct plan p = { .name = "", .user = 1, .group = 513, .groups = groups };
	uint8_t data[SIZE];

	for (size_t i = 0; i <= PAC_SIDS_MAX; i++)
		groups[i] = users;
	p.n_groups = PAC_SIDS_MAX - 2;
	cr_expect_eq(parse(data, make(&p, data)), 0);
	p.n_groups = PAC_SIDS_MAX;
	cr_expect_eq(parse(data, make(&p, data)), -E2BIG);
	p.n_groups = PAC_SIDS_MAX + 1;
	cr_expect_eq(parse(data, make(&p, data)), -E2BIG);
	free(groups);
}
