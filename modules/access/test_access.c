// SPDX-License-Identifier: Apache-2.0
/*
 * test_access.c: lists of addresses, and what a configuration may say.
 */
#include "access.h"
#include "testmods.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>

#define LIST_MAX 16

/* "a b c" as a list. */
struct list {
	char text[256];
	const char *entries[LIST_MAX + 1];
};

static const char *const *list_of(struct list *l, const char *words)
{
	char *rest = l->text, *word;
	size_t n = 0;

	snprintf(l->text, sizeof(l->text), "%s", words);
	while ((word = strsep(&rest, " ")) && n < LIST_MAX)
		if (*word)
			l->entries[n++] = word;
	l->entries[n] = NULL;
	return l->entries;
}

static struct sockaddr_storage address(const char *text)
{
	struct sockaddr_storage sa = { .ss_family = AF_UNSPEC };
	struct sockaddr_in *v4 = (void *)&sa;
	struct sockaddr_in6 *v6 = (void *)&sa;

	if (inet_pton(AF_INET, text, &v4->sin_addr) == 1)
		sa.ss_family = AF_INET;
	else if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1)
		sa.ss_family = AF_INET6;
	return sa;
}

static bool admits(const char *allow, const char *deny, const char *peer)
{
	struct list a, d;
	struct access_conf conf = { .hosts_allow = list_of(&a, allow),
				    .hosts_deny = list_of(&d, deny) };
	struct sockaddr_storage from = address(peer), to = address("192.0.2.1");
	char why[256];

	cr_assert(hosts_sound(conf.hosts_allow, why, sizeof(why)), "%s", why);
	cr_assert(hosts_sound(conf.hosts_deny, why, sizeof(why)), "%s", why);
	return hosts_admit(&conf, &from, &to, why, sizeof(why));
}

Test(hosts, lists_decide)
{
	static const struct {
		const char *allow, *deny, *peer;
		bool in;
	} cases[] = {
		{ "", "", "10.1.2.3", true },
		{ "10.1.2.3", "", "10.1.2.3", true },
		{ "10.1.2.3", "", "10.1.2.4", false },
		{ "", "10.1.2.3", "10.1.2.3", false },
		{ "", "10.1.2.3", "10.1.2.4", true },
		{ "10.1.2.3", "all", "10.1.2.3", true },
		{ "10.1.2.3", "all", "10.1.2.4", false },
		{ "10.1.2.3", "10.9.9.9", "10.1.2.4", true },
		{ "10.0.0.0/8", "", "10.255.0.1", true },
		{ "10.0.0.0/8", "", "11.0.0.1", false },
		{ "10.128.0.0/9", "", "10.127.0.1", false },
		{ "10.128.0.0/9", "", "10.129.0.1", true },
		{ "10.0.0.0/255.0.0.0", "", "10.3.0.1", true },
		{ "10.0.0.0/255.255.255.255", "", "10.0.0.1", false },
		{ "0.0.0.0/0", "", "203.0.113.9", true },
		{ "0.0.0.0/0", "", "2001:db8::1", false },
		{ "192.168.1.", "", "192.168.1.77", true },
		{ "192.168.1.", "", "192.168.10.7", false },
		{ "192.", "", "192.1.2.3", true },
		{ "2001:db8::/32", "", "2001:db8:1::1", true },
		{ "2001:db8::/32", "", "2001:db9::1", false },
		{ "::/0", "", "10.0.0.1", true },
		{ "2001:db8::5", "", "2001:db8::5", true },
		/* IPv4 in the clothes of IPv6, on either side */
		{ "10.0.0.0/8", "", "::ffff:10.4.4.4", true },
		{ "::ffff:10.0.0.0/104", "", "10.4.4.4", true },
		{ "", "10.0.0.0/8", "::ffff:10.4.4.4", false },
		{ "all", "", "2001:db8::5", true },
		{ "", "ALL", "2001:db8::5", false },
		{ "local", "", "127.0.0.1", true },
		{ "local", "", "127.9.9.9", true },
		{ "local", "", "::1", true },
		{ "local", "", "192.0.2.1", true },
		{ "local", "", "192.0.2.2", false },
		{ "local", "", "a socket without an address", true },
		{ "10.0.0.0/8", "", "a socket without an address", false },
		{ "10.0.0.0/8 except 10.0.13.0/24", "", "10.0.12.1", true },
		{ "10.0.0.0/8 except 10.0.13.0/24", "", "10.0.13.1", false },
		{ "10.0.0.0/8 except 10.0.13.0/24", "", "9.0.0.1", false },
		{ "all except 10.0.0.0/8 except 10.0.0.7", "", "10.0.0.8", false },
		{ "all except 10.0.0.0/8 except 10.0.0.7", "", "10.0.0.7", true },
		{ "", "all except 10.0.0.7", "10.0.0.7", true },
		{ "", "all except 10.0.0.7", "10.0.0.8", false },
	};

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++)
		cr_expect_eq(admits(cases[i].allow, cases[i].deny, cases[i].peer), cases[i].in,
			     "allow [%s] deny [%s]: %s", cases[i].allow, cases[i].deny,
			     cases[i].peer);
}

