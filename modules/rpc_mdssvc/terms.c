// SPDX-License-Identifier: Apache-2.0
/*
 * terms.c: reads the terms of a query as smb3-rpcd has written them.
 */
#include "terms.h"

#include <smb3/rpc.h>

struct stack {
	const struct smb3_term *terms[TERMS_MAX];
	size_t n;
};

static const struct smb3_term *pop(struct stack *s)
{
	return s->n ? s->terms[--s->n] : NULL;
}

static const char *get_short(struct smb3_cursor *c, struct smb3_arena *a)
{
	const char *text = smb3_get_text(c, a);

	if (text && strlen(text) <= TERM_TEXT_MAX)
		return text;
	c->bad = true;
	return NULL;
}

static bool get_compare(struct smb3_cursor *c, struct smb3_arena *a, struct smb3_term *t)
{
	uint8_t relation, kind;

	t->attribute = get_short(c, a);
	relation = smb3_get_u8(c);
	kind = smb3_get_u8(c);
	t->flags = smb3_get_u8(c);
	if (relation >= SMB3_TERM_RELATIONS || kind >= SMB3_TERM_KINDS)
		return false;
	t->relation = relation;
	t->kind = kind;
	if (kind == SMB3_TERM_TEXT)
		t->text = get_short(c, a);
	else if (kind == SMB3_TERM_NUMBER)
		t->number = (int64_t)smb3_get_u64(c);
	else
		t->when = smb3_get_u64(c);
	return smb3_cursor_ok(c);
}

static bool get_term(struct smb3_cursor *c, struct smb3_arena *a, struct stack *s)
{
	struct smb3_term *t = smb3_arena_alloc(a, sizeof(*t));
	uint8_t op = smb3_get_u8(c);

	if (!smb3_cursor_ok(c) || op >= SMB3_TERM_OPS)
		return false;
	t->op = op;
	if (op == SMB3_TERM_COMPARE && !get_compare(c, a, t))
		return false;
	if (op == SMB3_TERM_AND || op == SMB3_TERM_OR) {
		t->right = pop(s);
		t->left = pop(s);
		if (!t->left)
			return false;
	} else if (op == SMB3_TERM_NOT) {
		t->left = pop(s);
		if (!t->left)
			return false;
	}
	s->terms[s->n++] = t;
	return true;
}

const struct smb3_term *terms_decode(struct smb3_arena *a, struct smb3_cursor *c)
{
	uint32_t n = smb3_get_u32(c);
	struct stack s = { .n = 0 };
	bool good = n && n <= TERMS_MAX;

	while (good && n--)
		good = get_term(c, a, &s);
	if (good && s.n == 1)
		return s.terms[0];
	c->bad = true;
	return NULL;
}
