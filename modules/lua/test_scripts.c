// SPDX-License-Identifier: Apache-2.0
/*
 * test_scripts.c: the scripts that smb3d ships, as their first lines say.
 */
#include "test_play.h"

#include <criterion/criterion.h>
#include <smb3/base.h>
#include <smb3/status.h>
#include <smb3/time.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define DENIED ((uint32_t)STATUS_ACCESS_DENIED)
#define DAY    86400

static struct play *play;
static struct player *client;

/* vars of the share "files", and of the server */
static void start(const char *script, const char *vars, const char *server_vars)
{
	char name[64], share[300], lua[300];
	struct play_conf conf = { .scripts = name, .share = share, .lua = lua };

	snprintf(name, sizeof(name), "\"%s\"", script);
	snprintf(share, sizeof(share), "lua = { vars = [ %s ]; };", vars);
	snprintf(lua, sizeof(lua), "vars = [ %s ];", server_vars);
	play = play_start(&conf);
	client = player_new(play, NULL);
}

static void connect_files(void)
{
	cr_assert_eq(player_connect(client, "files"), 0u);
}

static void fini(void)
{
	play_over(&play, &client);
	smb3_now_set(0);
}

static void set_time(int wday, int hour)
{
	/* The 7th of June 2026 is a Sunday. */
	struct tm tm = {
		.tm_year = 126, .tm_mon = 5, .tm_mday = 7 + wday, .tm_hour = hour, .tm_isdst = -1
	};
	struct timespec ts = { .tv_sec = mktime(&tm) };

	smb3_now_set(smb3_nttime_from_timespec(&ts));
}

/* Until the worker has had its mail. */
static bool until_gone(void)
{
	time_t end = time(NULL) + 20;
	uint32_t status = 0;

	while (status != (uint32_t)STATUS_USER_SESSION_DELETED && time(NULL) < end)
		status = player_get(client, "none");
	return status == (uint32_t)STATUS_USER_SESSION_DELETED;
}

TestSuite(scripts, .fini = fini, .timeout = 120);

Test(scripts, office_hours)
{
	start("office-hours", "\"office_hours=8-18\", \"office_days=1-5\"", "");
	connect_files();
	set_time(3, 12);
	cr_assert_eq(player_put(client, "a", "x"), 0u);
	set_time(3, 17);
	cr_assert_eq(player_put(client, "a", "x"), 0u);
	set_time(3, 18);
	cr_assert_eq(player_put(client, "a", "x"), DENIED);
	cr_assert(play_says(play, "office-hours.lua:27: outside of office hours (8-18)"), "%s",
		  play_why(play));
	cr_assert_eq(player_get(client, "a"), 0u);
	set_time(3, 7);
	cr_assert_eq(player_put(client, "a", "x"), DENIED);
	set_time(0, 12);
	cr_assert_eq(player_put(client, "a", "x"), DENIED);
	cr_assert(play_says(play, "not a working day"));
	set_time(1, 8);
	cr_assert_eq(player_put(client, "a", "x"), 0u);
	cr_assert_eq(player_connect(client, "share"), 0u);
	set_time(0, 3);
	cr_assert_eq(player_put(client, "a", "x"), 0u, "another share");
}

Test(scripts, homes)
{
	char path[200], lua[300];
	struct play_conf conf = { .scripts = "\"homes\"", .lua = lua };

	snprintf(path, sizeof(path), "/tmp/smb3homes.XXXXXX");
	cr_assert_not_null(mkdtemp(path));
	snprintf(lua, sizeof(lua),
		 "vars = [ \"homes_from=files\", \"homes_path=%s\" ]; "
		 "roots = [ \"/tmp\" ];",
		 path);
	play = play_start(&conf);
	client = player_new(play, NULL);
	strcat(path, "/alice");
	cr_assert_eq(mkdir(path, 0755), 0);
	cr_assert_eq(player_connect(client, "alice"), 0u);
	cr_assert_eq(player_put(client, "a", "x"), 0u);
	cr_assert_eq(player_connect(client, "bob"), (uint32_t)STATUS_BAD_NETWORK_NAME);
	strcat(path, "/a");
	cr_assert_eq(unlink(path), 0);
	*strrchr(path, '/') = '\0';
	cr_assert_eq(rmdir(path), 0);
	*strrchr(path, '/') = '\0';
	cr_assert_eq(rmdir(path), 0);
}

