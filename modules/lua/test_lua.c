// SPDX-License-Identifier: Apache-2.0
/*
 * test_lua.c: scripts at hook points: their answers, their errors, their limits, and reloads.
 */
#include "test_play.h"

#include <criterion/criterion.h>
#include <smb3/status.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DENIED ((uint32_t)STATUS_ACCESS_DENIED)

static struct play *play;
static struct player *client;

static void start(const char *script)
{
	play = play_start(&(struct play_conf){ .script = script });
	client = player_new(play, NULL);
}

static void fini(void)
{
	play_over(&play, &client);
}

TestSuite(lua, .fini = fini, .timeout = 120);

Test(lua, a_connection_to_a_share_is_denied_with_its_line)
{
	start("smb3.on('tree_connect', function(e)\n"
	      "  if e.share == 'files' and e.user == 'alice' then\n"
	      "    return false, 'not today'\n"
	      "  end\n"
	      "end)\n");
	cr_assert_eq(player_connect(client, "files"), DENIED);
	cr_assert(play_says(play, "play.lua:3: not today"), "%s", play_why(play));
	cr_assert_eq(player_connect(client, "share"), 0u);
}

Test(lua, what_is_denied_can_be_hidden)
{
	struct play_file f;

	start("smb3.on('tree_connect', function(e)\n"
	      "  if e.share == 'share' then e.hide = true return false, 'hidden' end\n"
	      "  e.hide = true\n"
	      "end)\n"
	      "smb3.on('request', function(e)\n"
	      "  if e.path == 'a' then e.hide = true end\n"
	      "  if e.path then return false, 'denied' end\n"
	      "end)\n");
	cr_assert_eq(player_connect(client, "share"), (uint32_t)STATUS_BAD_NETWORK_NAME);
	cr_assert_eq(player_connect(client, "files"), 0u);
	cr_assert_eq(player_create(client, "a", PLAY_READ, PLAY_OPEN_IF, &f),
		     (uint32_t)STATUS_OBJECT_NAME_NOT_FOUND);
	cr_assert_eq(player_create(client, "b", PLAY_READ, PLAY_OPEN_IF, &f), DENIED);
}

Test(lua, the_first_opinion_in_order_counts)
{
	start("smb3.on('tree_connect', function() return false, 'second' end, 320)\n"
	      "smb3.on('tree_connect', function() return true end, 310)\n"
	      "smb3.on('tree_connect', function(e)\n"
	      "  if e.share == 'share' then return false, 'first' end\n"
	      "end)\n");
	cr_assert_eq(player_connect(client, "files"), 0u);
	cr_assert_eq(player_connect(client, "share"), DENIED);
	cr_assert(play_says(play, "play.lua:4: first"));
}

Test(lua, what_changes_a_share_is_one_question)
{
	struct play_file f, old;

	start("smb3.on('modify', function(e)\n"
	      "  if e.vars.frozen then return false, 'frozen' end\n"
	      "end)\n");
	cr_assert_eq(player_connect(client, "files"), 0u);
	cr_assert_eq(player_put(client, "a", "text"), 0u);
	cr_assert_eq(player_create(client, "a", PLAY_BOTH | PLAY_DELETE, PLAY_OPEN, &old), 0u);
	play_write(play, "smb3.on('modify', function(e) return false, 'frozen' end)\n");
	cr_assert(play_reload(play));
	/* What is open already, and what is not yet. */
	cr_assert_eq(player_write(client, &old, "more"), DENIED);
	cr_assert(play_says(play, "play.lua:1: frozen"));
	cr_assert_eq(player_rename(client, &old, "b"), DENIED);
	cr_assert_eq(player_delete(client, &old), DENIED);
	cr_assert_eq(player_read(client, &old, 4), 0u);
	cr_assert_eq(player_put(client, "a", "text"), DENIED);
	cr_assert_eq(player_put(client, "new", "text"), DENIED);
	cr_assert_eq(player_mkdir(client, "folder"), DENIED);
	cr_assert_eq(player_get(client, "a"), 0u);
	cr_assert_eq(player_create(client, "a", PLAY_DELETE, PLAY_OPEN, &f), DENIED);
	/* Who takes what there is gets no rights to change anything. */
	cr_assert_eq(player_create(client, "a", PLAY_MAX, PLAY_OPEN, &f), 0u);
	cr_assert_eq(player_write(client, &f, "more"), DENIED);
	cr_assert_eq(player_close(client, &f), 0u);
	cr_assert_eq(player_close(client, &old), 0u);
	play_write(play, "");
	cr_assert(play_reload(play));
	cr_assert_eq(player_put(client, "a", "text"), 0u);
}

