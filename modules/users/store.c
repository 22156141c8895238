// SPDX-License-Identifier: Apache-2.0
/*
 * store.c: the file of accounts and groups, and what it says in memory.
 * The file is the truth: it is read again when it has changed, so that a running server and
 * commands without one agree. A change goes to a new file that then takes the old one's place;
 * whoever wants to change something holds the lock file meanwhile.
 */
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <smb3/disk.h>
#include <smb3/log.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define FILE_MAX  (64 << 20) /* bytes */
#define PATH_SIZE 4096

void store_problem(char why[USERS_WHY_SIZE], const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, USERS_WHY_SIZE, fmt, ap);
	va_end(ap);
}

/* ---- reading ---- */

static bool file_is_ours(const struct stat *st, const char *path, char why[USERS_WHY_SIZE])
{
	if (!S_ISREG(st->st_mode))
		store_problem(why, "%.200s is not a regular file", path);
	else if (st->st_uid != geteuid() && st->st_uid != 0)
		store_problem(
			why,
			"%.200s belongs to the user with uid %lu, who could make accounts: give it "
			"to the user that runs smb3d (chown)",
			path, (unsigned long)st->st_uid);
	else if (st->st_mode & 077)
		store_problem(
			why,
			"%.200s may be read or written by others than its owner, and its hashes "
			"are as good as passwords: chmod 600 it",
			path);
	else if (st->st_size > FILE_MAX)
		store_problem(why, "%.200s has more than 64 MiB", path);
	else
		return true;
	return false;
}

static const char *account_line(struct table *t, char *line)
{
	struct smb3_account account;
	const char *bad = line_parse(line, &account);

	if (!bad && (table_find(t, account.name) || table_group(t, account.name)))
		bad = "there is another account, or a group, of that name above";
	if (!bad)
		table_add(t, &account);
	smb3_wipe(&account, sizeof(account));
	return bad;
}

static bool table_read(struct table *t, FILE *f, const char *path, char why[USERS_WHY_SIZE])
{
	unsigned int number = 0;
	const char *bad = NULL;
	char *line = NULL;
	size_t size = 0;
	ssize_t len;

	while (!bad && (len = getline(&line, &size, f)) > 0) {
		number++;
		line[strcspn(line, "\n")] = '\0';
		if (strlen(line) + 1 < (size_t)len)
			bad = "it has a byte zero";
		else if (*line == '@')
			bad = table_group_line(t, line);
		else if (*line && *line != '#')
			bad = account_line(t, line);
	}
	if (bad)
		store_problem(why, "%.200s, line %u is wrong: %s", path, number, bad);
	else if (ferror(f))
		store_problem(why, "cannot read %.200s", path);
	if (line)
		smb3_wipe(line, size);
	free(line);
	return !bad && !ferror(f);
}

/* NULL, with the reason, when it cannot be used; errno is 0 then, or why it could not be opened. */
static struct table *table_load(const char *path, char why[USERS_WHY_SIZE])
{
	struct table *t = table_new();
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), err = 0;
	FILE *f = fd < 0 ? NULL : fdopen(fd, "r");
	bool good;

	if (!f) {
		err = errno;
		good = fd < 0 && err == ENOENT;
		if (!good)
			store_problem(why, "cannot read %.200s: %s", path, strerror(err));
		if (fd >= 0)
			close(fd);
	} else {
		char buf[BUFSIZ];

		/* A buffer of our own, to wipe: it has hashes. */
		setvbuf(f, buf, _IOFBF, sizeof(buf));
		good = fstat(fd, &t->id) == 0 && file_is_ours(&t->id, path, why) &&
		       table_read(t, f, path, why);
		fclose(f);
		smb3_wipe(buf, sizeof(buf));
	}
	if (good)
		return t;
	table_free(t);
	errno = err;
	return NULL;
}

/* ---- the store ---- */

struct store *store_open(const char *path, char why[USERS_WHY_SIZE])
{
	struct store *s = smb3_alloc(sizeof(*s));
	char real[PATH_SIZE];

	/* Behind a link, the file that it leads to is the one to replace. */
	s->path = smb3_strdup(realpath(path, real) ? real : path);
	pthread_rwlock_init(&s->lock, NULL);
	s->table = table_load(s->path, why);
	if (s->table)
		return s;
	store_free(s);
	return NULL;
}