static bool client_may(const char *field, const char *vars)
{
	char *answer = play_ctl(play, "lua", "test", "clients", "--event", "tree_connect", field,
				vars, "user=u", NULL);
	bool may = strstr(answer, "\"answer\":\"pass\"") != NULL;

	cr_assert(strstr(answer, "\"answer\":\"error\"") == NULL, "%s", answer);
	free(answer);
	return may;
}

Test(scripts, clients)
{
	start("clients", "", "");
	cr_assert(client_may("address=10.1.2.3", "vars.allow_clients=10.0.0.0/8 192.0.2.7"));
	cr_assert(client_may("address=192.0.2.7", "vars.allow_clients=10.0.0.0/8 192.0.2.7"));
	cr_assert_not(client_may("address=11.0.0.1", "vars.allow_clients=10.0.0.0/8 192.0.2.7"));
	cr_assert_not(client_may("address=10.9.1.1", "vars.deny_clients=10.9.0.0/16"));
	cr_assert(client_may("address=10.8.1.1", "vars.deny_clients=10.9.0.0/16"));
	cr_assert(client_may("address=::1", "vars.allow_clients=::1"));
	cr_assert_not(client_may("address=::2", "vars.allow_clients=10.0.0.0/8"));
	cr_assert(client_may("groups=staff,x", "vars.allow_groups=staff,admins"));
	cr_assert_not(client_may("groups=x", "vars.allow_groups=staff,admins"));
	cr_assert_not(client_may("groups=interns,staff", "vars.deny_groups=interns"));
	cr_assert(client_may("groups=staff", "vars.deny_groups=interns"));
}

static bool pipe_is(const char *answer, const char *name, const char *who, const char *vars)
{
	char field[64], text[32];

	snprintf(field, sizeof(field), "name=%s", name);
	snprintf(text, sizeof(text), "\"answer\":\"%s\"", answer);
	return play_answers(play_ctl(play, "lua", "test", "pipes", "--event", "request",
				     "is_pipe=true", "command=CREATE", "groups=staff",
				     "address=10.1.2.3", field, who, vars, NULL),
			    text);
}

Test(scripts, pipes)
{
	start("pipes", "", "");
	cr_assert(pipe_is("pass", "samr", "user=u", "vars.other=x"));
	cr_assert(pipe_is("pass", "SRVSVC", "user=u", "vars.pipes=srvsvc,wkssvc"));
	cr_assert(pipe_is("deny", "samr", "user=u", "vars.pipes=srvsvc,wkssvc"));
	cr_assert(pipe_is("deny", "samr", "user=u", "vars.pipe_samr=@admins,u2,10.2.0.0/16"));
	cr_assert(pipe_is("pass", "samr", "user=u", "vars.pipe_samr=@staff"));
	cr_assert(pipe_is("pass", "samr", "user=U", "vars.pipe_samr=@admins,u"));
	cr_assert(pipe_is("pass", "samr", "user=u", "vars.pipe_samr=10.1.0.0/16"));
	cr_assert(pipe_is("pass", "srvsvc", "user=u", "vars.pipe_samr=@admins"));
}

static bool interface_is(const char *answer, const char *name, const char *who, const char *vars)
{
	char field[64], text[32];

	snprintf(field, sizeof(field), "interface=%s", name);
	snprintf(text, sizeof(text), "\"answer\":\"%s\"", answer);
	return play_answers(play_ctl(play, "lua", "test", "pipes", "--event", "bind",
				     "groups=staff", "pipe=lsarpc", "address=10.1.2.3", field, who,
				     vars, NULL),
			    text);
}

