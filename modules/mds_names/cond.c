// SPDX-License-Identifier: Apache-2.0
/*
 * cond.c: the terms of a query as conditions on a name and what is known of its file.
 */
#include "names.h"

static const struct {
	const char *attribute;
	enum cond_what what;
	enum smb3_term_kind kind;
} attributes[] = {
	{ "*", COND_NAME, SMB3_TERM_TEXT },
	{ "kMDItemDisplayName", COND_NAME, SMB3_TERM_TEXT },
	{ "kMDItemFSName", COND_NAME, SMB3_TERM_TEXT },
	{ "_kMDItemFileName", COND_NAME, SMB3_TERM_TEXT },
	{ "kMDItemTextContent", COND_NOTHING, SMB3_TERM_TEXT },
	{ "kMDItemFSSize", COND_SIZE, SMB3_TERM_NUMBER },
	{ "kMDItemLogicalSize", COND_SIZE, SMB3_TERM_NUMBER },
	{ "kMDItemFSContentChangeDate", COND_WRITTEN, SMB3_TERM_DATE },
	{ "kMDItemContentModificationDate", COND_WRITTEN, SMB3_TERM_DATE },
	{ "kMDItemFSCreationDate", COND_CREATED, SMB3_TERM_DATE },
	{ "kMDItemContentCreationDate", COND_CREATED, SMB3_TERM_DATE },
};

static bool set_text(struct smb3_arena *a, struct cond *c, const struct smb3_term *t)
{
	c->pattern = smb3_arena_alloc(a, sizeof(*c->pattern));
	return t->relation <= SMB3_TERM_NE && pattern_set(c->pattern, t->text, t->flags);
}

static bool set_compare(struct smb3_arena *a, struct cond *c, const struct smb3_term *t)
{
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(attributes); i++) {
		if (strcmp(attributes[i].attribute, t->attribute) != 0)
			continue;
		c->what = attributes[i].what;
		c->relation = t->relation;
		if (attributes[i].kind != t->kind)
			return false;
		if (t->kind == SMB3_TERM_TEXT)
			return set_text(a, c, t);
		c->number = t->kind == SMB3_TERM_DATE ? t->when :
			    t->number < 0             ? 0 :
							(uint64_t)t->number;
		return t->kind == SMB3_TERM_DATE || t->number >= 0;
	}
	return false;
}

const struct cond *cond_of(struct smb3_arena *a, const struct smb3_term *term)
{
	struct cond *c = smb3_arena_alloc(a, sizeof(*c));

	c->op = term->op;
	if (term->op == SMB3_TERM_COMPARE)
		return set_compare(a, c, term) ? c : NULL;
	if (term->left && !(c->left = cond_of(a, term->left)))
		return NULL;
	if (term->right && !(c->right = cond_of(a, term->right)))
		return NULL;
	return c;
}

bool cond_wants_stat(const struct cond *c)
{
	if (c->op == SMB3_TERM_COMPARE)
		return c->what > COND_NOTHING;
	return (c->left && cond_wants_stat(c->left)) || (c->right && cond_wants_stat(c->right));
}

static bool relation_holds(enum smb3_term_relation relation, uint64_t a, uint64_t b)
{
	switch (relation) {
	case SMB3_TERM_EQ:
		return a == b;
	case SMB3_TERM_NE:
		return a != b;
	case SMB3_TERM_LT:
		return a < b;
	case SMB3_TERM_LE:
		return a <= b;
	case SMB3_TERM_GT:
		return a > b;
	default:
		return a >= b;
	}
}

static bool compare_fits(const struct cond *c, const char *name, const struct smb3_stat *st)
{
	switch (c->what) {
	case COND_NAME:
		return pattern_fits(c->pattern, name) == (c->relation == SMB3_TERM_EQ);
	case COND_SIZE:
		return !(st->attributes & FILE_ATTRIBUTE_DIRECTORY) &&
		       relation_holds(c->relation, st->size, c->number);
	case COND_WRITTEN:
		return relation_holds(c->relation, st->written, c->number);
	case COND_CREATED:
		return relation_holds(c->relation, st->created, c->number);
	default:
		return c->relation == SMB3_TERM_NE;
	}
}

bool cond_fits(const struct cond *c, const char *name, const struct smb3_stat *st)
{
	switch (c->op) {
	case SMB3_TERM_AND:
		return cond_fits(c->left, name, st) && cond_fits(c->right, name, st);
	case SMB3_TERM_OR:
		return cond_fits(c->left, name, st) || cond_fits(c->right, name, st);
	case SMB3_TERM_NOT:
		return !cond_fits(c->left, name, st);
	case SMB3_TERM_COMPARE:
		return compare_fits(c, name, st);
	default:
		return true;
	}
}