void store_free(struct store *s)
{
	if (!s)
		return;
	table_free(s->table);
	pthread_rwlock_destroy(&s->lock);
	free(s->path);
	free(s);
}

const char *store_path(const struct store *s)
{
	return s->path;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mode == b->st_mode && a->st_uid == b->st_uid &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	       a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

/* A version that makes no sense is told once, one that could not be opened is tried again; the accounts stay as
 * they were. */
static void store_reread(struct store *s, const struct stat *st)
{
	char why[USERS_WHY_SIZE];
	struct table *t = table_load(s->path, why), *old = NULL;
	int err = errno;

	pthread_rwlock_wrlock(&s->lock);
	if (t) {
		old = s->table;
		s->table = t;
	} else if (err || !same_file(st, &s->refused)) {
		if (!err)
			s->refused = *st;
		smb3_log(SMB3_LOG_ERROR, "users: %s; the accounts stay as they were", why);
	}
	pthread_rwlock_unlock(&s->lock);
	table_free(old);
}

void store_refresh(struct store *s)
{
	struct stat st = { 0 };
	bool changed;

	if (stat(s->path, &st) < 0)
		memset(&st, 0, sizeof(st));
	pthread_rwlock_rdlock(&s->lock);
	changed = !same_file(&st, &s->table->id) && (!st.st_ino || !same_file(&st, &s->refused));
	pthread_rwlock_unlock(&s->lock);
	if (changed)
		store_reread(s, &st);
}

int store_find(struct store *s, const char *name, struct smb3_account *ret_account)
{
	const struct entry *e;

	store_refresh(s);
	pthread_rwlock_rdlock(&s->lock);
	e = table_find(s->table, name);
	if (e)
		*ret_account = e->account;
	pthread_rwlock_unlock(&s->lock);
	return e ? 0 : -ENOENT;
}

size_t store_count(struct store *s)
{
	size_t count;

	store_refresh(s);
	pthread_rwlock_rdlock(&s->lock);
	count = s->table->count;
	pthread_rwlock_unlock(&s->lock);
	return count;
}

void store_each(struct store *s, bool (*fn)(const struct smb3_account *, void *), void *arg)
{
	store_refresh(s);
	pthread_rwlock_rdlock(&s->lock);
	for (const struct entry *e = s->table->first; e && fn(&e->account, arg); e = e->next)
		;
	pthread_rwlock_unlock(&s->lock);
}

/* ---- changing ---- */

/* The lock file stays: another process may be waiting for it. -errno, or the descriptor. */
static int change_begin(const struct store *s, char why[USERS_WHY_SIZE])
{
	char lock[PATH_SIZE];
	int fd;

	snprintf(lock, sizeof(lock), "%s.lock", s->path);
	fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd >= 0 && flock(fd, LOCK_EX) == 0)
		return fd;
	store_problem(why, "cannot lock %.200s: %s%s", lock, strerror(errno),
		      errno == ENOENT ? " (the folder has to be made first)" : "");
	if (fd < 0)
		return -errno;
	close(fd);
	return -EIO;
}

/* A descriptor of its own, for stdio closes it; and a buffer of ours, to wipe. */
static int table_write(int fd, void *arg)
{
	const struct table *t = arg;
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0), err = 0;
	FILE *f = copy < 0 ? NULL : fdopen(copy, "w");
	char buf[BUFSIZ];

	if (!f) {
		err = -errno;
		if (copy >= 0)
			close(copy);
		return err;
	}
	setvbuf(f, buf, _IOFBF, sizeof(buf));
	errno = 0;
	fputs("# Accounts and groups of smb3d. Change them with: smb3ctl user, smb3ctl group\n", f);
	for (const struct entry *e = t->first; e; e = e->next)
		line_write(f, &e->account);
	table_group_lines(t, f);
	if (fflush(f) != 0 || ferror(f))
		err = errno ? -errno : -EIO;
	else if (ftello(f) > FILE_MAX) /* it could not be read again */
		err = -EFBIG;
	if (fclose(f) && !err)
		err = errno ? -errno : -EIO;
	smb3_wipe(buf, sizeof(buf));
	return err;
}

