// SPDX-License-Identifier: Apache-2.0
/*
 * group_line.c: one group as a line of text, behind those of the accounts:
 *
 *	@name:number:flags:members:description
 *
 * The number is the group's RID. flags are letters: L an alias, to clients a local group. members are
 * names of accounts with commas between them. A line "@:number" before them says which number the next
 * group gets: those below have been given away.
 */
#include "store.h"

#include <smb3/utf16.h>
#include <stdlib.h>
#include <string.h>

#define FIELDS 5

/* What some SID is called that has a meaning of its own, here or in a domain: such a group would be taken
 * for it. */
static const char *const reserved[] = {
	"Account Operators",
	"Administrator",
	"Administrators",
	"ANONYMOUS LOGON",
	"Authenticated Users",
	"Backup Operators",
	"BATCH",
	"BUILTIN",
	"Cert Publishers",
	"CREATOR GROUP",
	"CREATOR GROUP SERVER",
	"CREATOR OWNER",
	"CREATOR OWNER SERVER",
	"DIALUP",
	"Digest Authentication",
	"Domain Admins",
	"Domain Computers",
	"Domain Controllers",
	"Domain Guests",
	"Domain Users",
	"Enterprise Admins",
	"ENTERPRISE DOMAIN CONTROLLERS",
	"Everyone",
	"Group Policy Creator Owners",
	"Guest",
	"Guests",
	"INTERACTIVE",
	"krbtgt",
	"LOCAL",
	"LOCAL SERVICE",
	"NETWORK",
	"NETWORK SERVICE",
	"None",
	"NT AUTHORITY",
	"NTLM Authentication",
	"NULL SID",
	"OWNER RIGHTS",
	"Power Users",
	"Print Operators",
	"PROXY",
	"RAS and IAS Servers",
	"REMOTE INTERACTIVE LOGON",
	"Replicator",
	"RESTRICTED",
	"SChannel Authentication",
	"Schema Admins",
	"SELF",
	"Server Operators",
	"SERVICE",
	"SYSTEM",
	"TERMINAL SERVER USER",
	"This Organization",
	"Unix Group",
	"Unix User",
	"Users",
};

const char *group_name_problem(const char *name)
{
	const char *bad = name_problem(name);

	if (bad)
		return bad;
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(reserved); i++)
		if (smb3_name_equal(name, reserved[i]))
			return "it has a meaning of its own";
	return NULL;
}

const char *group_comment_problem(const char *comment)
{
	if (strlen(comment) >= sizeof(((struct smb3_group *)0)->comment))
		return "it has more than 255 bytes";
	if (!smb3_utf8_valid(comment))
		return "it is not valid UTF-8";
	for (const char *s = comment; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return "it has control characters";
	return NULL;
}

/* ---- reading ---- */

/* From the first number to last. */
static bool rid_parse(const char *s, uint32_t last, uint32_t *ret_rid)
{
	unsigned long long rid;

	if (!*s || strlen(s) > 10 || strspn(s, "0123456789") != strlen(s))
		return false;
	rid = strtoull(s, NULL, 10);
	if (rid < SMB3_GROUP_RIDS || rid > last)
		return false;
	*ret_rid = (uint32_t)rid;
	return true;
}

static const char *numbers_line(struct table *t, const char *number)
{
	uint32_t next;

	if (!rid_parse(number, SMB3_GROUP_RIDS_END, &next))
		return "there is no such number of a group";
	if (next > t->next_rid)
		t->next_rid = next;
	return NULL;
}

static const char *head_parse(const struct table *t, char *const field[FIELDS],
			      struct smb3_group *g)
{
	const char *bad = group_name_problem(field[0]);

	if (!bad)
		bad = group_comment_problem(field[4]);
	if (bad)
		return bad;
	if (!rid_parse(field[1], SMB3_GROUP_RIDS_END - 1, &g->rid))
		return "its second field is no number of a group";
	if (*field[2] && strcmp(field[2], "L") != 0)
		return "its flags are neither L nor none";
	if (table_group(t, field[0]) || table_find(t, field[0]))
		return "there is another group, or an account, of that name above";
	if (table_group_by_rid(t, g->rid))
		return "there is another group with that number above";
	g->alias = *field[2];
	snprintf(g->name, sizeof(g->name), "%s", field[0]);
	snprintf(g->comment, sizeof(g->comment), "%s", field[4]);
	return NULL;
}

static const char *members_parse(struct table *t, struct group *g, char *members)
{
	const char *name;

	if (!*members)
		return NULL;
	while ((name = strsep(&members, ","))) {
		struct entry *e = table_find(t, name);

		if (!e)
			return "one of its members is no account above";
		if (table_member(e, g))
			return "one of its members is there twice";
		table_join(e, g);
	}
	return NULL;
}

const char *table_group_line(struct table *t, char *line)
{
	struct smb3_group g = { .rid = 0 };
	char *field[FIELDS], *rest = line + 1;
	const char *bad;
	int n = 0;

	if (line[1] == ':')
		return numbers_line(t, line + 2);
	/* The description may have colons. */
	for (; n < FIELDS - 1 && rest; n++)
		field[n] = strsep(&rest, ":");
	if (!rest)
		return "it has not five fields with colons between them";
	field[n] = rest;
	bad = head_parse(t, field, &g);
	return bad ? bad : members_parse(t, table_group_add(t, &g), field[3]);
}

/* ---- writing ---- */

static void group_write(const struct group *g, FILE *f)
{
	fprintf(f, "@%s:%u:%s:", g->group.name, g->group.rid, g->group.alias ? "L" : "");
	for (const struct member *m = g->first; m; m = m->next_in_group)
		fprintf(f, "%s%s", m == g->first ? "" : ",", m->entry->account.name);
	fprintf(f, ":%s\n", g->group.comment);
}

void table_group_lines(const struct table *t, FILE *f)
{
	if (t->next_rid > SMB3_GROUP_RIDS)
		fprintf(f, "@:%u\n", t->next_rid);
	for (const struct group *g = t->first_group; g; g = g->next)
		group_write(g, f);
}