Test(scripts, interfaces)
{
	start("pipes", "", "");
	cr_assert(interface_is("pass", "samr", "user=u", "vars.other=x"));
	cr_assert(interface_is("pass", "SRVSVC", "user=u", "vars.interfaces=srvsvc,wkssvc"));
	cr_assert(interface_is("deny", "samr", "user=u", "vars.interfaces=srvsvc,wkssvc"));
	cr_assert(
		interface_is("deny", "samr", "user=u", "vars.interface_samr=@admins,10.2.0.0/16"));
	cr_assert(interface_is("pass", "samr", "user=u", "vars.interface_samr=@staff"));
	cr_assert(interface_is("pass", "samr", "user=u", "vars.interface_samr=10.1.0.0/16"));
	cr_assert(interface_is("pass", "lsarpc", "user=u", "vars.interface_samr=@admins"));
	cr_assert(interface_is("deny", "FileServerVssAgent", "user=u",
			       "vars.interface_fileservervssagent=boss"));
}

Test(scripts, veto_types)
{
	struct play_file f;

	start("veto-types", "\"veto_types=exe,scr\"", "");
	connect_files();
	cr_assert_eq(player_put(client, "a.exe", "x"), DENIED);
	cr_assert_eq(player_put(client, "a.EXE", "x"), DENIED);
	cr_assert_eq(player_put(client, "a.exe.txt", "x"), 0u);
	cr_assert_eq(player_put(client, "exe", "x"), 0u);
	cr_assert_eq(player_mkdir(client, "d.exe"), 0u);
	cr_assert_eq(player_create(client, "exe", PLAY_BOTH | PLAY_DELETE, PLAY_OPEN, &f), 0u);
	cr_assert_eq(player_rename(client, &f, "b.scr"), DENIED);
	cr_assert(play_says(play, "files of type scr are not taken"));
	cr_assert_eq(player_rename(client, &f, "b.txt"), 0u);
	cr_assert_eq(player_close(client, &f), 0u);
	play_file(play, "old.exe", "x", 0);
	cr_assert_eq(player_get(client, "old.exe"), 0u);
}

Test(scripts, worm)
{
	struct play_file f;

	start("worm", "\"worm_days=7\"", "");
	connect_files();
	play_file(play, "old", "x", 8 * DAY);
	play_file(play, "young", "x", 6 * DAY);
	cr_assert_eq(player_get(client, "old"), 0u);
	cr_assert_eq(player_put(client, "old", "y"), DENIED);
	cr_assert(play_says(play, "older than 7 days: it stays as it is"));
	cr_assert_eq(player_create(client, "old", PLAY_DELETE, PLAY_OPEN, &f), DENIED);
	cr_assert_eq(player_create(client, "old", PLAY_WRITE, PLAY_OVERWRITE, &f), DENIED);
	cr_assert_eq(player_create(client, "old", PLAY_READ | 0x100, PLAY_OPEN, &f), DENIED,
		     "its times could be set");
	cr_assert_eq(player_create(client, "old", PLAY_MAX, PLAY_OPEN, &f), 0u);
	cr_assert_eq(player_write(client, &f, "y"), DENIED);
	cr_assert_eq(player_rename(client, &f, "new"), DENIED);
	cr_assert_eq(player_close(client, &f), 0u);
	/* Nor by something else that takes its name. */
	cr_assert_eq(player_create(client, "young", PLAY_BOTH | PLAY_DELETE, PLAY_OPEN, &f), 0u);
	cr_assert_eq(player_rename(client, &f, "old"), DENIED);
	cr_assert(play_says(play, "it is not replaced"), "%s", play_why(play));
	cr_assert_eq(player_rename(client, &f, "other"), 0u);
	cr_assert_eq(player_write(client, &f, "y"), 0u);
	cr_assert_eq(player_close(client, &f), 0u);
	cr_assert_eq(player_put(client, "fresh", "x"), 0u);
}