/* With the lock held. */
static int file_replace(const struct store *s, struct table *t, char why[USERS_WHY_SIZE])
{
	int err = smb3_disk_replace_by(s->path, 0600, table_write, t);

	if (err)
		store_problem(why, "cannot write %.200s: %s", s->path, strerror(-err));
	return err;
}

const struct smb3_account *edit_find(const struct store_edit *edit, const char *name)
{
	const struct entry *e = table_find(edit->table, name);

	return e ? &e->account : NULL;
}

int edit_put(struct store_edit *edit, const struct smb3_account *account, enum store_how how)
{
	struct entry *e = table_find(edit->table, account->name);

	if (e && how == STORE_ADD) {
		store_problem(edit->why, "there is an account \"%.64s\" already", account->name);
		return -EEXIST;
	}
	if (!e && how == STORE_CHANGE) {
		store_problem(edit->why, "there is no account \"%.64s\"", account->name);
		return -ENOENT;
	}
	if (!e && table_group(edit->table, account->name)) {
		store_problem(edit->why, "there is a group \"%.64s\"", account->name);
		return -EEXIST;
	}
	if (e)
		e->account = *account;
	else
		table_add(edit->table, account);
	return 0;
}

int edit_remove(struct store_edit *edit, const char *name)
{
	struct entry *e = table_find(edit->table, name);

	if (e) {
		table_remove(edit->table, e);
		return 0;
	}
	store_problem(edit->why, "there is no account \"%.64s\"", name);
	return -ENOENT;
}

bool edit_is_group(const struct store_edit *edit, const char *name)
{
	return table_group(edit->table, name);
}

int store_edit(struct store *s, int (*fn)(struct store_edit *edit, void *arg), void *arg,
	       char why[USERS_WHY_SIZE])
{
	struct store_edit edit = { .why = why };
	int lock = change_begin(s, why), err = -EINVAL;

	if (lock < 0)
		return lock;
	edit.table = table_load(s->path, why);
	if (edit.table) {
		err = fn(&edit, arg);
		if (!err)
			err = file_replace(s, edit.table, why);
		table_free(edit.table);
	}
	close(lock);
	if (!err)
		store_refresh(s);
	return err < 0 ? err : 0;
}

/* ---- one account ---- */

struct one {
	const char *name;
	const struct smb3_account *account;
	enum store_how how;
	void (*change)(struct smb3_account *account, void *arg);
	void *arg;
};

static int put_one(struct store_edit *edit, void *arg)
{
	const struct one *one = arg;

	return edit_put(edit, one->account, one->how);
}

static int remove_one(struct store_edit *edit, void *arg)
{
	const struct one *one = arg;

	return edit_remove(edit, one->name);
}

static int modify_one(struct store_edit *edit, void *arg)
{
	const struct one *one = arg;
	const struct smb3_account *found = edit_find(edit, one->name);
	struct smb3_account a = { .has_password = false };
	int err;

	if (found)
		a = *found;
	else
		snprintf(a.name, sizeof(a.name), "%s", one->name);
	one->change(&a, one->arg);
	err = edit_put(edit, &a, STORE_CHANGE);
	smb3_wipe(&a, sizeof(a));
	return err;
}

int store_modify(struct store *s, const char *name,
		 void (*change)(struct smb3_account *account, void *arg), void *arg,
		 char why[USERS_WHY_SIZE])
{
	struct one one = { .name = name, .change = change, .arg = arg };

	return store_edit(s, modify_one, &one, why);
}

int store_put(struct store *s, const struct smb3_account *account, enum store_how how,
	      char why[USERS_WHY_SIZE])
{
	struct one one = { .account = account, .how = how };
	const char *bad = name_problem(account->name);

	if (!bad && account->unix_name[0])
		bad = unix_name_problem(account->unix_name);
	if (!bad)
		return store_edit(s, put_one, &one, why);
	store_problem(why, "no account can have that name: %s", bad);
	return -EINVAL;
}

int store_remove(struct store *s, const char *name, char why[USERS_WHY_SIZE])
{
	struct one one = { .name = name };

	return store_edit(s, remove_one, &one, why);
}
