// SPDX-License-Identifier: Apache-2.0
/*
 * nss.c: Unix users and groups, from nsswitch.
 */
#include "sam.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>

#define LOOKUP_MAX (1u << 20) /* bytes that one entry may need */

struct lookup {
	char *buf;
	size_t size;
};

/* True: once more, with more room. */
static bool again(struct lookup *l, int err)
{
	if (l->buf && err != EINTR && (err != ERANGE || l->size >= LOOKUP_MAX))
		return false;
	l->size = l->size ? l->size * 4 : 4096;
	l->buf = smb3_realloc(l->buf, l->size);
	return true;
}

/* Some name services say "there is none" by an errno. */
static int lookup_end(struct lookup *l, int err, bool found)
{
	free(l->buf);
	if (found)
		return 0;
	return err == 0 || err == ESRCH || err == EBADF || err == EPERM ? -ENOENT : -err;
}

static void take_user(const struct passwd *pw, struct sam_unix *u)
{
	const char *gecos = pw->pw_gecos ? pw->pw_gecos : "";

	u->id = pw->pw_uid;
	u->group = pw->pw_gid;
	snprintf(u->name, sizeof(u->name), "%s", pw->pw_name);
	snprintf(u->full_name, sizeof(u->full_name), "%.*s", (int)strcspn(gecos, ","), gecos);
	if (!smb3_utf8_valid(u->full_name))
		u->full_name[0] = '\0';
}

static int user_find(const char *name, uint32_t uid, struct sam_unix *ret_user)
{
	struct passwd pw, *found = NULL;
	struct lookup l = { 0 };
	int err = 0;

	while (again(&l, err))
		err = name ? getpwnam_r(name, &pw, l.buf, l.size, &found) :
			     getpwuid_r(uid, &pw, l.buf, l.size, &found);
	if (found)
		take_user(found, ret_user);
	return lookup_end(&l, err, found);
}

int sam_user_by_name(const char *name, struct sam_unix *ret_user)
{
	return user_find(name, 0, ret_user);
}

int sam_user_by_id(uint32_t uid, struct sam_unix *ret_user)
{
	return user_find(NULL, uid, ret_user);
}

static void take_group(const struct group *gr, struct sam_unix *g)
{
	g->id = gr->gr_gid;
	g->group = 0;
	snprintf(g->name, sizeof(g->name), "%s", gr->gr_name);
	g->full_name[0] = '\0';
}

/* With fn: its members, too. */
static int group_find(const char *name, struct sam_unix *g, bool (*fn)(const char *user, void *arg),
		      void *arg)
{
	struct group gr, *found = NULL;
	struct lookup l = { 0 };
	int err = 0;

	while (again(&l, err))
		err = name ? getgrnam_r(name, &gr, l.buf, l.size, &found) :
			     getgrgid_r(g->id, &gr, l.buf, l.size, &found);
	if (found)
		take_group(found, g);
	for (char **m = found && fn ? found->gr_mem : NULL; m && *m; m++)
		if (!fn(*m, arg))
			break;
	return lookup_end(&l, err, found);
}

int sam_group_by_name(const char *name, struct sam_unix *ret_group)
{
	return group_find(name, ret_group, NULL, NULL);
}

int sam_group_by_id(uint32_t gid, struct sam_unix *ret_group)
{
	ret_group->id = gid;
	return group_find(NULL, ret_group, NULL, NULL);
}

int sam_group_members(uint32_t gid, bool (*fn)(const char *user, void *arg), void *arg)
{
	struct sam_unix g = { .id = gid };

	return group_find(NULL, &g, fn, arg);
}

size_t sam_user_groups(const struct sam_unix *user, uint32_t *ret_gids, size_t max)
{
	int n = (int)max;

	if (getgrouplist(user->name, user->group, ret_gids, &n) >= 0)
		return (size_t)n;
	return max; /* the first of them */
}

/* getgrent() has one place for all threads: who lists takes turns. */
void sam_groups_each(bool (*fn)(const struct sam_unix *group, void *arg), void *arg)
{
	struct lookup l = { smb3_alloc(65536), 65536 };
	struct sam_unix g = { 0 };
	struct group gr, *found;
	bool more = true;

	setgrent();
	while (more && getgrent_r(&gr, l.buf, l.size, &found) == 0 && found) {
		take_group(found, &g);
		more = fn(&g, arg);
	}
	endgrent();
	free(l.buf);
}
