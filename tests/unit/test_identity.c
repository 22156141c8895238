// SPDX-License-Identifier: Apache-2.0
/*
 * test_identity.c: who somebody is, and threads that act as somebody.
 */
#include "core.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct smb3_server *server_make(void)
{
	struct smb3_server *server = smb3_alloc(sizeof(*server));

	server->magic = SMB3_SERVER_MAGIC;
	smb3_own_init(server);
	smb3_slots_layout(server);
	return server;
}

static void server_free(struct smb3_server *server)
{
	smb3_own_done(server);
	smb3_slots_free(&server->slots);
	free(server);
}

static struct smb3_identity *identity_of(struct smb3_server *server, const char *name,
					 const char *unix_name)
{
	struct smb3_identity *id = NULL;

	cr_assert_eq(smb3_identity_new(server, name, "", unix_name, &id), 0);
	return id;
}

/* The first user of the machine that is not root, with groups if possible. */
static char *other_user(void)
{
	char *name = NULL;
	struct passwd *pw;

	setpwent();
	while (!name && (pw = getpwent()))
		if (pw->pw_uid != geteuid() && pw->pw_gid != getegid())
			name = smb3_strdup(pw->pw_name);
	endpwent();
	cr_assert_not_null(name, "this machine has no second user");
	return name;
}

static void need_root(void)
{
	if (geteuid() != 0)
		cr_skip_test("only root may act as another user");
}

static struct smb3_server *server_as_root(void)
{
	need_root();
	return server_make();
}

static uid_t worn_uid(void)
{
	return (uid_t)syscall(SYS_setfsuid, (uid_t)-1);
}

static gid_t worn_gid(void)
{
	return (gid_t)syscall(SYS_setfsgid, (gid_t)-1);
}

Test(identity, is_looked_up_like_the_system_does)
{
	struct smb3_server *server = server_as_root();
	char *name = other_user();
	struct passwd *pw = getpwnam(name);
	gid_t groups[1024];
	int n = (int)SMB3_ARRAY_SIZE(groups);
	struct smb3_identity *id;

	cr_assert(getgrouplist(name, pw->pw_gid, groups, &n) >= 0);
	id = identity_of(server, name, "");
	cr_assert_eq(id->uid, pw->pw_uid);
	cr_assert_eq(id->gid, pw->pw_gid);
	cr_assert_str_eq(id->name, name);
	cr_assert_str_eq(id->unix_name, name);
	cr_assert_eq(id->n_groups, (size_t)n);
	cr_assert_eq(memcmp(id->groups, groups, (size_t)n * sizeof(gid_t)), 0);
	smb3_identity_unref(id);
	free(name);
	server_free(server);
}

Test(identity, account_and_unix_name_may_differ)
{
	struct smb3_server *server = server_as_root();
	char *name = other_user();
	struct smb3_identity *id;

	id = identity_of(server, "Alice in Wonderland", name);
	cr_assert_str_eq(id->name, "Alice in Wonderland");
	cr_assert_str_eq(id->unix_name, name);
	smb3_identity_unref(id);
	free(name);
	server_free(server);
}

Test(identity, unknown_user_is_enoent)
{
	struct smb3_server *server = server_as_root();
	struct smb3_identity *id = NULL;

	cr_assert_eq(smb3_identity_new(server, "no-such-user-here", "", "", &id), -ENOENT);
	cr_assert_null(id);
	server_free(server);
}

Test(identity, server_that_cannot_switch_serves_as_its_own_user)
{
	struct smb3_server *server = server_make();
	struct smb3_identity *id, *worn = NULL;

	server->can_switch = false;
	id = identity_of(server, "no-such-user-here", "");
	cr_assert_eq(id->uid, geteuid());
	cr_assert_str_eq(id->name, "no-such-user-here");
	cr_assert_eq(smb3_become(server, &worn, id), 0);
	cr_assert_eq(worn, id);
	cr_assert_eq(worn_uid(), geteuid());
	cr_assert_eq(smb3_become(server, &worn, NULL), 0);
	smb3_identity_unref(id);
	server_free(server);
}

Test(identity, own_user_without_a_name)
{
	struct smb3_server *server = server_make();
	struct smb3_identity *id;

	server->can_switch = false;
	server->own_uid = 4000000000u;
	id = identity_of(server, "alice", "");
	cr_assert_str_eq(id->unix_name, "4000000000");
	cr_assert_eq(id->uid, 4000000000u);
	smb3_identity_unref(id);
	server_free(server);
}