static uint32_t rename_one(const char *from, const char *to)
{
	struct play_file f;
	uint32_t status = player_put(client, from, "x");

	if (!status)
		status = player_create(client, from, PLAY_BOTH | PLAY_DELETE, PLAY_OPEN, &f);
	if (status)
		return status;
	status = player_rename(client, &f, to);
	player_close(client, &f);
	return status;
}

Test(scripts, tripwire)
{
	uint32_t status = 0;
	char from[32], to[32];

	start("tripwire", "\"tripwire=5\", \"tripwire_seconds=1000\"", "");
	connect_files();
	for (int i = 0; i < 20; i++) {
		snprintf(from, sizeof(from), "%d.txt", i);
		snprintf(to, sizeof(to), "%d.renamed.txt", i);
		cr_assert_eq(rename_one(from, to), 0u, "the extension stays");
	}
	for (int i = 0; i < 5; i++) {
		snprintf(from, sizeof(from), "%d.doc", i);
		snprintf(to, sizeof(to), "%d.locked", i);
		cr_assert_eq(rename_one(from, to), 0u);
	}
	status = rename_one("6.doc", "6.locked");
	cr_assert(until_gone(), "0x%08x", status);
	player_free(client);
	client = player_new(play, NULL);
	connect_files();
	cr_assert_eq(player_put(client, "a", "x"), DENIED);
	cr_assert_eq(player_get(client, "0.locked"), 0u);
	cr_assert(play_answers(play_ctl(play, "thaw", "files", NULL), "\"status\":\"ok\""));
	cr_assert_eq(player_put(client, "a", "x"), 0u);
	cr_assert(play_answers(play_ctl(play, "thaw", "files", NULL),
			       "is not read-only by a script"));
}

Test(scripts, tripwire_sees_what_is_encrypted)
{
	uint8_t text[4096], noise[4096];
	struct play_file f;
	bool gone = false;

	start("tripwire", "\"tripwire=5\", \"tripwire_seconds=1000\"", "\"tripwire_entropy=7.8\"");
	connect_files();
	memset(text, 'a', sizeof(text));
	smb3_random(noise, sizeof(noise));
	cr_assert_eq(player_create(client, "a", PLAY_BOTH, PLAY_OPEN_IF, &f), 0u);
	for (int i = 0; i < 20; i++)
		cr_assert_eq(player_write_raw(client, &f, text, sizeof(text)), 0u);
	for (int i = 0; i < 5; i++)
		cr_assert_eq(player_write_raw(client, &f, noise, sizeof(noise)), 0u);
	player_write_raw(client, &f, noise, sizeof(noise));
	gone = until_gone();
	cr_assert(gone);
}

Test(scripts, bandwidth)
{
	static const char block[1024];
	struct timespec began, end;
	struct play_file f;

	start("bandwidth", "\"bandwidth=2K\", \"operations=100\"", "");
	connect_files();
	cr_assert_eq(player_create(client, "a", PLAY_BOTH, PLAY_OPEN_IF, &f), 0u);
	clock_gettime(CLOCK_MONOTONIC, &began);
	for (int i = 0; i < 6; i++)
		cr_assert_eq(player_write_raw(client, &f, block, sizeof(block)), 0u);
	clock_gettime(CLOCK_MONOTONIC, &end);
	/* 2 KB at once, the rest at 2 KB a second */
	cr_assert_geq((double)(end.tv_sec - began.tv_sec) +
			      (double)(end.tv_nsec - began.tv_nsec) / 1e9,
		      1.9);
}

