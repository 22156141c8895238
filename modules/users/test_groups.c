// SPDX-License-Identifier: Apache-2.0
/*
 * test_groups.c: groups of the store: their lines, numbers and names; who is in them, in the file and by a
 * log-on; and the commands on them.
 */
#include "test_store.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <smb3/group.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct group_limits plenty = { 1000, 1000, 1000 };

TestSuite(users_groups, .init = store_setup, .fini = store_teardown, .timeout = 60);

static void file_has(const char *text)
{
	char buf[4096];
	FILE *f = fopen(here.path, "r");
	size_t n;

	cr_assert_not_null(f);
	n = fread(buf, 1, sizeof(buf) - 1, f);
	fclose(f);
	buf[n] = '\0';
	cr_expect_not_null(strstr(buf, text), "%s is not in: %s", text, buf);
}

static int change(struct store *s, const struct smb3_group_change *c)
{
	struct smb3_group after;

	return store_group_change(s, c, &plenty, &after, here.why);
}

static int add(struct store *s, const char *name, uint32_t *ret_rid)
{
	const struct smb3_group_change c = { .op = SMB3_GROUP_ADD, .name = name };
	struct smb3_group after = { .rid = 0 };
	int err = store_group_change(s, &c, &plenty, &after, here.why);

	if (ret_rid)
		*ret_rid = after.rid;
	return err;
}

static int member(struct store *s, enum smb3_group_op op, uint32_t rid, const char *name)
{
	return change(s, &(struct smb3_group_change){ .op = op, .rid = rid, .member = name });
}

static int drop(struct store *s, uint32_t rid)
{
	return change(s, &(struct smb3_group_change){ .op = SMB3_GROUP_REMOVE, .rid = rid });
}

static bool count_group(const struct smb3_group *g, void *arg)
{
	++*(int *)arg;
	return true;
}

static int groups_of(struct store *s, const char *name)
{
	int n = 0;

	store_group_each(s, name, count_group, &n);
	return n;
}

/* ---- the file ---- */

Test(users_groups, lines_are_kept_as_they_are)
{
	static const char lines[] = "ann:::::x\nbob::::0:0\nAnn Lee::::0:0\n"
				    "@:4009754640\n"
				    "@devs:4009754625::bob,Ann Lee:People: who, write\n"
				    "@Local Ones:4009754639:L::\n";
	struct smb3_group g;
	struct store *s;

	file_is(strstr(lines, "bob"));
	s = store_of_file();
	cr_assert_eq(store_group_find(s, 0, "DEVS", &g), 0, "names have no case");
	cr_expect_eq(g.rid, 4009754625u);
	cr_expect_eq(g.members, 2u);
	cr_expect_str_eq(g.comment, "People: who, write");
	cr_expect_not(g.alias);
	cr_assert_eq(store_group_find(s, 4009754639u, NULL, &g), 0);
	cr_expect(g.alias);
	cr_expect_eq(groups_of(s, "ann lee"), 1);
	cr_assert_eq(put(s, "carl", STORE_ADD), 0, "%s", here.why);
	cr_assert_eq(put(s, "dora", STORE_ADD), 0);
	store_free(s);
	file_has(strstr(lines, "@:"));
}

Test(users_groups, lines_that_make_no_sense)
{
	static const char *const bad[] = {
		"@",
		"@devs",
		"@devs:4009754624",
		"@devs:4009754624::",
		"@devs:4009754624:X::",
		"@devs:1000:::",
		"@devs:544:::",
		"@devs:4026531840:::",
		"@devs:+4009754624:::",
		"@devs::::",
		"@ devs:4009754624:::",
		"@a/b:4009754624:::",
		"@Administrators:4009754624:::",
		"@ann:4009754624:::",
		"@devs:4009754624::nobody:",
		"@devs:4009754624::ann,ann:",
		"@devs:4009754624::ann,:",
		"@devs:4009754624::,ann:",
		"@devs:4009754624:::a\tb",
		"@devs:4009754624:::\xff",
		"@:",
		"@:1000",
		"@:4026531841",
		"@:4009754624:",
		"@devs:4009754624:::\n@DEVS:4009754625:::",
		"@devs:4009754624:::\n@ops:4009754624:::",
		"@devs:4009754624:::\ndevs::::0:0",
	};

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(bad); i++) {
		char text[256];
		struct store *s;

		snprintf(text, sizeof(text), "ann::::0:0\n%s\n", bad[i]);
		file_is(text);
		s = store_open(here.path, here.why);
		cr_expect_null(s, "%s", bad[i]);
		cr_expect_not_null(strstr(here.why, strchr(bad[i], '\n') ? "line 3" : "line 2"),
				   "%s: %s", bad[i], here.why);
		store_free(s);
	}
}

