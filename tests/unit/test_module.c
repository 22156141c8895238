// SPDX-License-Identifier: Apache-2.0
/*
 * test_module.c: which files are loaded as modules and which are refused, their order, and what
 * happens when one of them cannot start. The modules are compiled here.
 */
#include "caught.h"
#include "testmods.h"

#include "daemon.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[256];

/* What modules did, in order: they and the test share the environment. */
static const char head[] =
	"#include <smb3/smb3.h>\n"
	"#include <stdio.h>\n"
	"#include <stdlib.h>\n"
	"__attribute__((unused)) static int did(const char *what) {\n"
	"	char all[512]; const char *old = getenv(\"DID\");\n"
	"	snprintf(all, sizeof(all), \"%s%s \", old ? old : \"\", what);\n"
	"	return setenv(\"DID\", all, 1); }\n"
	"#define LIFE(n) \\\n"
	"	static int init(struct smb3_mod *m) { return did(\"init-\" n); } \\\n"
	"	static int start(struct smb3_mod *m) { return did(\"start-\" n); } \\\n"
	"	static void stop(struct smb3_mod *m) { did(\"stop-\" n); } \\\n"
	"	static void fini(struct smb3_mod *m) { did(\"fini-\" n); }\n"
	"#define ALL .init = init, .start = start, .stop = stop, .fini = fini\n"
	"#define NAMES(...) (const char *const[]){ __VA_ARGS__, NULL }\n"
	"__attribute__((unused)) static ntstatus run(struct smb3_req *r) { return 0; }\n";

/* The .so of that name; skips the test where there is no compiler. */
static void build(const char *name, const char *body)
{
	const char *cc = getenv("CC"), *src = getenv("SMB3_SRCDIR");
	char command[1024];
	FILE *in;

	snprintf(command, sizeof(command),
		 "%s -std=gnu17 -D_GNU_SOURCE -shared -fPIC -fvisibility=hidden -w "
		 "-I'%s/core/include' -o '%s/%s.so' -x c - && chmod 755 '%s/%s.so'",
		 cc ? cc : "cc", src ? src : ".", dir, name, dir, name);
	in = popen(command, "w");
	fprintf(in, "%s%s\n", head, body);
	if (pclose(in) != 0)
		cr_skip_test("no compiler");
}

static void setup(void)
{
	const char *tmp = getenv("TMPDIR");

	caught_begin();
	snprintf(dir, sizeof(dir), "%s/mods.XXXXXX", tmp ? tmp : "/tmp");
	cr_assert(mkdtemp(dir) != NULL);
	chmod(dir, 0755);
	setenv("SMB3_MODULE_DIR", dir, 1);
	unsetenv("DID");
}

TestSuite(module, .init = setup);

static void refused(const char *modules, const char *because)
{
	struct test_mods *t = test_mods_start(modules, "");
	const char *text;

	cr_expect_null(t->server, "loaded: %s", modules);
	test_mods_stop(t);
	text = caught();
	cr_expect(strstr(text, because), "wanted %s, got %s", because, text);
}

Test(module, names)
{
	refused("\"../x\"", "\"../x\" is not a module's name");
	refused("\"/etc/x\"", "is not a module's name");
	refused("\"\"", "is not a module's name");
	refused("\"x.so\"", "is not a module's name");
	refused("\"nothere\"", "install it or take it out of modules");
}

Test(module, twice)
{
	build("a", "SMB3_MODULE(a);");
	refused("\"a\", \"a\"", "a is named twice");
}

Test(module, files_that_others_can_change)
{
	char path[300], link[300];

	build("a", "SMB3_MODULE(a);");
	snprintf(path, sizeof(path), "%s/a.so", dir);
	chmod(path, 0775);
	refused("\"a\"", "is writable by others than its owner");
	chmod(path, 0757);
	refused("\"a\"", "is writable by others than its owner");
	chmod(path, 0755);
	snprintf(link, sizeof(link), "%s/b.so", dir);
	cr_assert_eq(symlink(path, link), 0);
	refused("\"b\"", "is not a regular file");
	chmod(dir, 0777);
	refused("\"a\"", "module folder");
	chmod(dir, 0755);
	if (geteuid() == 0 && chown(path, 12345, 0) == 0)
		refused("\"a\"", "belongs to another user");
}

Test(module, what_is_no_module)
{
	char path[300];
	FILE *f;

	snprintf(path, sizeof(path), "%s/text.so", dir);
	f = fopen(path, "w");
	fputs("not a library", f);
	fclose(f);
	chmod(path, 0755);
	refused("\"text\"", "module text cannot be loaded: ");
	refused("\"text\"", "it is no shared object: build it with -shared -fPIC");
	build("bare", "int nothing;");
	refused("\"bare\"", "is not a module of smb3d (no symbol smb3_module)");
	build("magic", "SMB3_MODULE(magic, .magic = 5);");
	refused("\"magic\"", "is not a module of smb3d (its magic number is wrong)");
	build("abi", "SMB3_MODULE(abi, .abi = 3000);");
	refused("\"abi\"", "was built for ABI 3000, this smb3d has ");
	build("other", "SMB3_MODULE(another);");
	refused("\"other\"", "calls itself another");
	build("conf",
	      "static const struct smb3_option o[] = { { .name = \"x\", .type = SMB3_OPT_INT, "
	      ".scope = SMB3_GLOBAL, .offset = 8 }, SMB3_OPTION_END };\n"
	      "SMB3_MODULE(conf, .options = o, .conf_size = 12);");
	refused("\"conf\"", "lies outside of its conf struct");
}

