// SPDX-License-Identifier: Apache-2.0
/*
 * test_rule.c: rules from words, and which calls they hit.
 */
#include "fault.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

static char why[300];

static struct fault_rule *rule(const char *words)
{
	struct fault_rule *r = fault_rule_parse(words, why, sizeof(why));

	cr_assert_not_null(r, "%s: %s", words, why);
	return r;
}

Test(rule, what_it_says)
{
	struct fault_rule *r = rule("read,write  delay=20ms-2s error=EIO short=7 path=*.db "
				    "probability=25% every=3 after=2 count=9 seed=5");

	cr_expect_eq(r->ops, 1u << FAULT_READ | 1u << FAULT_WRITE);
	cr_expect_eq(r->delay_min, 20000000u);
	cr_expect_eq(r->delay_max, 2000000000u);
	cr_expect_eq(r->error, -EIO);
	cr_expect(r->shortened && r->most == 7 && !r->cut && !r->hold);
	cr_expect_str_eq(r->path, "*.db");
	cr_expect_eq(r->chance, 250000u);
	cr_expect(r->every == 3 && r->after == 2 && r->count == 9 && r->random == 5);
	fault_rule_free(r);
	r = rule("all disconnect");
	cr_expect(r->cut && r->ops == (1u << FAULT_OPS) - 1 && !fault_rule_waits(r));
	fault_rule_free(r);
	r = rule("flush hold");
	cr_expect(fault_rule_waits(r));
	fault_rule_free(r);
}

Test(rule, errors_by_name)
{
	static const struct {
		const char *words;
		ntstatus status;
	} good[] = {
		{ "open error=EACCES", STATUS_ACCESS_DENIED },
		{ "open error=STATUS_DISK_FULL", STATUS_DISK_FULL },
		{ "open error=STATUS_MEDIA_WRITE_PROTECTED", STATUS_MEDIA_WRITE_PROTECTED },
		{ "open error=STATUS_IO_DEVICE_ERROR", STATUS_IO_DEVICE_ERROR },
	};

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(good); i++) {
		struct fault_rule *r = rule(good[i].words);

		cr_expect_eq(smb3_status_from_errno(r->error), good[i].status, "%s", good[i].words);
		fault_rule_free(r);
	}
}

Test(rule, what_is_none)
{
	static const char *const bad[] = {
		"",
		"read",
		"error=EIO",
		"reed error=EIO",
		"read, error=EIO",
		"read error=",
		"read error=EWHATEVER",
		"read error=EAGAIN",
		"read error=EINTR",
		"read error=STATUS_LOGON_FAILURE",
		"read error",
		"read delay",
		"read delay=20",
		"read delay=0ms",
		"read delay=-1s",
		"read delay=30ms-20ms",
		"read delay=1ms-",
		"read delay=1m",
		"read delay=601s",
		"read delay=99999999999999999999s",
		"read hold=1",
		"read disconnect=no",
		"read short=",
		"read short=-1",
		"read short=1K",
		"read path= error=EIO",
		"read error=EIO probability=0",
		"read error=EIO probability=1.5",
		"read error=EIO probability=nan",
		"read error=EIO probability=101%",
		"read error=EIO every=0",
		"read error=EIO count=0",
		"read error=EIO count=99999999999",
		"read error=EIO often",
	};

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(bad); i++) {
		*why = '\0';
		cr_expect_null(fault_rule_parse(bad[i], why, sizeof(why)), "%s", bad[i]);
		cr_expect(*why, "%s", bad[i]);
	}
}

Test(rule, which_calls)
{
	struct fault_rule *r = rule("read error=EIO path=*.DB");

	cr_expect(fault_rule_fits(r, FAULT_READ, "a/b.db", NULL));
	cr_expect(fault_rule_fits(r, FAULT_READ, "b.db", NULL));
	cr_expect_not(fault_rule_fits(r, FAULT_WRITE, "b.db", NULL));
	cr_expect_not(fault_rule_fits(r, FAULT_READ, "b.db/c", NULL));
	cr_expect(fault_rule_fits(r, FAULT_READ, "a", "x/b.db"));
	fault_rule_free(r);
	r = rule("read error=EIO path=a/*/c");
	cr_expect(fault_rule_fits(r, FAULT_READ, "a/b/c", NULL));
	cr_expect(fault_rule_fits(r, FAULT_READ, "A/b/d/c", NULL));
	cr_expect_not(fault_rule_fits(r, FAULT_READ, "x/a/b/c", NULL));
	fault_rule_free(r);
}

/* One letter for each call: x is hit. */
static const char *pattern(const char *words, int calls)
{
	static char text[64];
	struct fault_rule *r = rule(words);

	for (int i = 0; i < calls; i++)
		text[i] = fault_rule_fits(r, FAULT_READ, "f", NULL) && fault_rule_strikes(r) ? 'x' :
											       '.';
	text[calls] = '\0';
	fault_rule_free(r);
	return text;
}

Test(rule, how_often)
{
	cr_expect_str_eq(pattern("read error=EIO", 4), "xxxx");
	cr_expect_str_eq(pattern("read error=EIO every=3", 7), "..x..x.");
	cr_expect_str_eq(pattern("read error=EIO after=2", 5), "..xxx");
	cr_expect_str_eq(pattern("read error=EIO count=2", 5), "xx...");
	cr_expect_str_eq(pattern("read error=EIO after=1 every=2 count=2", 9), "..x.x....");
}

Test(rule, chance_is_the_same_each_time)
{
	char first[64];
	struct fault_rule *r = rule("read error=EIO probability=0.3 seed=4");
	unsigned int n = 0;

	strcpy(first, pattern("read error=EIO probability=0.5 seed=42", 60));
	cr_expect_str_eq(pattern("read error=EIO probability=0.5 seed=42", 60), first);
	cr_expect(strcmp(pattern("read error=EIO probability=0.5 seed=43", 60), first));
	for (int i = 0; i < 10000; i++)
		n += fault_rule_strikes(r);
	cr_expect(n > 2800 && n < 3200, "%u", n);
	fault_rule_free(r);
}

Test(rule, delays_lie_in_their_range)
{
	struct fault_rule *r = rule("read delay=10ms-12ms");
	bool differ = false;
	uint64_t first = fault_rule_delay(r);

	for (int i = 0; i < 1000; i++) {
		uint64_t ns = fault_rule_delay(r);

		cr_assert(ns >= 10000000 && ns <= 12000000);
		differ |= ns != first;
	}
	cr_expect(differ);
	fault_rule_free(r);
}