Test(users_groups, added_changed_removed)
{
	struct store *s = store_of_file();
	struct smb3_group g;
	uint32_t rid;

	cr_assert_eq(put(s, "ann", STORE_ADD), 0);
	cr_assert_eq(add(s, "Devs", &rid), 0, "%s", here.why);
	cr_expect_eq(add(s, "DEVS", NULL), -EEXIST);
	cr_expect_eq(member(s, SMB3_GROUP_JOIN, rid, "ANN"), 0, "%s", here.why);
	cr_expect_eq(member(s, SMB3_GROUP_JOIN, rid, "ann"), -EEXIST);
	cr_expect_eq(member(s, SMB3_GROUP_JOIN, rid, "bob"), -ESRCH);
	cr_expect_eq(member(s, SMB3_GROUP_LEAVE, rid, "bob"), -ESRCH);
	cr_expect_eq(member(s, SMB3_GROUP_JOIN, rid + 1, "ann"), -ENOENT);
	cr_expect_eq(change(s, &(struct smb3_group_change){ .op = SMB3_GROUP_SET,
							    .rid = rid,
							    .name = "devs",
							    .comment = "a: b" }),
		     0, "%s", here.why);
	cr_assert_eq(store_group_find(s, 0, "devs", &g), 0);
	cr_expect_str_eq(g.name, "devs");
	cr_expect_str_eq(g.comment, "a: b");
	cr_expect_eq(g.rid, rid);
	cr_expect_eq(g.members, 1u);
	cr_expect_eq(member(s, SMB3_GROUP_LEAVE, rid, "ann"), 0);
	cr_expect_eq(groups_of(s, "ann"), 0);
	cr_expect_eq(drop(s, rid), 0);
	cr_expect_eq(drop(s, rid), -ENOENT);
	store_free(s);
}

Test(users_groups, numbers_are_never_given_twice)
{
	struct store *s = store_of_file();
	uint32_t first, second, third;

	cr_assert_eq(add(s, "one", &first), 0);
	cr_expect_eq(first, SMB3_GROUP_RIDS);
	cr_assert_eq(drop(s, first), 0);
	store_free(s);
	s = store_of_file();
	cr_assert_eq(add(s, "one", &second), 0);
	cr_expect_gt(second, first);
	cr_assert_eq(drop(s, second), 0);
	cr_assert_eq(put(s, "ann", STORE_ADD), 0);
	cr_assert_eq(add(s, "two", &third), 0);
	cr_expect_gt(third, second);
	store_free(s);
	/* Somebody who took that line out by hand. */
	file_is("@ten:4009754634:::\n@two:4009754626:::\n");
	s = store_of_file();
	cr_assert_eq(add(s, "three", &third), 0);
	cr_expect_eq(third, 4009754635u);
	store_free(s);
}

Test(users_groups, there_are_no_numbers_left)
{
	struct store *s;
	uint32_t rid;

	file_is("@:4026531839\n");
	s = store_of_file();
	cr_assert_eq(add(s, "last", &rid), 0, "%s", here.why);
	cr_expect_eq(rid, SMB3_GROUP_RIDS_END - 1);
	cr_expect_eq(add(s, "one more", NULL), -ENOSPC);
	cr_expect_eq(drop(s, rid), 0);
	cr_expect_eq(add(s, "one more", NULL), -ENOSPC);
	store_free(s);
}

Test(users_groups, accounts_and_groups_have_names_of_their_own)
{
	struct store *s = store_of_file();
	uint32_t rid;

	cr_assert_eq(put(s, "ann", STORE_ADD), 0);
	cr_expect_eq(add(s, "Ann", NULL), -EEXIST);
	cr_assert_eq(add(s, "devs", &rid), 0);
	cr_expect_eq(put(s, "DEVS", STORE_ADD), -EEXIST);
	cr_expect_eq(change(s, &(struct smb3_group_change){ .op = SMB3_GROUP_SET,
							    .rid = rid,
							    .name = "ann" }),
		     -EEXIST);
	store_free(s);
}

Test(users_groups, no_group_is_called_like_one_with_a_meaning)
{
	static const char *const names[] = { "Administrators",
					     "ADMINISTRATORS",
					     "Users",
					     "Guests",
					     "None",
					     "Everyone",
					     "SYSTEM",
					     "Administrator",
					     "Domain Admins",
					     "NT AUTHORITY",
					     "builtin",
					     "Authenticated Users",
					     "CREATOR OWNER",
					     "",
					     "a,b",
					     "a:b",
					     "@devs",
					     " devs",
					     "S\n1" };
	struct store *s = store_of_file();
	uint32_t rid;

	cr_assert_eq(add(s, "devs", &rid), 0);
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(names); i++) {
		cr_expect_eq(add(s, names[i], NULL), -EINVAL, "%s", names[i]);
		cr_expect_eq(change(s, &(struct smb3_group_change){ .op = SMB3_GROUP_SET,
								    .rid = rid,
								    .name = names[i] }),
			     -EINVAL, "%s", names[i]);
	}
	store_free(s);
}