/* Options that cannot be right are refused before a configuration is read with them. */
Test(module, options_that_make_no_sense)
{
	static const struct {
		const char *name, *option, *says;
	} cases[] = {
		{ "typeless", ".type = 99, .scope = SMB3_GLOBAL", "option x has no type or scope" },
		{ "nowhere", ".type = SMB3_OPT_INT", "does the table end with SMB3_OPTION_END?" },
		{ "choice", ".type = SMB3_OPT_ENUM, .scope = SMB3_GLOBAL",
		  "is an ENUM and has no choices" },
		{ "small", ".type = SMB3_OPT_STRING, .scope = SMB3_GLOBAL, .offset = 32",
		  "set conf_size" },
		{ "fallback", ".type = SMB3_OPT_BOOL, .scope = SMB3_GLOBAL, .value = \"maybe\"",
		  "the default of x is not of its type" },
	};

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		char body[600], list[80];

		snprintf(
			body, sizeof(body),
			"static const struct smb3_option o[] = { { .name = \"x\", %s }, SMB3_OPTION_END };\n"
			"SMB3_MODULE(%s, .options = o, .conf_size = 32);",
			cases[i].option, cases[i].name);
		build(cases[i].name, body);
		snprintf(list, sizeof(list), "\"%s\"", cases[i].name);
		refused(list, cases[i].says);
	}
}

/* One byte of the ELF header says which class, two for which machine. */
static void patch(const char *name, long at, const char *bytes, size_t len)
{
	char path[300];
	FILE *f;

	build(name, "SMB3_MODULE(machine);");
	snprintf(path, sizeof(path), "%s/%s.so", dir, name);
	f = fopen(path, "r+");
	cr_assert_not_null(f);
	fseek(f, at, SEEK_SET);
	fwrite(bytes, 1, len, f);
	fclose(f);
}

Test(module, another_machine)
{
	patch("class", 4, "\1", 1);
	refused("\"class\"", "it was built for another machine: build it on this one");
	patch("arch", 18, "\x16\0", 2); /* S/390 */
	refused("\"arch\"", "or it was built for another machine");
}

/* What the linker did not find out is told when the module is loaded. */
Test(module, what_it_is_linked_with)
{
	char command[700], path[300];

	build("undefined",
	      "int nothere(void); __attribute__((visibility(\"default\"))) int f(void) "
	      "{ return nothere(); }\nSMB3_MODULE(undefined);");
	refused("\"undefined\"", "undefined symbol: nothere: link it with what it uses");
	build("newer",
	      "int smb3_new_function(void); __attribute__((visibility(\"default\"))) int f(void) "
	      "{ return smb3_new_function(); }\nSMB3_MODULE(newer);");
	refused("\"newer\"",
		"undefined symbol: smb3_new_function: it was built for another version");
	snprintf(
		command, sizeof(command),
		"cd '%s' && echo 'int there(void) { return 1; }' | cc -shared -fPIC -x c - -o libthere.so && "
		"{ echo '#include <smb3/smb3.h>'; echo 'int there(void); SMB3_MODULE(linked);"
		"__attribute__((visibility(\"default\"))) int f(void) { return there(); }'; } | "
		"cc -shared -fPIC -w -D_GNU_SOURCE -I'%s/core/include' -x c - -o linked.so -L. -lthere && "
		"chmod 755 linked.so && rm libthere.so",
		dir, getenv("SMB3_SRCDIR") ? getenv("SMB3_SRCDIR") : ".");
	cr_assert_eq(system(command), 0);
	refused("\"linked\"", "a library that it was linked with is missing (ldd tells which)");
	snprintf(path, sizeof(path), "%s/linked.so", dir);
	cr_assert_eq(truncate(path, 200), 0);
	refused("\"linked\"", "it is no shared object");
}

/* A row that would be called and has nothing to call. */
Test(module, a_row_without_its_function)
{
	build("idle", "static const struct smb3_ctl_command c = { .name = \"idle\" };\n"
		      "static const struct smb3_provide p[] = { SMB3_CTL(&c), SMB3_END };\n"
		      "SMB3_MODULE(idle, .provides = p);");
	refused("\"idle\"",
		"module idle: a row of kind ctl (idle): what such a row must have is NULL");
}