Test(hosts, what_is_no_address_is_refused)
{
	static const char *const cases[] = {
		"localhost",
		"10.0.0",
		"10.0.0.256",
		"10.0.0.0/33",
		"10.0.0.0/-1",
		"10.0.0.0/",
		"10.0.0.0/255.0.255.0",
		"1.2.3.4.",
		"300.",
		".",
		"..",
		"2001:db8::/129",
		"1.-2.",
		"1.+2.",
		"10.0.0.0/8x",
		"",
		"except",
		"all except",
		"except all",
		"all except except all",
	};
	char why[300];

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		struct list l;
		const char *const *list = list_of(&l, cases[i]);
		const char *const empty[] = { "", NULL };

		cr_expect_not(hosts_sound(*cases[i] ? list : empty, why, sizeof(why)), "\"%s\"",
			      cases[i]);
	}
}

/* ---- a server's configuration ---- */

static bool starts(const char *options)
{
	char groups[400];
	struct test_mods *t;
	bool up;

	snprintf(groups, sizeof(groups), "access = { %s };", options);
	t = test_mods_start("\"access\"", groups);
	up = t->server != NULL;
	test_mods_stop(t);
	return up;
}

Test(access, takes_what_exists)
{
	const struct group *gr = getgrgid(0);
	char options[300];

	cr_assert(starts(""));
	cr_assert(starts("hosts_allow = [ \"10.0.0.0/8\", \"except\", \"10.1.1.1\" ];"));
	cr_assert(starts("max_connections = 3; available = false;"));
	snprintf(options, sizeof(options),
		 "valid_users = [ \"%s\", \"@%s\", \"+%s\", \"AD\\\\someone\" ]; force_user = "
		 "\"%s\"; force_group = \"+%s\";",
		 test_mods_user(), gr->gr_name, gr->gr_name, test_mods_user(), gr->gr_name);
	cr_assert(starts(options));
}

Test(access, refuses_what_does_not)
{
	static const char *const cases[] = {
		"hosts_allow = [ \"nowhere.example\" ];",
		"hosts_deny = [ \"10.0.0.0/40\" ];",
		"valid_users = [ \"@no-such-group\" ];",
		"invalid_users = [ \"+no-such-group\" ];",
		"read_list = [ \"@no-such-group\" ];",
		"write_list = [ \"@no-such-group\" ];",
		"admin_users = [ \"@no-such-group\" ];",
		"force_user = \"no-such-user\";",
		"force_group = \"no-such-group\";",
		"force_group = \"+no-such-group\";",
		"valid_users = \"root\";",
		"max_connections = -1;",
		"available = 1;",
	};

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++)
		cr_expect_not(starts(cases[i]), "%s", cases[i]);
}

Test(access, names_are_users_of_the_machine_when_it_may_change_users)
{
	struct test_mods *t = test_mods_start("\"access\"", "");
	bool root = smb3_server_can_switch(t->server);

	test_mods_stop(t);
	cr_assert_eq(starts("valid_users = [ \"no-such-user\" ];"), !root);
}
