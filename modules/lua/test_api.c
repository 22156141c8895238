// SPDX-License-Identifier: Apache-2.0
/*
 * test_api.c: what scripts do besides answering hooks: the shared table, timers, commands, actions,
 * limits, shares that are computed; and reloads while something of that is under way.
 */
#include "cmd.h"
#include "test_play.h"

#include <criterion/criterion.h>
#include <smb3/status.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define DENIED ((uint32_t)STATUS_ACCESS_DENIED)

static struct play *play;
static struct player *client;

static void start(const char *script)
{
	play = play_start(&(struct play_conf){
		.script = script,
		.shares = ", { name = \"template\"; path = \"/nowhere\"; read_only = true; }" });
	client = player_new(play, NULL);
}

static void fini(void)
{
	play_over(&play, &client);
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

TestSuite(api, .fini = fini, .timeout = 120);

/* ---- the shared table ---- */

Test(api, all_states_see_the_shared_table)
{
	start("smb3.on('tree_connect', function(e) smb3.shared.add('connects', 1) end)\n"
	      "smb3.on('request', function(e)\n"
	      "  if e.command == 'CREATE' then smb3.shared.add('creates') end end)\n"
	      "smb3.command('seen', 'counts', function()\n"
	      "  return { connects = smb3.shared.get('connects'),\n"
	      "           creates = smb3.shared.get('creates') } end)\n");
	for (int i = 0; i < 5; i++)
		cr_assert_eq(player_connect(client, "files"), 0u);
	cr_assert_eq(player_put(client, "a", "text"), 0u);
	cr_assert(play_answers(play_ctl(play, "seen", NULL), "{\"connects\":5,\"creates\":1}"));
}

Test(api, the_shared_table_keeps_plain_values_and_has_a_limit)
{
	static const char script[] =
		"local s = smb3.shared\n"
		"if s.add('once') > 1 then return end\n"
		"s.set('t', 'a\\0b') assert(s.get('t') == 'a\\0b')\n"
		"s.set('n', 1.5) assert(s.get('n') == 1.5)\n"
		"s.set('b', false) assert(s.get('b') == false)\n"
		"s.set('b', nil) assert(s.get('b') == nil)\n"
		"s.set('gone', 1, 0.000001) for i = 1, 1000 do end assert(s.get('gone') == nil)\n"
		"assert(s.add('i', 2) % 2 == 0)\n"
		"assert(not pcall(s.add, 't', 1))\n"
		"assert(not pcall(s.set, 'x', {}))\n"
		"assert(not pcall(s.set, ('x'):rep(300), 1))\n"
		"assert(not pcall(s.set, 'x', ('x'):rep(5000)))\n"
		"local ok for i = 1, 20000 do ok = pcall(s.set, 'k' .. i, i) end\n"
		"assert(not ok)\n";

	play = play_start(
		&(struct play_conf){ .script = script, .lua = "instructions = 100000000;" });
}

/* ---- timers ---- */

Test(api, timers_run_once_and_not_in_each_state)
{
	start("smb3.every(1, function() smb3.shared.add('every') end)\n"
	      "smb3.after(0, function() smb3.shared.add('after') end)\n"
	      "smb3.on('tree_connect', function()\n"
	      "  smb3.after(0, function() smb3.shared.add('hook') end) end)\n"
	      "smb3.command('seen', 'counts', function() return {\n"
	      "  every = (smb3.shared.get('every') or 0) >= 2,\n"
	      "  after = smb3.shared.get('after'), hook = smb3.shared.get('hook') } end)\n");
	cr_assert_eq(player_connect(client, "files"), 0u);
	cr_assert(play_until(play, "seen", "{\"after\":1,\"every\":true,\"hook\":1}"));
}

/* ---- commands ---- */

Test(api, commands_are_like_any_other)
{
	start("smb3.command('greet', 'say hello', function(name, n)\n"
	      "  return { { name = name, n = n }, { name = 'all', n = 1 } }, { 'n', 'name' }\n"
	      "end, 'NAME [TIMES:number]')\n"
	      "smb3.command('fail badly', 'does not work', function() return false, 'as it says' end)\n"
	      "smb3.command('broken', 'raises', function() error('broken') end)\n"
	      "smb3.command('loop', 'never ends', function() while true do end end)\n");
	cr_assert(play_answers(play_ctl(play, "greet", "x", "3", NULL),
			       "{\"n\":3,\"name\":\"x\"}\n{\"n\":1,\"name\":\"all\"}\n"
			       "{\"status\":\"ok\"}"));
	cr_assert(play_answers(play_ctl(play, "greet", NULL), "usage: smb3ctl greet NAME"));
	cr_assert(play_answers(play_ctl(play, "greet", "a", "b", "c", NULL), "usage"));
	cr_assert(play_answers(play_ctl(play, "greet", "a", "b", NULL), "TIMES must be a number"));
	cr_assert(play_answers(play_ctl(play, "fail", "badly", NULL), "as it says"));
	cr_assert(play_answers(play_ctl(play, "broken", NULL), "play.lua:5: broken"));
	cr_assert(play_answers(play_ctl(play, "loop", NULL), "play.lua:6: more than"));
	play_write(play, "smb3.command('greet', 'other', function() return 'hi' end)\n");
	cr_assert(play_reload(play));
	cr_assert(play_answers(play_ctl(play, "greet", NULL), "{\"message\":\"hi\"}"));
	cr_assert(play_answers(play_ctl(play, "broken", NULL), "no command"));
}

Test(api, commands_ask_all_workers)
{
	struct play_file f;

	start("smb3.command('who', 'users', function(path)\n"
	      "  local found = {}\n"
	      "  for _, o in ipairs(smb3.opens()) do\n"
	      "    for _, s in ipairs(smb3.sessions()) do\n"
	      "      if o.path == path and s.session == o.session then\n"
	      "        found[#found + 1] = { user = s.user, share = o.share, writes = o.writes }\n"
	      "      end\n"
	      "    end\n"
	      "  end\n"
	      "  return found, { 'user', 'share', 'writes' }\n"
	      "end, 'PATH')\n"
	      "smb3.on('tree_connect', function() return (pcall(smb3.sessions)) end)\n");
	cr_assert_eq(player_connect(client, "files"), DENIED, "hooks cannot ask");
	play_write(play, "smb3.command('trees', 'trees', smb3.trees)\n"
			 "smb3.command('open', 'opens', smb3.opens)\n"
			 "smb3.command('connections', 'conns', smb3.conns)\n");
	cr_assert(play_reload(play));
	cr_assert_eq(player_connect(client, "files"), 0u);
	cr_assert_eq(player_create(client, "a b", PLAY_BOTH, PLAY_OPEN_IF, &f), 0u);
	cr_assert(play_answers(play_ctl(play, "trees", NULL), "\"share\":\"files\""));
	cr_assert(play_answers(play_ctl(play, "open", NULL), "\"path\":\"a b\""));
	cr_assert(play_answers(play_ctl(play, "connections", NULL), "\"dialect\":\"3.1.1\""));
}

/* ---- actions ---- */

/* The worker gets mail: it may have done a request or two before. */
static bool until_write(const struct play_file *f, uint32_t status)
{
	double end = now() + 20;
	uint32_t got = 0;

	while (!got && now() < end)
		got = player_write(client, f, "x");
	return got == status;
}

Test(api, a_session_is_ended_and_an_open_closed)
{
	struct play_file f;

	start("smb3.on('opened', function(e)\n"
	      "  if e.name == 'trap' then smb3.kick(e.session, 'trapped') end\n"
	      "  if e.name == 'closed' then smb3.close(e.session, e.open) end\n"
	      "end)\n");
	cr_assert_eq(player_connect(client, "files"), 0u);
	cr_assert_eq(player_create(client, "closed", PLAY_BOTH, PLAY_OPEN_IF, &f), 0u);
	cr_assert(until_write(&f, (uint32_t)STATUS_FILE_CLOSED));
	cr_assert_eq(player_put(client, "other", "x"), 0u);
	cr_assert_eq(player_create(client, "trap", PLAY_BOTH, PLAY_OPEN_IF, &f), 0u);
	cr_assert(until_write(&f, (uint32_t)STATUS_USER_SESSION_DELETED));
}

Test(api, a_share_is_made_read_only_for_who_is_connected)
{
	struct play_file f;

	start("smb3.command('freeze', 'read-only', function(share, on)\n"
	      "  smb3.read_only(share, on == 'yes') return smb3.read_only(share)\n"
	      "end, 'SHARE ON')\n");
	cr_assert_eq(player_connect(client, "files"), 0u);
	cr_assert_eq(player_create(client, "a", PLAY_BOTH, PLAY_OPEN_IF, &f), 0u);
	cr_assert_eq(player_write(client, &f, "x"), 0u);
	free(play_ctl(play, "freeze", "FILES", "yes", NULL));
	cr_assert_eq(player_write(client, &f, "x"), DENIED);
	cr_assert_eq(player_put(client, "b", "x"), DENIED);
	cr_assert(strstr(play_why(play), "read-only"));
	cr_assert_eq(player_get(client, "a"), 0u);
	cr_assert(play_reload(play), "it outlives a reload");
	cr_assert_eq(player_write(client, &f, "x"), DENIED);
	free(play_ctl(play, "freeze", "files", "no", NULL));
	cr_assert_eq(player_write(client, &f, "x"), 0u);
	cr_assert_eq(player_put(client, "b", "x"), 0u);
}

Test(api, a_session_can_be_made_to_encrypt)
{
	start("smb3.on('authenticated', function(e)\n"
	      "  if e.user == 'alice' and not e.failed then e.encrypt = true end end)\n");
	cr_assert(player_encrypts(client));
	cr_assert_eq(player_connect(client, "files"), 0u);
}

Test(api, a_log_on_is_denied)
{
	uint32_t status;

	play = play_start(&(struct play_conf){
		.script = "smb3.on('authenticated', function(e) return false, 'closed' end)\n" });
	client = player_new(play, &status);
	cr_assert_eq(status, DENIED);
	cr_assert(strstr(play_why(play), "play.lua:1: closed"));
}

/* ---- limits ---- */

static const char slow[] = "smb3.on('request', function(e)\n"
			   "  if e.command == 'WRITE' then\n"
			   "    return smb3.limit('writes', 2, 1, 1)\n"
			   "  end\n"
			   "end)\n";

Test(api, requests_wait_for_their_turn)
{
	struct play_file f;
	double began;

	start(slow);
	cr_assert_eq(player_connect(client, "files"), 0u);
	cr_assert_eq(player_create(client, "a", PLAY_BOTH, PLAY_OPEN_IF, &f), 0u);
	began = now();
	for (int i = 0; i < 4; i++)
		cr_assert_eq(player_write(client, &f, "x"), 0u);
	cr_assert_geq(now() - began, 1.4, "the first goes at once, then two a second");
}

Test(api, others_do_not_wait_with_a_request_that_waits)
{
	struct play_file f;
	struct smbc_req *req;

	start("smb3.on('request', function(e)\n"
	      "  if e.command == 'WRITE' then return 9 end end)\n");
	cr_assert_eq(player_connect(client, "files"), 0u);
	cr_assert_eq(player_create(client, "a", PLAY_BOTH, PLAY_OPEN_IF, &f), 0u);
	req = player_write_send(client, &f, "x");
	cr_assert_eq(player_echo(client), 0u);
	cr_assert_eq(player_get(client, "b"), (uint32_t)STATUS_OBJECT_NAME_NOT_FOUND);
	player_cancel(req);
	cr_assert_eq(player_wait(req), (uint32_t)STATUS_CANCELLED);
	/* One waits when its open is closed, one when the connection and the server end. */
	req = player_write_send(client, &f, "x");
	cr_assert_eq(player_close(client, &f), 0u);
	cr_assert_eq(player_wait(req), (uint32_t)STATUS_FILE_CLOSED);
	cr_assert_eq(player_create(client, "a", PLAY_BOTH, PLAY_OPEN_IF, &f), 0u);
	req = player_write_send(client, &f, "x");
	cr_assert_eq(player_echo(client), 0u);
	smbc_req_free(req);
}

Test(api, what_waited_is_asked_further_but_not_again)
{
	start("smb3.on('request', function(e)\n"
	      "  if e.command == 'WRITE' then smb3.shared.add('asked') return 0.01 end\n"
	      "end, 100)\n"
	      "smb3.on('modify', function(e)\n"
	      "  if e.name == 'no' and e.command == 'WRITE' then return false, 'after all' end end)\n"
	      "smb3.command('asked', 'count', function() return smb3.shared.get('asked') end)\n");
	cr_assert_eq(player_connect(client, "files"), 0u);
	cr_assert_eq(player_put(client, "yes", "x"), 0u);
	cr_assert_eq(player_put(client, "no", "x"), DENIED);
	cr_assert(play_answers(play_ctl(play, "asked", NULL), "\"message\":2"));
}

/* ---- reload and stop in between ---- */

Test(api, a_reload_while_requests_wait_and_timers_run)
{
	struct play_file f;
	struct smbc_req *req;

	start("smb3.on('request', function(e)\n"
	      "  if e.command == 'WRITE' then return 1 end end)\n"
	      "smb3.every(1, function() smb3.sessions() end)\n"
	      "smb3.after(1, function() smb3.opens() end)\n");
	cr_assert_eq(player_connect(client, "files"), 0u);
	cr_assert_eq(player_create(client, "a", PLAY_BOTH, PLAY_OPEN_IF, &f), 0u);
	req = player_write_send(client, &f, "x");
	for (int i = 0; i < 20; i++)
		cr_assert(play_reload(play));
	cr_assert_eq(player_wait(req), 0u);
	play_write(play, "");
	cr_assert(play_reload(play));
	cr_assert_eq(player_put(client, "a", "x"), 0u);
}

Test(api, a_stop_while_requests_wait_and_timers_run)
{
	struct play_file f;
	struct smbc_req *req;

	start("smb3.on('request', function(e)\n"
	      "  if e.command == 'WRITE' then return 9 end end)\n"
	      "for i = 1, 100 do smb3.every(1, function() smb3.sessions() end) end\n"
	      "smb3.on('closing', function(e) smb3.after(0, print) smb3.kick(e.session) end)\n");
	cr_assert_eq(player_connect(client, "files"), 0u);
	cr_assert_eq(player_create(client, "a", PLAY_BOTH, PLAY_OPEN_IF, &f), 0u);
	req = player_write_send(client, &f, "x");
	cr_assert_eq(player_echo(client), 0u);
	smbc_req_free(req);
	/* The end is fini(), with all that under way. */
}

/* ---- shares ---- */

Test(api, a_share_is_computed)
{
	char script[600];

	play = play_start(
		&(struct play_conf){ .script = "",
				     .lua = "roots = [ \"/nowhere\", \"/tmp/\" ];",
				     .shares = ", { name = \"template\"; path = \"/nowhere\"; }" });
	snprintf(
		script, sizeof(script),
		"smb3.share('t-*', function(e)\n"
		"  return { from = 'template', path = '%s/' .. e.share:sub(3) } end)\n"
		"smb3.share('bad', function(e) return { from = 'template', path = '/a/../b' } end)\n"
		"smb3.share('none', function(e) return { from = 'nowhere', path = '/tmp/a' } end)\n"
		"smb3.share('error', function(e) error('oops') end)\n",
		play_dir(play));
	play_write(play, script);
	cr_assert(play_reload(play));
	play_file(play, "x", "", 0);
	play_file(play, "x", NULL, 0);
	client = player_new(play, NULL);
	snprintf(script, sizeof(script), "%s/blue", play_dir(play));
	cr_assert_eq(mkdir(script, 0755), 0);
	cr_assert_eq(player_connect(client, "t-blue"), 0u);
	cr_assert_eq(player_put(client, "a", "text"), 0u);
	snprintf(script, sizeof(script), "%s/blue/a", play_dir(play));
	cr_assert_eq(access(script, 0), 0);
	cr_assert_eq(player_connect(client, "bad"), (uint32_t)STATUS_BAD_NETWORK_NAME);
	cr_assert_eq(player_connect(client, "off"), (uint32_t)STATUS_BAD_NETWORK_NAME);
	cr_assert_eq(player_connect(client, "none"), (uint32_t)STATUS_BAD_NETWORK_NAME);
	cr_assert_eq(player_connect(client, "error"), (uint32_t)STATUS_BAD_NETWORK_NAME);
	cr_assert_eq(player_connect(client, "t-.."), (uint32_t)STATUS_BAD_NETWORK_NAME);
}

/* ---- names are values ---- */

/* What peers send reaches scripts as text, and scripts have nothing that runs a program. */
Test(api, names_never_reach_a_shell)
{
	static const char *const names[] = { "$(touch pwned)", "`touch pwned`", "a; touch pwned",
					     "%s%s%n",         "a' or 'b",      "..." };
	char path[300];

	start("smb3.on('entry', function(e) smb3.shared.set('last', e.path)\n"
	      "  smb3.log(e.path) smb3.event('made', { path = e.path }) end)\n"
	      "smb3.command('last', 'the last', function() return smb3.shared.get('last') end)\n");
	cr_assert_eq(player_connect(client, "files"), 0u);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (player_put(client, names[i], "x"))
			continue; /* not a name that Windows knows */
		snprintf(path, sizeof(path), "{\"message\":\"%s\"}", names[i]);
		cr_assert(play_answers(play_ctl(play, "last", NULL), path));
	}
	snprintf(path, sizeof(path), "%s/pwned", play_dir(play));
	cr_assert_neq(access(path, 0), 0);
	cr_assert_neq(access("pwned", 0), 0);
}