Test(module, needs_and_circles)
{
	build("a", "SMB3_MODULE(a, .needs = NAMES(\"b\"));");
	build("b", "SMB3_MODULE(b, .wants = NAMES(\"c\"));");
	build("c", "SMB3_MODULE(c, .needs = NAMES(\"a\"));");
	refused("\"a\"", "module a needs module b: add \"b\" to modules");
	refused("\"c\", \"a\", \"b\"", "in a circle: c needs a needs b needs c;");
}

Test(module, order_of_a_life)
{
	struct test_mods *t;

	build("a", "LIFE(\"a\") SMB3_MODULE(a, ALL, .needs = NAMES(\"b\"));");
	build("b", "LIFE(\"b\") SMB3_MODULE(b, ALL, .wants = NAMES(\"d\", \"absent\"));");
	build("c", "LIFE(\"c\") SMB3_MODULE(c, ALL);");
	build("d", "LIFE(\"d\") SMB3_MODULE(d, ALL);");
	t = test_mods_start("\"c\", \"a\", \"b\", \"d\"", "");
	cr_assert_not_null(t->server, "%s", caught());
	cr_expect_str_eq(t->server->mods[0]->module->name, "c",
			 "as configured where nothing is said");
	cr_expect_eq(smb3_modules_start(t->server), 0);
	test_mods_stop(t);
	cr_expect_str_eq(getenv("DID"),
			 "init-c init-d init-b init-a start-c start-d start-b start-a "
			 "stop-a stop-b stop-d stop-c fini-a fini-b fini-d fini-c ");
}

Test(module, a_failing_init_is_unwound)
{
	build("a", "LIFE(\"a\") SMB3_MODULE(a, ALL);");
	build("b", "LIFE(\"b\") SMB3_MODULE(b, ALL);");
	build("c", "LIFE(\"c\") static int no(struct smb3_mod *m) { did(\"no\"); return -5; }\n"
		   "SMB3_MODULE(c, ALL, .init = no);");
	build("d", "LIFE(\"d\") SMB3_MODULE(d, ALL);");
	refused("\"a\", \"b\", \"c\", \"d\"", "module c cannot start: Input/output error");
	cr_expect_str_eq(getenv("DID"), "init-a init-b no fini-b fini-a ");
}

Test(module, a_failing_start_is_unwound)
{
	struct test_mods *t;

	build("a", "LIFE(\"a\") SMB3_MODULE(a, ALL);");
	build("b", "LIFE(\"b\") static int no(struct smb3_mod *m) { did(\"no\"); return -5; }\n"
		   "SMB3_MODULE(b, ALL, .start = no);");
	build("c", "LIFE(\"c\") SMB3_MODULE(c, ALL);");
	t = test_mods_start("\"a\", \"b\", \"c\"", "");
	cr_assert_not_null(t->server, "%s", caught());
	cr_expect_eq(smb3_modules_start(t->server), -5);
	test_mods_stop(t);
	cr_expect_str_eq(getenv("DID"),
			 "init-a init-b init-c start-a no stop-a fini-c fini-b fini-a ");
}

/* Nothing of a module runs when any of them is refused. */
Test(module, nothing_runs_before_all_are_checked)
{
	build("a", "LIFE(\"a\") SMB3_MODULE(a, ALL);");
	refused("\"a\", \"nothere\"", "nothere");
	cr_expect_null(getenv("DID"));
}

Test(module, a_row_of_two)
{
	build("a",
	      "static const struct smb3_command c = { .name = \"ECHO\", .run = run };\n"
	      "static const struct smb3_provide p[] = { SMB3_COMMAND(SMB2_ECHO, &c), SMB3_END };\n"
	      "SMB3_MODULE(a, .provides = p);");
	build("b",
	      "static const struct smb3_command c = { .name = \"ECHO\", .run = run };\n"
	      "static const struct smb3_provide p[] = { SMB3_COMMAND(SMB2_ECHO, &c), SMB3_END };\n"
	      "SMB3_MODULE(b, .provides = p);");
	refused("\"a\", \"b\"", "modules a and b both provide command 0x0d ECHO");
}

Test(module, listing)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	struct smb3_server *server;

	build("a",
	      "static const struct smb3_command c = { .name = \"ECHO\", .run = run };\n"
	      "static const struct smb3_provide p[] = { SMB3_COMMAND(SMB2_ECHO, &c), SMB3_END };\n"
	      "SMB3_MODULE(a, .summary = \"says \\\"so\\\"\", .needs = NAMES(\"b\"), .provides = p);");
	server = smb3_server_check(NULL, dir);
	cr_assert_not_null(server);
	modules_print(server, out, false);
	modules_print(server, out, true);
	fclose(out);
	cr_expect_str_eq(text,
			 "a 1.0: says \"so\"\n\tneeds b\n\tcommand 0x0d ECHO\n"
			 "[\n{\"module\":\"a\",\"version\":\"1.0\",\"summary\":\"says \\\"so\\\"\","
			 "\"needs\":[\"b\"],\"wants\":[],\"rows\":[{\"kind\":\"command\","
			 "\"key\":\"0x0d\",\"name\":\"ECHO\"}]}\n]\n");
	free(text);
	smb3_server_free(server);
}