Test(users_groups, who_goes_leaves_his_groups)
{
	struct store *s = store_of_file();
	struct smb3_group g;
	uint32_t rid;

	cr_assert_eq(put(s, "ann", STORE_ADD), 0);
	cr_assert_eq(put(s, "bob", STORE_ADD), 0);
	cr_assert_eq(add(s, "devs", &rid), 0);
	cr_assert_eq(member(s, SMB3_GROUP_JOIN, rid, "ann"), 0);
	cr_assert_eq(member(s, SMB3_GROUP_JOIN, rid, "bob"), 0);
	cr_assert_eq(store_remove(s, "ann", here.why), 0);
	cr_assert_eq(put(s, "ann", STORE_ADD), 0);
	cr_expect_eq(groups_of(s, "ann"), 0, "another ann");
	cr_assert_eq(store_group_find(s, rid, NULL, &g), 0);
	cr_expect_eq(g.members, 1u);
	store_free(s);
}

Test(users_groups, limits)
{
	static const struct group_limits few = { 2, 1, 1 };
	struct store *s = store_of_file();
	struct smb3_group after;
	uint32_t one, two;

	cr_assert_eq(put(s, "ann", STORE_ADD), 0);
	cr_assert_eq(put(s, "bob", STORE_ADD), 0);
	cr_assert_eq(add(s, "one", &one), 0);
	cr_assert_eq(add(s, "two", &two), 0);
	cr_expect_eq(store_group_change(s,
					&(struct smb3_group_change){ .op = SMB3_GROUP_ADD,
								     .name = "three" },
					&few, &after, here.why),
		     -ENOSPC);
	cr_assert_eq(member(s, SMB3_GROUP_JOIN, one, "ann"), 0);
	cr_expect_eq(store_group_change(s,
					&(struct smb3_group_change){ .op = SMB3_GROUP_JOIN,
								     .rid = one,
								     .member = "bob" },
					&few, &after, here.why),
		     -ENOSPC);
	cr_expect_eq(store_group_change(s,
					&(struct smb3_group_change){ .op = SMB3_GROUP_JOIN,
								     .rid = two,
								     .member = "ann" },
					&few, &after, here.why),
		     -ENOSPC);
	store_free(s);
}

#define WRITERS 4
#define EACH    8

static int write_some(struct store *s, int writer)
{
	for (int n = 0; n < EACH; n++) {
		char name[32];
		uint32_t rid;

		snprintf(name, sizeof(name), "group %d %d", writer, n);
		if (add(s, name, &rid) || member(s, SMB3_GROUP_JOIN, rid, "ann"))
			return 1;
	}
	return 0;
}

static bool grows(const struct smb3_group *g, void *arg)
{
	uint32_t *last = arg;

	cr_expect_gt(g->rid, *last);
	*last = g->rid;
	return true;
}

Test(users_groups, writers_take_turns)
{
	struct store *s = store_of_file();
	uint32_t last = 0;
	int n = 0;

	cr_assert_eq(put(s, "ann", STORE_ADD), 0);
	for (int i = 0; i < WRITERS; i++)
		if (fork() == 0)
			_exit(write_some(s, i));
	for (int i = 0; i < WRITERS; i++) {
		int status;

		cr_assert(wait(&status) > 0);
		cr_assert_eq(status, 0);
	}
	store_group_each(s, NULL, count_group, &n);
	cr_expect_eq(n, WRITERS * EACH);
	store_group_each(s, NULL, grows, &last);
	cr_expect_eq(groups_of(s, "ann"), WRITERS * EACH);
	store_free(s);
}

/* ---- the module ---- */

TestSuite(users_groups_mod, .init = module_setup, .fini = module_teardown, .timeout = 60);

/* Every account that is made has this password. */
static bool run(const char *line)
{
	return command("Password", line);
}

static void add_user(const char *name)
{
	char line[128];

	snprintf(line, sizeof(line), "user add %s unix=%s", name, test_mods_user());
	cr_assert(run(line), "%s", said.text);
}