/* This process alone sees another /etc/group: the old one and a group with that user in it. */
static void group_add(gid_t gid, const char *user)
{
	const char *tmp = getenv("TMPDIR");
	char path[96], line[256];
	FILE *from = fopen("/etc/group", "r"), *to;

	if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		cr_skip_test("no mount namespaces here");
	snprintf(path, sizeof(path), "%.60s/smb3-group-%d", tmp ? tmp : "/tmp", (int)getpid());
	to = fopen(path, "w");
	cr_assert(from && to);
	while (fgets(line, sizeof(line), from))
		fputs(line, to);
	fprintf(to, "smb3-test:x:%u:%s\n", (unsigned int)gid, user);
	fclose(from);
	fclose(to);
	cr_assert_eq(mount(path, "/etc/group", NULL, MS_BIND, NULL), 0);
	unlink(path);
}

static bool has_group(const struct smb3_identity *id, gid_t gid)
{
	for (size_t i = 0; i < id->n_groups; i++)
		if (id->groups[i] == gid)
			return true;
	return false;
}

/* A new log-on, be it of the same session, does not keep old groups. */
Test(identity, groups_are_looked_up_anew_at_each_logon)
{
	struct smb3_server *server = server_as_root();
	char *name = other_user();
	struct smb3_identity *before = identity_of(server, name, ""), *after;

	group_add(54321, name);
	after = identity_of(server, name, "");
	cr_assert_not(has_group(before, 54321));
	cr_assert(has_group(after, 54321));
	cr_assert(smb3_identity_same(before, after), "the same account all the while");
	smb3_identity_unref(before);
	smb3_identity_unref(after);
	free(name);
	server_free(server);
}

Test(identity, same_is_the_same_account)
{
	struct smb3_server *server = server_make();
	struct smb3_identity *a, *b, *c;

	server->can_switch = false;
	a = identity_of(server, "Alice", "");
	b = identity_of(server, "ALICE", "");
	c = identity_of(server, "bob", "");
	cr_assert(smb3_identity_same(a, b));
	cr_assert_not(smb3_identity_same(a, c), "one Unix user, two accounts");
	cr_assert_not(smb3_identity_same(a, NULL));
	b->guest = true;
	cr_assert_not(smb3_identity_same(a, b));
	a->guest = true;
	cr_assert_not(smb3_identity_same(a, b), "two guests are two people");
	cr_assert(smb3_identity_same(a, a));
	smb3_identity_unref(a);
	smb3_identity_unref(b);
	smb3_identity_unref(c);
	server_free(server);
}

Test(identity, thread_wears_user_and_takes_it_off)
{
	struct smb3_server *server = server_as_root();
	char *name = other_user();
	struct smb3_identity *id, *worn = NULL;
	gid_t groups[1024];
	int n;

	id = identity_of(server, name, "");
	cr_assert_eq(smb3_become(server, &worn, id), 0);
	cr_assert_eq(atomic_load(&id->refs), 2, "what is worn is counted");
	cr_assert_eq(worn_uid(), id->uid);
	cr_assert_eq(worn_gid(), id->gid);
	n = (int)syscall(SYS_getgroups, SMB3_ARRAY_SIZE(groups), groups);
	cr_assert_eq((size_t)n, id->n_groups);
	cr_assert_eq(geteuid(), 0);

	cr_assert_eq(smb3_become(server, &worn, NULL), 0);
	cr_assert_null(worn);
	cr_assert_eq(worn_uid(), 0);
	cr_assert_eq(worn_gid(), getegid());
	n = (int)syscall(SYS_getgroups, SMB3_ARRAY_SIZE(groups), groups);
	cr_assert_eq((size_t)n, server->n_own_groups);
	cr_assert_eq(atomic_load(&id->refs), 1);
	smb3_identity_unref(id);
	free(name);
	server_free(server);
}

static void *other_thread(void *arg)
{
	*(uid_t *)arg = worn_uid();
	return NULL;
}

