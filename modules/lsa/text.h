// SPDX-License-Identifier: Apache-2.0
/*
 * text.h: the files of module lsa as text: who holds which rights, and secrets.
 */
#ifndef LSA_TEXT_H
#define LSA_TEXT_H

#include <smb3/smb3.h>

#define LSA_SID_TEXT   192
#define LSA_RIGHTS_MAX 64  /* of one account */
#define LSA_RIGHT_SIZE 64  /* bytes of a right's name */
#define LSA_NAME_CHARS 128 /* of a secret's name */

/* ---- sid.c ---- */

const char *lsa_sid_text(const struct smb3_rpc_sid *sid, char buf[LSA_SID_TEXT]);
/* False: it is not what lsa_sid_text() writes. */
bool lsa_sid_parse(const char *text, struct smb3_rpc_sid *ret_sid);

/* ---- rights_text.c ---- */

/* Names of rights, a blank between two; each once. */
struct lsa_holder {
	struct smb3_rpc_sid sid;
	const char *rights;
};

struct lsa_holders {
	struct lsa_holder *list; /* with room for one more */
	size_t n;
	unsigned int line; /* the last one that was read */
};

/* Whether they are names as rights have them, not too many, and each once. */
bool lsa_rights_sound(const char *rights);
bool lsa_rights_has(const char *rights, const char *name, size_t len);
/* What is in one of both, and in the first only. NULL: too many. */
const char *lsa_rights_add(struct smb3_arena *a, const char *rights, const char *more);
const char *lsa_rights_remove(struct smb3_arena *a, const char *rights, const char *gone);
struct lsa_holder *lsa_holders_find(const struct lsa_holders *h, const struct smb3_rpc_sid *sid);
/* 0, or -EBADMSG: line is not what lsa_holders_build() writes. */
int lsa_holders_parse(struct smb3_arena *a, const char *text, size_t len,
		      struct lsa_holders *ret_holders);
void lsa_holders_build(const struct lsa_holders *h, struct smb3_builder *out);

/* ---- secrets_text.c ---- */

struct lsa_value {
	const uint8_t *data; /* NULL: none */
	size_t len;
	uint64_t time; /* NT time: when it was set */
};

struct lsa_secret {
	const char *name;
	struct lsa_value now, old;
};

struct lsa_secrets {
	struct lsa_secret *list; /* with room for one more */
	size_t n;
	unsigned int line;
};

/* UTF-8 without control characters, of 1 to LSA_NAME_CHARS characters. */
bool lsa_secret_name_sound(const char *name);
struct lsa_secret *lsa_secrets_find(const struct lsa_secrets *s, const char *name);
int lsa_secrets_parse(struct smb3_arena *a, const char *text, size_t len,
		      struct lsa_secrets *ret_secrets);
void lsa_secrets_build(const struct lsa_secrets *s, struct smb3_builder *out);
/* Bytes that lsa_secrets_build() writes at most. */
size_t lsa_secrets_size(const struct lsa_secrets *s);
/* The values in memory. */
void lsa_secrets_wipe(struct lsa_secrets *s);

/* ---- both ---- */

/* The line that begins at *text, without its end; NULL for one that has none or holds a zero. *text
 * moves to the next. */
static inline char *lsa_line(struct smb3_arena *a, const char **text, const char *end)
{
	const char *at = *text, *stop = memchr(at, '\n', (size_t)(end - at));
	char *line;

	if (!stop || memchr(at, '\0', (size_t)(stop - at)))
		return NULL;
	line = smb3_arena_alloc(a, (size_t)(stop - at) + 1);
	memcpy(line, at, (size_t)(stop - at));
	line[stop - at] = '\0';
	*text = stop + 1;
	return line;
}

static inline size_t lsa_lines(const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += text[i] == '\n';
	return n;
}

#endif
