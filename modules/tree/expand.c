// SPDX-License-Identifier: Apache-2.0
/*
 * expand.c: paths that are different for everybody who connects.
 *   %U user   %u Unix user   %D domain   %G primary group   %S share   %M %I address of the client
 *   %H home folder, at the start only   %% a percent sign
 * What takes a letter's place is one component of the path, or nobody is let in: no name that
 * somebody chose leads anywhere else. It is never seen by a shell, and not expanded again.
 */
#include "tree.h"

#include <limits.h>
#include <smb3/lookup.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct expand {
	const struct smb3_share *share;
	const struct smb3_identity *who;
	const struct smb3_conn *conn;
	char *why;
	size_t why_size;
};

/* Both answer a malloc'd string, or NULL. */
static char *home_of(const char *user)
{
	struct passwd pw;
	char *buf, *home;

	if (smb3_lookup_user(user, 0, &pw, &buf))
		return NULL;
	home = smb3_strdup(pw.pw_dir);
	free(buf);
	return home;
}

static char *group_of(gid_t gid)
{
	struct group gr;
	char *buf, *name;

	if (smb3_lookup_group(NULL, gid, &gr, &buf))
		return NULL;
	name = smb3_strdup(gr.gr_name);
	free(buf);
	return name;
}

/* The scope of a link-local address is this machine's business. */
static char *address_of(const struct smb3_conn *conn)
{
	char *address = smb3_strdup(conn->peer_name);

	address[strcspn(address, "%")] = '\0';
	return address;
}

static char *value_of(const struct expand *e, char letter)
{
	switch (letter) {
	case 'U':
		return smb3_strdup(e->who->name);
	case 'u':
		return smb3_strdup(e->who->unix_name);
	case 'D':
		return smb3_strdup(*e->who->domain ? e->who->domain :
						     smb3_server_conf(e->share->server)->workgroup);
	case 'G':
		return group_of(e->who->gid);
	case 'S':
		return smb3_strdup(e->share->name);
	case 'M':
	case 'I':
		return address_of(e->conn);
	case 'H':
		return home_of(e->who->unix_name);
	default:
		return smb3_strdup("%");
	}
}

/* One component that leads nowhere else; a home is an absolute path, and not everything. */
static bool value_sound(const char *value, char letter)
{
	if (letter == 'H')
		return value[0] == '/' && value[strspn(value, "/")] && !strstr(value, "/../");
	return *value && !strchr(value, '/') && strcmp(value, ".") != 0 && strcmp(value, "..") != 0;
}

static bool put_value(const struct expand *e, char letter, FILE *out)
{
	char *value = value_of(e, letter);
	bool sound = value && value_sound(value, letter);

	if (sound)
		fputs(value, out);
	else if (value)
		snprintf(e->why, e->why_size, "%%%c is \"%s\" for %s, which cannot be in a path",
			 letter, value, e->who->name);
	else
		snprintf(e->why, e->why_size, "there is no %%%c for %s", letter, e->who->name);
	free(value);
	return sound;
}

/* ".." can also come about by "%S." and the like. */
static bool path_sound(const char *path)
{
	size_t len = strlen(path);

	return path[0] == '/' && len < PATH_MAX && !strstr(path, "/../") &&
	       (len < 3 || strcmp(path + len - 3, "/..") != 0);
}

char *expand_path(const struct smb3_share *share, const struct smb3_identity *who,
		  const struct smb3_conn *conn, char *ret_why, size_t size)
{
	const struct expand e = { share, who, conn, ret_why, size };
	char *path = NULL;
	size_t len;
	FILE *out = open_memstream(&path, &len);
	bool sound = out != NULL;

	for (const char *p = share->path; sound && *p; p++) {
		if (*p == '%')
			sound = put_value(&e, *++p, out);
		else
			fputc(*p, out);
	}
	if (out)
		fclose(out);
	if (sound && !path_sound(path)) {
		snprintf(ret_why, size, "\"%s\" is no path for %s", path, who->name);
		sound = false;
	}
	if (sound)
		return path;
	free(path);
	return NULL;
}
