// SPDX-License-Identifier: Apache-2.0
/*
 * absent.c: names that are not there. What is found is what posix_consider() compares: names as shown.
 */
#include "absent.h"

#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#define ABSENT_NAME 104 /* with the NUL; longer ones are looked for each time */

struct absent {
	struct posix_known_id folder;
	char name[ABSENT_NAME];
};

struct posix_absent {
	struct posix_table *names;
	_Atomic uint64_t kept, answered;
};

struct posix_absent *posix_absent_new(uint64_t names)
{
	struct posix_absent *a;

	if (!names)
		return NULL;
	a = smb3_alloc(sizeof(*a));
	a->names = posix_table_new(names, sizeof(struct absent));
	return a;
}

void posix_absent_free(struct posix_absent *a)
{
	if (a)
		posix_table_free(a->names);
	free(a);
}

/* Entries of an encrypted folder get other names when its key comes or goes. */
int posix_absent_folder(int dirfd, struct posix_known_id *ret_folder)
{
	struct statx x;

	if (statx(dirfd, "", AT_EMPTY_PATH, STATX_INO | STATX_CTIME, &x))
		return -errno;
	*ret_folder = (struct posix_known_id){
		.dev = makedev(x.stx_dev_major, x.stx_dev_minor),
		.ino = x.stx_ino,
	};
	if (!(x.stx_attributes & STATX_ATTR_ENCRYPTED))
		ret_folder->changed = smb3_nttime_from_timespec(&(struct timespec){
			.tv_sec = x.stx_ctime.tv_sec, .tv_nsec = x.stx_ctime.tv_nsec });
	return 0;
}

/* What is mounted below the share may be anything. */
static bool absent_about(const struct posix_mount *m, const struct posix_known_id *folder,
			 const struct posix_search *s)
{
	return m->absent && folder->dev == m->dev && strlen(s->shown) < ABSENT_NAME;
}

bool posix_absent_may(const struct posix_mount *m, const struct posix_known_id *folder,
		      const struct posix_search *s)
{
	return !s->exact && absent_about(m, folder, s) && posix_table_may(folder);
}

bool posix_absent_has(const struct posix_mount *m, const struct posix_known_id *folder,
		      const struct posix_search *s)
{
	pthread_mutex_t *lock;
	bool has;

	if (!absent_about(m, folder, s))
		return false;
	has = posix_table_find(m->absent->names, folder, s->shown, &lock);
	posix_table_done(lock);
	if (has)
		atomic_fetch_add_explicit(&m->absent->answered, 1, memory_order_relaxed);
	return has;
}

void posix_absent_keep(const struct posix_mount *m, const struct posix_known_id *folder,
		       const struct posix_search *s)
{
	pthread_mutex_t *lock;

	posix_table_make(m->absent->names, folder, s->shown, &lock);
	posix_table_done(lock);
	atomic_fetch_add_explicit(&m->absent->kept, 1, memory_order_relaxed);
}

void posix_absent_figures(const struct posix_absent *a, struct posix_absent_figures *ret_figures)
{
	*ret_figures = (struct posix_absent_figures){ .kept = a->kept, .answered = a->answered };
}
