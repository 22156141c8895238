// SPDX-License-Identifier: Apache-2.0
/*
 * parse.c: reads queries in the language of macOS (mdfind): comparisons of attributes, put together
 * with && and || and !, as Finder makes them:
 *
 *   (kMDItemDisplayName == "*plan*"cdw) && kMDItemFSSize > 1000
 *   InRange(kMDItemFSContentChangeDate, $time.iso(2026-01-01T00:00:00Z), $time.now)
 *
 * Each term is written as soon as it is known: those that it puts together before it.
 */
#include "terms.h"

#include <ctype.h>
#include <errno.h>
#include <smb3/rpc.h>
#include <stdio.h>
#include <stdlib.h>

#define DEPTH_MAX 32
#define NT_SECOND INT64_C(10000000)
#define NT_DAY    (86400 * NT_SECOND)

struct parser {
	const char *at;
	smb3_nttime now;
	struct smb3_arena *arena;
	struct smb3_builder *out;
	uint32_t n;
	unsigned int depth;
	bool bad;
};

struct value {
	enum smb3_term_kind kind;
	uint8_t flags;
	const char *text;
	int64_t number;
	smb3_nttime when;
};

static void parse_or(struct parser *p);

static void put_op(struct parser *p, enum smb3_term_op op)
{
	if (++p->n > TERMS_MAX)
		p->bad = true;
	else
		smb3_put_u8(p->out, (uint8_t)op);
}

static void put_compare(struct parser *p, const char *attribute, enum smb3_term_relation relation,
			const struct value *v)
{
	put_op(p, SMB3_TERM_COMPARE);
	if (p->bad)
		return;
	smb3_put_text(p->out, attribute);
	smb3_put_u8(p->out, (uint8_t)relation);
	smb3_put_u8(p->out, (uint8_t)v->kind);
	smb3_put_u8(p->out, v->flags);
	if (v->kind == SMB3_TERM_TEXT)
		smb3_put_text(p->out, v->text);
	else
		smb3_put_u64(p->out, v->kind == SMB3_TERM_NUMBER ? (uint64_t)v->number : v->when);
}

/* ---- words ---- */

static void skip_space(struct parser *p)
{
	while (isspace((unsigned char)*p->at))
		p->at++;
}

/* True, and behind it, when that comes next. */
static bool take(struct parser *p, const char *word)
{
	size_t len = strlen(word);

	skip_space(p);
	if (strncmp(p->at, word, len) != 0)
		return false;
	p->at += len;
	return true;
}

static void want(struct parser *p, const char *word)
{
	if (!take(p, word))
		p->bad = true;
}

static const char *copy(struct parser *p, const char *from, size_t len)
{
	char *s = smb3_arena_alloc(p->arena, len + 1);

	if (len > TERM_TEXT_MAX)
		p->bad = true;
	else
		memcpy(s, from, len);
	return s;
}

/* A name, or the star that stands for each of them. */
static const char *attribute(struct parser *p)
{
	const char *from;

	skip_space(p);
	from = p->at;
	if (*p->at == '*')
		p->at++;
	else
		while (isalnum((unsigned char)*p->at) || *p->at == '_' || *p->at == ':')
			p->at++;
	if (p->at == from)
		p->bad = true;
	return copy(p, from, (size_t)(p->at - from));
}

static enum smb3_term_relation relation(struct parser *p)
{
	static const struct {
		const char *word;
		enum smb3_term_relation relation;
	} table[] = {
		{ "==", SMB3_TERM_EQ }, { "!=", SMB3_TERM_NE }, { "<=", SMB3_TERM_LE },
		{ ">=", SMB3_TERM_GE }, { "=", SMB3_TERM_EQ },  { "<", SMB3_TERM_LT },
		{ ">", SMB3_TERM_GT },
	};

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(table); i++)
		if (take(p, table[i].word))
			return table[i].relation;
	p->bad = true;
	return SMB3_TERM_EQ;
}

/* ---- values ---- */

static uint8_t modifiers(struct parser *p)
{
	uint8_t flags = 0;

	for (;; p->at++) {
		if (*p->at == 'c')
			flags |= SMB3_TERM_CASE;
		else if (*p->at == 'd')
			flags |= SMB3_TERM_ACCENT;
		else if (*p->at == 'w')
			flags |= SMB3_TERM_WORD;
		else if (*p->at != 't') /* of which language: does not matter to names */
			return flags;
	}
}

/* A backslash before a quote makes it part of the text; before others it stays, for the pattern. */
static const char *quoted(struct parser *p, char quote)
{
	size_t n = 0, len = strlen(p->at);
	char *s = smb3_arena_alloc(p->arena, len + 1);

	while (*p->at && *p->at != quote) {
		if (p->at[0] == '\\' && (p->at[1] == '"' || p->at[1] == '\''))
			p->at++;
		else if (p->at[0] == '\\' && p->at[1])
			s[n++] = *p->at++;
		s[n++] = *p->at++;
	}
	if (*p->at != quote || n > TERM_TEXT_MAX)
		p->bad = true;
	else
		p->at++;
	return s;
}