Test(lua, a_tree_is_given_read_only)
{
	start("smb3.on('tree_connect', function(e) e.read_only = true end)\n");
	cr_assert_eq(player_connect(client, "files"), 0u);
	cr_assert_eq(player_put(client, "a", "text"), DENIED);
}

Test(lua, an_error_denies_and_tells_its_line)
{
	char *answer;

	start("smb3.on('tree_connect', function(e)\n  return e.nothing.at_all\nend)\n");
	cr_assert_eq(player_connect(client, "files"), DENIED);
	cr_assert(play_says(play, "play.lua:2: attempt to index"), "%s", play_why(play));
	answer = play_ctl(play, "lua", NULL);
	cr_assert(strstr(answer, "\"errors\":1"), "%s", answer);
	free(answer);
}

Test(lua, an_error_of_one_that_watches_is_skipped)
{
	start("smb3.on('opened', function(e) error('oops') end)\n"
	      "smb3.on('tree_connect', function(e) error('oops') end, 900)\n");
	cr_assert_eq(player_connect(client, "files"), 0u);
	cr_assert_eq(player_put(client, "a", "text"), 0u);
}

Test(lua, an_answer_of_another_kind_is_an_error)
{
	start("smb3.on('tree_connect', function(e) return 'yes' end)\n");
	cr_assert_eq(player_connect(client, "files"), DENIED);
	cr_assert(play_says(play, "not a string"), "%s", play_why(play));
}

/* ---- limits ---- */

static void hurts_nobody(const char *body, const char *reason)
{
	char script[500];

	snprintf(script, sizeof(script), "smb3.on('tree_connect', function(e)\n%s\nend)\n", body);
	start(script);
	cr_assert_eq(player_connect(client, "files"), DENIED);
	cr_expect(play_says(play, reason), "%s", play_why(play));
	cr_assert_eq(player_echo(client), 0u);
	play_write(play, "");
	cr_assert(play_reload(play));
	cr_assert_eq(player_connect(client, "files"), 0u);
}

Test(lua, an_endless_loop_is_ended)
{
	hurts_nobody("while true do end", "play.lua:2: more than 1000000 instructions");
}

Test(lua, an_endless_loop_cannot_catch_its_end)
{
	hurts_nobody("while true do pcall(function() while true do end end) end",
		     "more than 1000000 instructions");
}

Test(lua, what_allocates_without_end_is_ended)
{
	hurts_nobody("local s = 'x' while true do s = s .. s end", "not enough memory");
}

/* What a script answers is looked at outside of its call, where no memory can be asked for. */
Test(lua, an_answer_when_memory_is_full)
{
	static const char fill[] =
		"local keep, big = {}, {}\n"
		"for i = 1, 1000 do keep[i] = true end\n"
		"for i = 1, 64 do big[i] = true end\n"
		"held = { big, keep, false }\n"
		"local pieces = { 'xxxxxxxxxxxxxxxx' }\n"
		"for i = 2, 17 do pieces[i] = pieces[i - 1] .. pieces[i - 1] end\n"
		"local function text(i, size) big[i] = pieces[size] .. i end\n"
		"local function list() while true do held[3] = { held[3] } end end\n"
		"local function texts() for i = 1, 1000 do keep[i] = i + 0.5 .. '' end end\n"
		"smb3.on('tree_connect', function(e)\n"
		"  local n = 0\n"
		"  for size = 17, 1, -1 do\n"
		"    while n < 64 and pcall(text, n + 1, size) do n = n + 1 end\n"
		"  end\n"
		"  pcall(list)\n"
		"  pcall(texts)\n"
		"  %s\n"
		"end)\n";
	static const char *const answers[] = { "return false, -1.2345678901235e+300",
					       "error(-1.2345678901235e+300)", "return {}" };
	char script[1200];

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(answers); i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(script, sizeof(script), fill, answers[i]);
#pragma GCC diagnostic pop
		start(script);
		cr_expect_eq(player_connect(client, "files"), DENIED);
		cr_expect_eq(player_echo(client), 0u);
		fini();
	}
}

