// SPDX-License-Identifier: Apache-2.0
/*
 * rights_text.c: the file that says who holds which rights, a line for each account:
 *
 *	S-1-5-21-1-2-3-3000 SeBackupPrivilege SeRestorePrivilege
 *
 * Rights are only names here: what they are called and mean, the interface lsarpc knows.
 */
#include "text.h"

#include <ctype.h>
#include <errno.h>

static const char heading[] =
	"# Accounts that administrators gave rights to with their clients (smb3-lsa(7)).\n"
	"# smb3d writes this file while it runs; change it only when it does not.\n";

/* ---- names ---- */

/* Length of the name that stands first; 0 when there is none. */
static size_t first(const char *rights)
{
	return strcspn(rights, " ");
}

static const char *next(const char *rights)
{
	rights += first(rights);
	return *rights ? rights + 1 : rights;
}

/* Rights that take something away (SeDeny...) would be a promise that nobody keeps. */
static bool name_sound(const char *name, size_t len)
{
	if (len < 3 || len > LSA_RIGHT_SIZE || strncmp(name, "Se", 2) ||
	    !strncmp(name, "SeDeny", 6))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!isalpha((unsigned char)name[i]))
			return false;
	return true;
}

bool lsa_rights_has(const char *rights, const char *name, size_t len)
{
	for (; *rights; rights = next(rights))
		if (first(rights) == len && !strncasecmp(rights, name, len))
			return true;
	return false;
}

bool lsa_rights_sound(const char *rights)
{
	size_t n = 0;

	for (const char *p = rights; *p; p = next(p)) {
		size_t len = first(p);

		if (!name_sound(p, len) || n++ == LSA_RIGHTS_MAX)
			return false;
		if (p[len] && !p[len + 1])
			return false;
		if (lsa_rights_has(p + len + (p[len] != '\0'), p, len))
			return false;
	}
	return true;
}

static char *append(char *to, const char *from, const char *name, size_t len)
{
	if (to != from)
		*to++ = ' ';
	memcpy(to, name, len);
	return to + len;
}

const char *lsa_rights_add(struct smb3_arena *a, const char *rights, const char *more)
{
	char *s = smb3_arena_alloc(a, strlen(rights) + strlen(more) + 2), *to = s;

	to += strlen(rights);
	memcpy(s, rights, strlen(rights));
	for (; *more; more = next(more))
		if (!lsa_rights_has(rights, more, first(more)))
			to = append(to, s, more, first(more));
	*to = '\0';
	return lsa_rights_sound(s) ? s : NULL;
}

const char *lsa_rights_remove(struct smb3_arena *a, const char *rights, const char *gone)
{
	char *s = smb3_arena_alloc(a, strlen(rights) + 1), *to = s;

	for (; *rights; rights = next(rights))
		if (!lsa_rights_has(gone, rights, first(rights)))
			to = append(to, s, rights, first(rights));
	*to = '\0';
	return s;
}

/* ---- the file ---- */

struct lsa_holder *lsa_holders_find(const struct lsa_holders *h, const struct smb3_rpc_sid *sid)
{
	for (size_t i = 0; i < h->n; i++)
		if (smb3_rpc_sid_equal(&h->list[i].sid, sid))
			return &h->list[i];
	return NULL;
}

static bool take(char *line, struct lsa_holders *h)
{
	char *rights = strchr(line, ' ');
	struct smb3_rpc_sid sid;

	if (!*line || *line == '#')
		return true;
	if (rights)
		*rights++ = '\0';
	if (!lsa_sid_parse(line, &sid) || lsa_holders_find(h, &sid) ||
	    (rights && (!*rights || !lsa_rights_sound(rights))))
		return false;
	h->list[h->n++] = (struct lsa_holder){ sid, rights ? rights : "" };
	return true;
}

int lsa_holders_parse(struct smb3_arena *a, const char *text, size_t len,
		      struct lsa_holders *ret_holders)
{
	struct lsa_holders h = { .n = 0 };
	const char *end = text + len;
	bool good = true;

	h.list = smb3_arena_alloc(a, (lsa_lines(text, len) + 1) * sizeof(*h.list));
	while (good && text < end) {
		char *line = lsa_line(a, &text, end);

		h.line++;
		good = line && take(line, &h);
	}
	*ret_holders = h;
	return good ? 0 : -EBADMSG;
}

void lsa_holders_build(const struct lsa_holders *h, struct smb3_builder *out)
{
	smb3_put_bytes(out, heading, sizeof(heading) - 1);
	for (size_t i = 0; i < h->n; i++) {
		char sid[LSA_SID_TEXT];

		lsa_sid_text(&h->list[i].sid, sid);
		smb3_put_bytes(out, sid, strlen(sid));
		if (*h->list[i].rights)
			smb3_put_u8(out, ' ');
		smb3_put_bytes(out, h->list[i].rights, strlen(h->list[i].rights));
		smb3_put_u8(out, '\n');
	}
}