Test(users_groups_mod, commands)
{
	add_user("Ann");
	cr_assert(run("group add devs comment=Who:writes"), "%s", said.text);
	cr_assert(run("group add locals local"));
	cr_expect_not(run("group add DEVS"));
	cr_assert(run("group join devs ann"), "%s", said.text);
	cr_expect_not(run("group join devs ann"));
	cr_expect_not(run("group join devs bob"));
	cr_expect_not(run("group join ops ann"));
	cr_assert(run("group list"));
	cr_expect_not_null(strstr(said.text, "Who:writes"));
	cr_expect_not_null(strstr(said.text, "-4009754624\""), "%s", said.text);
	cr_expect_not_null(strstr(said.text, "\"local\""));
	cr_assert(run("group members devs"));
	cr_expect_not_null(strstr(said.text, "\"Ann\""));
	cr_assert(run("user show ann"));
	cr_expect_not_null(strstr(said.text, "\"devs\""), "%s", said.text);
	cr_assert(run("group set devs name=writers comment="));
	cr_expect_not(run("group members devs"));
	cr_expect_not(run("group set writers local"));
	cr_assert(run("group leave writers ann"));
	cr_expect_not(run("group leave writers ann"));
	cr_assert(run("group delete writers"));
	cr_expect_not(run("group del writers"));
	cr_expect_not(run("group members writers"));
}

Test(users_groups_mod, names_of_others_are_not_taken)
{
	char line[128];

	cr_expect_not(run("group add root"), "a Unix user, and a group");
	cr_expect_not(run("group add ROOT"), "however large the letters");
	cr_expect_not(run("group add daemon"));
	cr_expect_not(run("group add Administrators"));
	snprintf(line, sizeof(line), "group add %s", smb3_server_conf(t->server)->name);
	cr_expect_not(run(line), "the server's name");
	snprintf(line, sizeof(line), "group add %s", smb3_server_conf(t->server)->workgroup);
	cr_expect_not(run(line));
	cr_assert(run("group add devs"));
	cr_expect_not(run("group set devs name=root"));
	cr_expect(run("group set devs name=Devs"), "its own, with other letters");
	cr_expect_not(run("user add devs"), "an account called like a group");
}

static struct smb3_identity *log_on(const char *name)
{
	struct smb3_identity *id;

	cr_assert_eq(smb3_identity_new(t->server, name, "", test_mods_user(), &id), 0);
	cr_assert_eq(smb3_identity_join(id), 0);
	return id;
}

static bool has_group(const struct smb3_identity *id, uint32_t rid)
{
	struct smb3_rpc_sid machine = smb3_machine_sid(smb3_server_guid(t->server));
	struct smb3_cursor c = smb3_cursor_init(id->sids, id->sids_len);
	uint32_t found;

	while (smb3_cursor_left(&c)) {
		struct smb3_rpc_sid sid = smb3_get_rpc_sid(&c);

		cr_assert(smb3_cursor_ok(&c));
		if (smb3_rpc_sid_in(&sid, &machine, &found) && found == rid)
			return true;
	}
	return false;
}

Test(users_groups_mod, a_log_on_has_the_groups_of_that_moment)
{
	struct smb3_identity *before, *after, *copy;
	const char *name;

	add_user("ann");
	add_user("bob");
	cr_assert(run("group add devs"));
	cr_assert(run("group add ops local"));
	cr_assert(run("group join devs ann"));
	cr_assert(run("group join ops ann"));
	before = log_on("ann");
	cr_expect(has_group(before, SMB3_GROUP_RIDS));
	cr_expect(has_group(before, SMB3_GROUP_RIDS + 1));
	name = smb3_identity_group(before, NULL);
	cr_assert_not_null(name);
	name = smb3_identity_group(before, name);
	cr_assert_not_null(name);
	cr_expect_null(smb3_identity_group(before, name));
	cr_assert(run("group leave devs ann"));
	after = log_on("ann");
	cr_expect_not(has_group(after, SMB3_GROUP_RIDS));
	cr_expect(has_group(after, SMB3_GROUP_RIDS + 1));
	cr_expect(has_group(before, SMB3_GROUP_RIDS), "who is logged on stays what he is");
	cr_assert_eq(smb3_identity_new(t->server, "ann", "", test_mods_user(), &copy), 0);
	smb3_identity_share_groups(copy, after);
	cr_expect(has_group(copy, SMB3_GROUP_RIDS + 1));
	cr_expect_str_eq(smb3_identity_group(copy, NULL), "ops");
	smb3_identity_unref(copy);
	smb3_identity_unref(before);
	smb3_identity_unref(after);
	after = log_on("bob");
	cr_expect(has_group(after, smb3_account_rid("bob", NULL, 0)), "his own SID");
	cr_expect_eq(after->sids_len, 28u, "and no other");
	cr_expect_null(smb3_identity_group(after, NULL));
	smb3_identity_unref(after);
}