Test(lua, a_text_that_is_too_long_is_not_made)
{
	hurts_nobody("return #('x'):rep(1 << 40)", "instructions");
}

Test(lua, work_in_c_counts)
{
	hurts_nobody("table.move({}, 1, 1 << 60, 2)", "instructions");
}

/* Lua's functions for tables ask for the length a second time, and run no hook. */
Test(lua, a_table_cannot_change_its_mind)
{
	static const char *const calls[] = { "table.insert(t, 1, 1)", "table.remove(t, 1)",
					     "table.concat(t)",       "table.sort(t)",
					     "table.unpack(t)",       "table.move(t, 1, 3, 2)" };
	char body[300];

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		snprintf(body, sizeof(body),
			 "local n = 0 local t = setmetatable({}, { __len = function() n = n + 1 "
			 "return n == 1 and 1 or 1 << 40 end })\n%s",
			 calls[i]);
		hurts_nobody(body, "a table without metamethods is wanted");
		fini();
	}
	hurts_nobody("table.sort(setmetatable({}, { __index = type, __newindex = type }))",
		     "a table without metamethods is wanted");
}

Test(lua, an_empty_text_is_not_repeated_for_ever)
{
	hurts_nobody("return ('').rep('', 1 << 62)", "instructions");
}

Test(lua, a_pattern_that_takes_for_ever_is_refused)
{
	hurts_nobody("return (('a'):rep(100)):find(('a*'):rep(20) .. 'b')",
		     "the pattern may take too long");
}

/* Each step is a work of its own, within what a pattern may take. */
Test(lua, a_pattern_asked_again_and_again_is_ended)
{
	hurts_nobody("local s = ('a'):rep(300)\n"
		     "while true do s:gmatch('a*a*b')() end",
		     "more than 1000000 instructions");
	fini();
	hurts_nobody("local s = ('a'):rep(300)\n"
		     "while true do pcall(string.match, s, 'a*a*b') end",
		     "more than 1000000 instructions");
}

/* Two texts of the same two million bytes; what is done with them has no loop that Lua sees. */
static void hurts_nobody_with_long_texts(const char *body)
{
	char script[400];

	snprintf(script, sizeof(script),
		 "local a = ('x'):rep(1000):rep(2000)\n"
		 "local b = a:sub(1, -2) .. 'x'\n%s",
		 body);
	hurts_nobody(script, "more than 1000000 instructions");
	fini();
}

Test(lua, long_texts_are_not_compared_for_ever)
{
	hurts_nobody_with_long_texts("while a == b do end");
	hurts_nobody_with_long_texts("while not (a < b) do end");
	hurts_nobody_with_long_texts("while true do pcall(rawequal, a, b) end");
}

Test(lua, long_texts_are_not_joined_for_ever)
{
	hurts_nobody_with_long_texts("while true do local c = a .. b end");
	hurts_nobody_with_long_texts("while true do local c = table.concat({ a, b }) end");
	hurts_nobody_with_long_texts("while true do local c = ('%s%s'):format(a, b) end");
	hurts_nobody_with_long_texts("while true do local c = a:rep(2) end");
}

Test(lua, long_texts_are_not_sorted_for_ever)
{
	hurts_nobody_with_long_texts(
		"local t = {}\n"
		"for i = 1, 20000, 2 do t[i], t[i + 1] = a, b end table.sort(t)");
}

