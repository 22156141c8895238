// SPDX-License-Identifier: Apache-2.0
/*
 * rule.c: rules from words, and which calls they hit.
 */
#include "fault.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALL_OPS ((1u << FAULT_OPS) - 1)
#define CHANGES                                                                             \
	(1u << FAULT_CREATE | 1u << FAULT_SETATTR | 1u << FAULT_WRITE | 1u << FAULT_FLUSH | \
	 1u << FAULT_TRUNCATE | 1u << FAULT_ALLOC | 1u << FAULT_COPY | 1u << FAULT_DELETE | \
	 1u << FAULT_RENAME | 1u << FAULT_LINK | 1u << FAULT_MAKE | 1u << FAULT_SETXATTR)
#define ERRNO_MAX 200

static const struct {
	const char *name;
	uint32_t ops;
} op_names[] = {
	{ "open", 1u << FAULT_OPEN },
	{ "create", 1u << FAULT_CREATE },
	{ "walk", 1u << FAULT_WALK },
	{ "list", 1u << FAULT_LIST },
	{ "getattr", 1u << FAULT_GETATTR },
	{ "setattr", 1u << FAULT_SETATTR },
	{ "read", 1u << FAULT_READ },
	{ "write", 1u << FAULT_WRITE },
	{ "flush", 1u << FAULT_FLUSH },
	{ "truncate", 1u << FAULT_TRUNCATE },
	{ "alloc", 1u << FAULT_ALLOC },
	{ "ranges", 1u << FAULT_RANGES },
	{ "copy", 1u << FAULT_COPY },
	{ "delete", 1u << FAULT_DELETE },
	{ "rename", 1u << FAULT_RENAME },
	{ "link", 1u << FAULT_LINK },
	{ "make", 1u << FAULT_MAKE },
	{ "readlink", 1u << FAULT_READLINK },
	{ "getxattr", 1u << FAULT_GETXATTR },
	{ "setxattr", 1u << FAULT_SETXATTR },
	{ "streams", 1u << FAULT_STREAMS },
	{ "statfs", 1u << FAULT_STATFS },
	{ "changes", CHANGES },
	{ "all", ALL_OPS },
};

static uint32_t op_bits(const char *name)
{
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(op_names); i++)
		if (!strcmp(op_names[i].name, name))
			return op_names[i].ops;
	return 0;
}

/* ---- values; false: not one ---- */

static bool get_number(const char *text, uint64_t max, uint64_t *ret)
{
	char *end;
	unsigned long long n;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	n = strtoull(text, &end, 10);
	if (errno || *end || n > max)
		return false;
	*ret = n;
	return true;
}

/* "20ms", "3s"; moves on behind it. */
static bool get_time(const char **text, uint64_t *ret_ns)
{
	char *end;
	unsigned long long n;
	uint64_t unit;

	if (**text < '0' || **text > '9')
		return false;
	errno = 0;
	n = strtoull(*text, &end, 10);
	unit = !strncmp(end, "ms", 2) ? 1000000u : *end == 's' ? 1000000000u : 0;
	if (errno || !unit || n > FAULT_DELAY_MAX / unit)
		return false;
	*text = end + (*end == 's' ? 1 : 2);
	*ret_ns = n * unit;
	return true;
}

static bool set_delay(struct fault_rule *r, const char *text)
{
	if (!get_time(&text, &r->delay_min))
		return false;
	r->delay_max = r->delay_min;
	if (*text == '-') {
		text++;
		if (!get_time(&text, &r->delay_max))
			return false;
	}
	return !*text && r->delay_max && r->delay_min <= r->delay_max;
}

/* By the name of an errno, or of a status that one of them becomes. What means "once more" to the
 * server is no failure. */
static bool set_error(struct fault_rule *r, const char *text)
{
	for (int err = 1; err < ERRNO_MAX; err++) {
		const char *name = strerrorname_np(err);
		ntstatus status = smb3_status_from_errno(-err);

		if (!name || status == STATUS_RETRY || status == STATUS_UNSUCCESSFUL)
			continue;
		if (strcmp(name, text) && strcmp(smb3_status_name(status), text))
			continue;
		r->error = -err;
		return true;
	}
	return false;
}

static bool set_short(struct fault_rule *r, const char *text)
{
	r->shortened = true;
	return get_number(text, INT64_MAX, &r->most);
}

static bool set_path(struct fault_rule *r, const char *text)
{
	free(r->path);
	r->path = smb3_strdup(text);
	return *text;
}

/* "0.25" or "25%", with up to four digits behind the point. */
static bool set_probability(struct fault_rule *r, const char *text)
{
	char *end;
	double p;

	if ((*text < '0' || *text > '9') && *text != '.')
		return false;
	p = strtod(text, &end);
	if (*end == '%') {
		p /= 100;
		end++;
	}
	if (*end || !(p > 0 && p <= 1))
		return false;
	r->chance = (uint32_t)(p * FAULT_ALWAYS + 0.5);
	return r->chance;
}

static bool set_every(struct fault_rule *r, const char *text)
{
	return get_number(text, UINT32_MAX, &r->every) && r->every;
}