Test(identity, only_this_thread_changes)
{
	struct smb3_server *server = server_as_root();
	char *name = other_user();
	struct smb3_identity *id, *worn = NULL;
	char path[] = "/tmp/smb3-identity-XXXXXX";
	int fd = mkstemp(path);
	pthread_t thread;
	uid_t uid = 1;

	cr_assert(fd >= 0 && fchmod(fd, 0600) == 0);
	id = identity_of(server, name, "");
	cr_assert_eq(pthread_create(&thread, NULL, other_thread, &uid), 0);
	pthread_join(thread, NULL);
	cr_assert_eq(uid, 0);
	cr_assert_eq(smb3_become(server, &worn, id), 0);
	cr_assert_eq(open(path, O_RDONLY | O_CLOEXEC), -1, "root's file is not the user's");
	cr_assert_eq(errno, EACCES);
	cr_assert_eq(smb3_become(server, &worn, NULL), 0);
	unlink(path);
	close(fd);
	smb3_identity_unref(id);
	free(name);
	server_free(server);
}

/* Takes a capability away from this thread, which then cannot change that way. */
static void capability_drop(unsigned int capability)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	cr_assert_eq(syscall(SYS_capget, &header, data), 0);
	data[0].effective &= ~(1u << capability);
	cr_assert_eq(syscall(SYS_capset, &header, data), 0);
}

static void refuses(unsigned int capability)
{
	struct smb3_server *server = server_as_root();
	char *name = other_user();
	struct smb3_identity *id, *worn = NULL;

	id = identity_of(server, name, "");
	capability_drop(capability);
	cr_assert_eq(smb3_become(server, &worn, id), -EPERM);
	cr_assert_null(worn);
	cr_assert_eq(worn_uid(), 0);
	cr_assert_eq(worn_gid(), getegid());
	smb3_identity_unref(id);
	free(name);
	server_free(server);
}

Test(identity, failed_change_of_user_changes_nothing)
{
	refuses(CAP_SETUID);
}

Test(identity, failed_change_of_groups_changes_nothing)
{
	refuses(CAP_SETGID);
}

Test(identity, without_the_capabilities_nobody_is_switched)
{
	struct smb3_server *server;

	need_root();
	capability_drop(CAP_SETGID);
	server = server_make();
	cr_assert_not(server->can_switch);
	server_free(server);
}

/* What was asked a moment ago is not asked again, until it is too old or the configuration is loaded. */
Test(identity, answers_are_kept_for_a_moment)
{
	struct smb3_server *server = server_as_root();
	struct smb3_identity *id = NULL, *kept, *anew;
	char *name = other_user();

	server->people = smb3_people_new();
	smb3_people_reset(server->people, 3600000);
	id = identity_of(server, name, "");
	group_add(54321, name);
	kept = identity_of(server, name, "");
	cr_expect_not(has_group(kept, 54321));
	cr_expect_eq(kept->uid, id->uid);
	cr_expect_eq(kept->gid, id->gid);
	cr_expect_eq(kept->n_groups, id->n_groups);
	cr_expect_str_eq(kept->unix_name, id->unix_name);
	smb3_people_reset(server->people, 0);
	for (int i = 0; i < 2; i++) {
		anew = identity_of(server, name, "");
		cr_expect(has_group(anew, 54321));
		smb3_identity_unref(anew);
	}
	smb3_identity_unref(id);
	smb3_identity_unref(kept);
	smb3_people_free(server->people);
	free(name);
	server_free(server);
}

Test(identity, answers_have_their_time)
{
	struct smb3_people *people = smb3_people_new();
	struct smb3_identity id = { .unix_name = "alice", .uid = 7, .gid = 8 }, found = { 0 };
	uint64_t minute = 60ull * 1000000000, now = smb3_clock() + 2 * minute;

	smb3_people_reset(people, 60000);
	cr_expect_eq(smb3_people_find(people, "alice", &found), -EAGAIN);
	smb3_people_keep(people, "alice", now - 4 * minute, 0, &id);
	cr_expect_eq(smb3_people_find(people, "alice", &found), -EAGAIN, "too old");
	smb3_people_keep(people, "nobody-here", now, -ENOENT, &id);
	cr_expect_eq(smb3_people_find(people, "nobody-here", &found), -ENOENT);
	smb3_people_keep(people, "broken", now, -EIO, &id);
	cr_expect_eq(smb3_people_find(people, "broken", &found), -EAGAIN);
	smb3_people_keep(people, "alice", now, 0, &id);
	cr_expect_eq(smb3_people_find(people, "ALICE", &found), -EAGAIN, "case counts");
	cr_assert_eq(smb3_people_find(people, "alice", &found), 0);
	cr_expect_eq(found.uid, 7);
	free((char *)(uintptr_t)found.unix_name);
	free(found.groups);
	smb3_people_free(people);
}