Test(lua, long_texts_are_not_looked_through_for_ever)
{
	hurts_nobody_with_long_texts("while true do local n = utf8.len(a) end");
	hurts_nobody_with_long_texts("while true do a:find('y', 1, true) end");
	hurts_nobody_with_long_texts("while true do load(a) end");
	hurts_nobody_with_long_texts("local t = {} while true do t[a .. b] = t[b] end");
}

Test(lua, everyday_patterns_are_not_refused)
{
	start("local path = ('a'):rep(200) .. '/b c.TXT'\n"
	      "assert(path:match('%.(%w+)$') == 'TXT')\n"
	      "assert(path:match('^(.*)/([^/]*)$'))\n"
	      "assert(('key = value '):match('^(.-)%s*=%s*(.-)%s*$') == 'key')\n"
	      "assert(('192.168.100.200'):match('^(%d+)%.(%d+)%.(%d+)%.(%d+)$'))\n"
	      "assert(path:find('.', 1, true) == 205)\n"
	      "assert(path:gsub('%s', '_'):sub(-7) == 'b_c.TXT')\n"
	      "local n = 0 for w in ('a,b,c'):gmatch('[^,]+') do n = n + 1 end assert(n == 3)\n");
}

/* ---- the sandbox ---- */

Test(lua, there_is_no_way_out)
{
	char script[800], *answer;
	static const char *const gone[] = { "io",       "os",          "debug",
					    "package",  "coroutine",   "dofile",
					    "loadfile", "string.dump", "collectgarbage",
					    "xpcall" };
	size_t len = 0;

	for (size_t i = 0; i < sizeof(gone) / sizeof(gone[0]); i++)
		len += (size_t)snprintf(script + len, sizeof(script) - len,
					"assert(%s == nil, '%s')\n", gone[i], gone[i]);
	snprintf(script + len, sizeof(script) - len,
		 "assert(not load('\\27Lua'))\n"
		 "assert(load('return 1 + 1')() == 2)\n"
		 "assert(not pcall(setmetatable, {}, { __gc = print }))\n"
		 "assert(not pcall(require, '/etc/passwd'))\n"
		 "assert(not pcall(require, '../play'))\n");
	start(script);
	answer = play_ctl(play, "lua", "check", NULL);
	cr_assert(strstr(answer, "\"status\":\"ok\""), "%s", answer);
	free(answer);
}

/* ---- the manual ---- */

static char *page(const char *name)
{
	const char *source = getenv("SMB3_SRCDIR");
	char path[300], *text = calloc(1, 65536);
	FILE *f;

	snprintf(path, sizeof(path), "%s/modules/lua/%s", source ? source : ".", name);
	f = fopen(path, "r");
	cr_assert_not_null(f, "%s", path);
	cr_assert_lt(fread(text, 1, 65535, f), 65535u);
	fclose(f);
	return text;
}

/* Every example of the page together is a script that is loaded. */
Test(lua, the_examples_of_the_manual_work)
{
	char *text = page("smb3-lua.7"), *script = calloc(1, 65536), *at = text, *end;
	int n = 0;

	while ((at = strstr(at, ".Bd -literal -offset indent\n"))) {
		at += strlen(".Bd -literal -offset indent\n");
		end = strstr(at, ".Ed");
		cr_assert_not_null(end);
		if (!strncmp(at, "smb3.", 5)) {
			strncat(script, at, (size_t)(end - at));
			n++;
		}
	}
	cr_assert_geq(n, 7);
	start(script);
	cr_assert_eq(player_connect(client, "files"), 0u);
	cr_assert_eq(player_put(client, "a", "text"), 0u);
	cr_assert(play_answers(play_ctl(play, "users-of", "files", NULL), "\"user\":\"alice\""));
	cr_assert(play_answers(
		play_ctl(play, "lua", "test", "play", "--event", "modify", "share=projects",
			 "groups=staff,interns", NULL),
		"\"answer\":\"deny\",\"reason\":\"play.lua:3: interns may only read\""));
	cr_assert(play_answers(play_ctl(play, "lua", "test", "play", "--event", "tree_connect",
					"groups=staff", "vars.only_group=interns", NULL),
			       "not in group interns"));
	free(script);
	free(text);
}