static bool set_after(struct fault_rule *r, const char *text)
{
	return get_number(text, UINT32_MAX, &r->after);
}

static bool set_count(struct fault_rule *r, const char *text)
{
	return get_number(text, UINT32_MAX, &r->count) && r->count;
}

static bool set_seed(struct fault_rule *r, const char *text)
{
	return get_number(text, UINT64_MAX, &r->random);
}

static const struct {
	const char *key;
	bool (*set)(struct fault_rule *r, const char *text);
	const char *hint;
} settings[] = {
	{ "delay", set_delay, "a time such as 20ms, 3s or 10ms-50ms, at most 600s" },
	{ "error", set_error,
	  "the name of an error such as EIO, or of a status that a file system can cause, such as "
	  "STATUS_DISK_FULL" },
	{ "short", set_short, "a number of bytes" },
	{ "path", set_path, "a pattern for names or paths" },
	{ "probability", set_probability, "more than 0 and at most 1, or a percentage" },
	{ "every", set_every, "a number from 1 on" },
	{ "after", set_after, "a number of calls" },
	{ "count", set_count, "a number from 1 on" },
	{ "seed", set_seed, "a number" },
};

/* ---- words ---- */

static bool parse_ops(struct fault_rule *r, char *word, char *why, size_t size)
{
	char *name;

	while ((name = strsep(&word, ","))) {
		uint32_t bits = op_bits(name);

		if (!bits) {
			snprintf(
				why, size,
				"\"%.40s\" is no operation: a rule begins with open, create, walk, "
				"list, getattr, setattr, read, write, flush, truncate, alloc, ... "
				"or all (smb3-vfs_fault(7))",
				name);
			return false;
		}
		r->ops |= bits;
	}
	return true;
}

static bool parse_setting(struct fault_rule *r, char *word, char *why, size_t size)
{
	char *value = word;
	const char *key = strsep(&value, "=");

	if (!value && !strcmp(key, "hold"))
		return r->hold = true;
	if (!value && !strcmp(key, "disconnect"))
		return r->cut = true;
	for (size_t i = 0; value && i < SMB3_ARRAY_SIZE(settings); i++) {
		if (strcmp(settings[i].key, key))
			continue;
		if (settings[i].set(r, value))
			return true;
		snprintf(why, size, "%s=%.60s: that is not %s", key, value, settings[i].hint);
		return false;
	}
	snprintf(why, size,
		 "\"%.60s\" is nothing that a rule can say: delay=, hold, error=, short=, "
		 "disconnect, path=, probability=, every=, after=, count=, seed=",
		 key);
	return false;
}

static bool parse_words(struct fault_rule *r, char *words, char *why, size_t size)
{
	char *word;

	while ((word = strsep(&words, " \t"))) {
		if (!*word)
			continue;
		if (r->ops ? !parse_setting(r, word, why, size) : !parse_ops(r, word, why, size))
			return false;
	}
	if (r->ops && (fault_rule_waits(r) || r->error || r->shortened || r->cut))
		return true;
	snprintf(why, size,
		 "a rule says which operations and what happens to them: "
		 "delay=, hold, error=, short= or disconnect");
	return false;
}

struct fault_rule *fault_rule_parse(const char *words, char *why, size_t why_size)
{
	struct fault_rule *r = smb3_alloc(sizeof(*r));
	char *copy = smb3_strdup(words);
	bool good;

	smb3_list_init(&r->link);
	r->every = 1;
	r->chance = FAULT_ALWAYS;
	r->random = 1;
	r->text = smb3_strdup(words);
	good = parse_words(r, copy, why, why_size);
	free(copy);
	if (good)
		return r;
	fault_rule_free(r);
	return NULL;
}

void fault_rule_free(struct fault_rule *rule)
{
	if (!rule)
		return;
	free(rule->share);
	free(rule->text);
	free(rule->path);
	free(rule);
}

/* ---- calls ---- */

bool fault_rule_fits(const struct fault_rule *rule, enum fault_op op, const char *path,
		     const char *other)
{
	if (!(rule->ops & 1u << op) || fault_rule_spent(rule))
		return false;
	return !rule->path || smb3_match_path(rule->path, path) ||
	       (other && smb3_match_path(rule->path, other));
}

/* A linear congruential generator (the constants of MMIX) with its high half: the same seed gives
 * the same calls on every machine. */
static uint32_t random_next(struct fault_rule *rule)
{
	rule->random = rule->random * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(rule->random >> 32);
}

bool fault_rule_strikes(struct fault_rule *rule)
{
	if (++rule->seen <= rule->after || (rule->seen - rule->after) % rule->every)
		return false;
	if (rule->chance < FAULT_ALWAYS && random_next(rule) % FAULT_ALWAYS >= rule->chance)
		return false;
	rule->hits++;
	return true;
}

uint64_t fault_rule_delay(struct fault_rule *rule)
{
	uint64_t range = rule->delay_max - rule->delay_min;

	return rule->delay_min + (range ? (uint64_t)random_next(rule) * 1000 % (range + 1) : 0);
}