Test(scripts, drop_box)
{
	struct play_file f;

	start("drop-box", "\"drop_box=yes\"", "");
	connect_files();
	play_file(play, "there", "x", 0);
	cr_assert_eq(player_put(client, "new", "text"), 0u);
	cr_assert_eq(player_get(client, "new"), DENIED);
	cr_assert_eq(player_get(client, "there"), DENIED);
	cr_assert_eq(player_create(client, "there", PLAY_WRITE, PLAY_OPEN, &f), DENIED);
	cr_assert_eq(player_create(client, "there", PLAY_DELETE, PLAY_OPEN, &f), DENIED);
	cr_assert_eq(player_create(client, "", PLAY_READ, PLAY_OPEN, &f), DENIED, "no listing");
	cr_assert_eq(player_create(client, "", 0x80, PLAY_OPEN, &f), 0u);
	/* What one has just made and still has open. */
	cr_assert_eq(player_create(client, "mine", PLAY_BOTH | PLAY_DELETE, PLAY_CREATE, &f), 0u);
	cr_assert_eq(player_rename(client, &f, "there"), DENIED);
	cr_assert_eq(player_write(client, &f, "x"), 0u);
}

Test(scripts, audit_json)
{
	start("audit-json", "\"audit=yes\"", "");
	connect_files();
	cr_assert_eq(rename_one("a\"b", "c"), (uint32_t)STATUS_OBJECT_NAME_INVALID);
	cr_assert_eq(rename_one("a'b", "c"), 0u);
	cr_assert(play_answers(play_ctl(play, "lua", NULL), "\"point\":\"renamed\",\"order\":950,"
							    "\"calls\":1,\"errors\":0"));
}

Test(scripts, honeypot)
{
	struct play_file f;
	uint32_t status;

	start("honeypot", "\"honeypot=passwords.xlsx\"", "");
	connect_files();
	play_file(play, "passwords.xlsx", "x", 0);
	cr_assert_eq(player_create(client, "passwords.xlsx", 0x80, PLAY_OPEN, &f), 0u);
	cr_assert_eq(player_close(client, &f), 0u);
	cr_assert_eq(player_put(client, "other", "x"), 0u);
	cr_assert_eq(player_create(client, "Passwords.XLSX", PLAY_READ, PLAY_OPEN, &f), 0u);
	cr_assert(until_gone());
	player_free(client);
	client = player_new(play, &status);
	cr_assert_eq(status, DENIED);
	cr_assert(play_says(play, "has opened a file that nobody opens"));
}

Test(scripts, commands)
{
	struct play_file f;

	start("commands", "", "");
	connect_files();
	cr_assert_eq(player_create(client, "Plan", PLAY_BOTH, PLAY_OPEN_IF, &f), 0u);
	cr_assert(play_answers(play_ctl(play, "top-users", NULL),
			       "{\"user\":\"alice\",\"sessions\":1,\"opens\":1,\"addresses\":"));
	cr_assert(play_answers(
		play_ctl(play, "who-has", "plan", NULL),
		"{\"user\":\"alice\",\"share\":\"files\",\"path\":\"Plan\",\"writes\":true"));
	cr_assert(play_answers(play_ctl(play, "who-has", "other", NULL), "{\"status\":\"ok\"}"));
	cr_assert(play_answers(play_ctl(play, "share-opens", "FILES", NULL),
			       "{\"path\":\"Plan\",\"user\":\"alice\""));
	cr_assert(play_answers(play_ctl(play, "motd", NULL), "there is none"));
	free(play_ctl(play, "motd", "be", "kind", NULL));
	cr_assert(play_answers(play_ctl(play, "motd", NULL), "{\"message\":\"be kind\"}"));
	cr_assert(play_answers(play_ctl(play, "kick", "bob", NULL), "nobody is logged on as bob"));
	cr_assert(play_answers(play_ctl(play, "kick", "alice", NULL), "{\"ended\":1}"));
	cr_assert(until_gone());
}