/* The whole part counts. */
static int64_t number(struct parser *p)
{
	char *end;
	long long n;

	skip_space(p);
	errno = 0;
	n = strtoll(p->at, &end, 10);
	if (end == p->at || errno)
		p->bad = true;
	p->at = end;
	if (*p->at == '.')
		p->at++;
	while (isdigit((unsigned char)*p->at))
		p->at++;
	return n;
}

/* "(n)", or nothing: 0. */
static int64_t argument(struct parser *p)
{
	int64_t n = 0;

	if (take(p, "(")) {
		n = number(p);
		want(p, ")");
	}
	return n;
}

static smb3_nttime shifted(struct parser *p, smb3_nttime from, int64_t n, int64_t unit)
{
	int64_t by, when;

	if (__builtin_mul_overflow(n, unit, &by) ||
	    __builtin_add_overflow((int64_t)from, by, &when) || when < 0) {
		p->bad = true;
		return 0;
	}
	return (smb3_nttime)when;
}

/* "(2026-11-23T05:00:00Z)"; without zone it is UTC, too. */
static smb3_nttime iso_time(struct parser *p)
{
	struct tm tm = { 0 };
	struct timespec ts = { 0 };
	int len = 0;

	want(p, "(");
	skip_space(p);
	if (sscanf(p->at, "%4d-%2d-%2dT%2d:%2d:%2d%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
		   &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &len) != 6 ||
	    tm.tm_year < 1601 || tm.tm_mon < 1 || tm.tm_mon > 12) {
		p->bad = true;
		return 0;
	}
	p->at += len;
	(void)take(p, "Z");
	want(p, ")");
	tm.tm_year -= 1900;
	tm.tm_mon--;
	ts.tv_sec = timegm(&tm);
	return smb3_nttime_from_timespec(&ts);
}

/* Days begin at midnight UTC: of the client's zone nothing is known. */
static smb3_nttime moment(struct parser *p)
{
	smb3_nttime midnight = p->now - p->now % (smb3_nttime)NT_DAY;

	if (take(p, "now"))
		return shifted(p, p->now, argument(p), NT_SECOND);
	if (take(p, "today"))
		return shifted(p, midnight, argument(p), NT_DAY);
	if (take(p, "yesterday"))
		return shifted(p, midnight - NT_DAY, argument(p), NT_DAY);
	if (take(p, "iso"))
		return iso_time(p);
	p->bad = true;
	return 0;
}

static struct value value(struct parser *p)
{
	struct value v = { .kind = SMB3_TERM_TEXT, .text = "" };

	skip_space(p);
	if (*p->at == '"' || *p->at == '\'') {
		char quote = *p->at++;

		v.text = quoted(p, quote);
		v.flags = modifiers(p);
	} else if (take(p, "$time.")) {
		v.kind = SMB3_TERM_DATE;
		v.when = moment(p);
	} else {
		v.kind = SMB3_TERM_NUMBER;
		v.number = number(p);
	}
	return v;
}

/* ---- terms ---- */

/* InRange(attribute, from, to): both ends are in it. */
static void parse_range(struct parser *p)
{
	const char *name;
	struct value v;

	want(p, "(");
	name = attribute(p);
	want(p, ",");
	v = value(p);
	put_compare(p, name, SMB3_TERM_GE, &v);
	want(p, ",");
	v = value(p);
	put_compare(p, name, SMB3_TERM_LE, &v);
	want(p, ")");
	put_op(p, SMB3_TERM_AND);
}

static void parse_compare(struct parser *p)
{
	const char *name = attribute(p);
	enum smb3_term_relation r = p->bad ? SMB3_TERM_EQ : relation(p);
	struct value v;

	if (p->bad)
		return;
	v = value(p);
	if (!p->bad)
		put_compare(p, name, r, &v);
}

static void parse_unary(struct parser *p)
{
	if (p->bad || ++p->depth > DEPTH_MAX) {
		p->bad = true;
		return;
	}
	if (take(p, "!")) {
		parse_unary(p);
		put_op(p, SMB3_TERM_NOT);
	} else if (take(p, "(")) {
		parse_or(p);
		want(p, ")");
	} else if (take(p, "InRange")) {
		parse_range(p);
	} else {
		parse_compare(p);
	}
	p->depth--;
}

static void parse_and(struct parser *p)
{
	parse_unary(p);
	while (!p->bad && take(p, "&&")) {
		parse_unary(p);
		put_op(p, SMB3_TERM_AND);
	}
}

static void parse_or(struct parser *p)
{
	parse_and(p);
	while (!p->bad && take(p, "||")) {
		parse_and(p);
		put_op(p, SMB3_TERM_OR);
	}
}

int query_parse(const char *text, smb3_nttime now, struct smb3_arena *a, struct smb3_builder *out)
{
	struct parser p = { .at = text, .now = now, .arena = a, .out = out };
	size_t head = out->len;

	smb3_put_u32(out, 0);
	parse_or(&p);
	skip_space(&p);
	if (p.bad || *p.at || !smb3_builder_ok(out))
		return -EINVAL;
	smb3_set_u32(out, head, p.n);
	return 0;
}