/* Each point of hook.h stands in the page under its name, and scripts can use it. */
Test(lua, every_hook_point_is_documented)
{
	const char *source = getenv("SMB3_SRCDIR");
	char *text = page("smb3-hooks.7"), path[300], line[300], name[64], item[80], script[300];
	int points = 0, depth = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/core/include/smb3/hook.h", source ? source : ".");
	f = fopen(path, "r");
	cr_assert_not_null(f);
	start("");
	while (fgets(line, sizeof(line), f)) {
		depth += strstr(line, "enum smb3_hook_point {") != NULL;
		if (!depth || sscanf(line, "\tSMB3_HOOK_%63[A-Z_]", name) != 1)
			continue;
		if (!strcmp(name, "POINTS"))
			break;
		for (char *p = name; *p; p++)
			*p = (char)(*p == '_' ? '_' : *p + 'a' - 'A');
		snprintf(item, sizeof(item), "\n.It Li %s\n", name);
		cr_expect(strstr(text, item), "%s", name);
		snprintf(script, sizeof(script), "smb3.on('%s', function(e) end)\n", name);
		play_write(play, script);
		cr_expect(
			play_answers(play_ctl(play, "lua", "check", "play", NULL), "\"hooks\":1"));
		points++;
	}
	fclose(f);
	free(text);
	cr_assert_geq(points, 25);
}

/* ---- reload ---- */

Test(lua, a_script_that_cannot_be_loaded_changes_nothing)
{
	start("smb3.on('tree_connect', function(e)\n"
	      "  if e.share == 'files' then return false, 'old' end\nend)\n");
	play_write(play, "smb3.on('tree_connect', function(e) end\n");
	cr_assert_not(play_reload(play));
	cr_assert_eq(player_connect(client, "files"), DENIED);
	play_write(play, "error('at the start')\n");
	cr_assert_not(play_reload(play));
	cr_assert_eq(player_connect(client, "files"), DENIED);
	play_write(play, "while true do end\n");
	cr_assert_not(play_reload(play));
	cr_assert_eq(player_connect(client, "files"), DENIED);
	play_write(play, "");
	cr_assert(play_reload(play));
	cr_assert_eq(player_connect(client, "files"), 0u);
}

Test(lua, a_script_that_is_deleted_goes_on_until_the_next_reload)
{
	start("smb3.on('tree_connect', function(e) return false, 'still here' end)\n");
	play_unlink(play);
	cr_assert_eq(player_connect(client, "files"), DENIED);
	cr_assert_not(play_reload(play), "it is still named in smb3.conf");
	cr_assert_eq(player_connect(client, "files"), DENIED);
	cr_assert(play_says(play, "still here"));
}

Test(lua, a_dry_run_needs_no_client)
{
	start("smb3.on('tree_connect', function(e)\n"
	      "  if e.groups.interns and e.vars.closed then return false, 'closed' end\n"
	      "end)\n");
	cr_assert(play_answers(play_ctl(play, "lua", "test", "play", "--event", "tree_connect",
					"groups=staff,interns", "vars.closed=yes", NULL),
			       "\"answer\":\"deny\",\"reason\":\"play.lua:2: closed\""));
	cr_assert(play_answers(play_ctl(play, "lua", "test", "play", "--event", "tree_connect",
					"groups=staff", NULL),
			       "\"answer\":\"pass\""));
	cr_assert(play_answers(play_ctl(play, "lua", "test", "play", "--event", "nowhere", NULL),
			       "no hook point"));
	cr_assert(play_answers(play_ctl(play, "lua", "test", "play", "--event", "logoff", NULL),
			       "no function at logoff"));
}
