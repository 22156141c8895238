// SPDX-License-Identifier: Apache-2.0
/*
 * test_conf.c: configurations: what is read, what is refused and how that is said, and reloads.
 */
#include "conf_file.h"
#include "daemon.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- a server with a module "cipher" and what shares need, and no file behind them ---- */

struct cipher_conf {
	bool require;
	const char *const *algorithms;
	uint64_t patience, window;
	int mode;
	uint32_t mask;
	int64_t rounds;
	const char *label;
};

static const char *const modes[] = { "slow", "fast", NULL };

#define OPT(field) offsetof(struct cipher_conf, field)
static const struct smb3_option cipher_options[] = {
	{ "require", SMB3_OPT_BOOL, SMB3_GLOBAL | SMB3_SHARE, OPT(require), "false", 0, 0, NULL,
	  "h" },
	{ "algorithms", SMB3_OPT_LIST, SMB3_GLOBAL, OPT(algorithms), "one, two", 0, 0, NULL, "h" },
	{ "patience", SMB3_OPT_TIME, SMB3_GLOBAL, OPT(patience), "5m", 0, 0, NULL, "h" },
	{ "window", SMB3_OPT_SIZE, SMB3_GLOBAL, OPT(window), "64K", 1024, 1 << 20, NULL, "h" },
	{ "mode", SMB3_OPT_ENUM, SMB3_GLOBAL, OPT(mode), "fast", 0, 0, modes, "h" },
	{ "mask", SMB3_OPT_MODE, SMB3_GLOBAL, OPT(mask), "0755", 0, 0, NULL, "h" },
	{ "rounds", SMB3_OPT_INT, SMB3_GLOBAL, OPT(rounds), "3", 1, 10, NULL, "h" },
	{ "label", SMB3_OPT_STRING, SMB3_GLOBAL | SMB3_SHARE, OPT(label), "x", 0, 0, NULL, "h" },
	SMB3_OPTION_END,
};

static const struct smb3_vfs_ops posix_ops = { .name = "posix" };
static const struct smb3_vfs_ops filter_ops = { .name = "recycle", .flags = SMB3_VFS_FILTER };
static const struct smb3_transport tcp_row = { .scheme = "tcp" };
static const struct smb3_provide cipher_rows[] = {
	SMB3_VFS(&posix_ops),
	SMB3_VFS(&filter_ops),
	SMB3_TRANSPORT(&tcp_row),
	SMB3_END,
};

static int reload_answer;

static int cipher_reload(struct smb3_mod *mod, const void *new_conf)
{
	(void)mod;
	(void)new_conf;
	return reload_answer;
}

static const struct smb3_module cipher_module = {
	.magic = SMB3_MODULE_MAGIC,
	.abi = SMB3_ABI,
	.name = "cipher",
	.version = "1",
	.options = cipher_options,
	.conf_size = sizeof(struct cipher_conf),
	.provides = cipher_rows,
	.reload = cipher_reload,
};

static char path[256];
static struct smb3_mod mod = { .magic = SMB3_MOD_MAGIC, .module = &cipher_module };
static struct smb3_server server = { .magic = SMB3_SERVER_MAGIC, .module_dir = "/nonexistent" };

static void setup(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(path, sizeof(path), "%s/smb3.conf.XXXXXX", tmp ? tmp : "/tmp");
	close(mkstemp(path));
	server.mods[0] = &mod;
	server.n_mods = 1;
	mod.server = &server;
	pthread_mutex_init(&server.config_lock, NULL);
	cr_assert_eq(smb3_registry_add(&server, &mod, cipher_rows), 0);
}

static void teardown(void)
{
	struct smb3_config *c = atomic_load(&server.config);

	smb3_config_free(c);
	smb3_registry_free(&server.registry);
	smb3_log_close();
	unlink(path);
}

static void write_conf(const char *text)
{
	FILE *f = fopen(path, "w");

	fputs(text, f);
	fclose(f);
}

/* The finished configuration; the test fails when there is a problem. */
static struct smb3_config *good(const char *text)
{
	struct smb3_config *c;

	write_conf(text);
	cr_assert_eq(smb3_config_open(&server, path, &c), 0, "%s", c->report->text);
	cr_assert_eq(smb3_config_finish(&server, c), 0, "%s", c->report->text);
	return c;
}

/* All problems, to be freed. */
static char *bad(const char *text)
{
	struct smb3_config *c;
	char *said;
	int err;

	write_conf(text);
	err = smb3_config_open(&server, path, &c);
	if (!err)
		err = smb3_config_finish(&server, c);
	cr_assert_lt(err, 0, "accepted: %s", text);
	said = smb3_strdup(c->report->text);
	smb3_config_free(c);
	return said;
}

TestSuite(conf, .init = setup, .fini = teardown);

Test(conf, defaults)
{
	struct smb3_config *c = good("modules = [ ];");
	const struct cipher_conf *conf = c->mod_confs[0];

	cr_expect_str_eq(c->server.workgroup, "WORKGROUP");
	cr_expect(c->server.name[0]);
	cr_expect_eq(c->limits.max_io, 8u << 20);
	cr_expect_eq(c->limits.logon_time, 30000);
	cr_expect_str_eq(smb3_dialect_names[c->server.max_dialect], "3.1.1");
	cr_expect_eq(c->n_listen, 0);
	cr_expect_not(conf->require);
	cr_expect_str_eq(conf->algorithms[1], "two");
	cr_expect_null(conf->algorithms[2]);
	cr_expect_eq(conf->patience, 300000);
	cr_expect_eq(conf->window, 65536);
	cr_expect_eq(conf->mode, 1);
	cr_expect_eq(conf->mask, 0755);
	cr_expect_eq(conf->rounds, 3);
	cr_expect_str_eq(conf->label, "x");
	smb3_config_free(c);
}

Test(conf, values_of_every_type)
{
	struct smb3_config *c = good(
		"modules = [ ]; cipher = { require = true; algorithms = [ \"a\" ]; patience = 2; "
		"window = \"1M\"; mode = \"slow\"; mask = \"0700\"; rounds = 10; label = \"\"; };");
	const struct cipher_conf *conf = c->mod_confs[0];

	cr_expect(conf->require);
	cr_expect_str_eq(conf->algorithms[0], "a");
	cr_expect_null(conf->algorithms[1]);
	cr_expect_eq(conf->patience, 2000, "a bare time is in seconds");
	cr_expect_eq(conf->window, 1u << 20);
	cr_expect_eq(conf->mode, 0);
	cr_expect_eq(conf->mask, 0700);
	cr_expect_eq(conf->rounds, 10);
	cr_expect_str_eq(conf->label, "");
	smb3_config_free(c);
}

Test(conf, units)
{
	static const struct {
		const char *text;
		uint64_t ms;
	} cases[] = { { "\"250ms\"", 250 },  { "\"30s\"", 30000 }, { "\"5m\"", 300000 },
		      { "\"1h\"", 3600000 }, { "\"7\"", 7000 },    { "0", 0 } };

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		char text[128];
		struct smb3_config *c;

		snprintf(text, sizeof(text), "modules = [ ]; cipher = { patience = %s; };",
			 cases[i].text);
		c = good(text);
		cr_expect_eq(((struct cipher_conf *)c->mod_confs[0])->patience, cases[i].ms);
		smb3_config_free(c);
	}
}

/* Every value here is of the wrong type, out of range or not a number. */
Test(conf, wrong_values_are_refused)
{
	static const char *const cases[] = {
		"require = 1",
		"require = \"true\"",
		"algorithms = \"a\"",
		"algorithms = [ 1 ]",
		"patience = \"5x\"",
		"patience = \"\"",
		"patience = -1",
		"patience = true",
		"window = \"2M\"",
		"window = 1",
		"window = \"K\"",
		"window = \"-1K\"",
		"window = \"99999999999999999999\"",
		"window = \"18014398509481985K\"",
		"mode = \"medium\"",
		"mode = 1",
		"mask = \"0888\"",
		"mask = 755",
		"mask = \"77777\"",
		"rounds = 0",
		"rounds = 11",
		"rounds = \"3\"",
		"rounds = 3.0",
		"label = 5",
		"label = { }",
	};

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		char text[128], *said;
		const char *name_end = strchr(cases[i], ' ');

		snprintf(text, sizeof(text), "modules = [ ];\ncipher = { %s; };", cases[i]);
		said = bad(text);
		cr_expect(strstr(said, ":2: "), "%s: no line in: %s", cases[i], said);
		cr_expect(!strncmp(strstr(said, ":2: ") + 4, cases[i],
				   (size_t)(name_end - cases[i])),
			  "%s: not named in: %s", cases[i], said);
		cr_expect(strstr(said, "for example: "), "%s: no example in: %s", cases[i], said);
		free(said);
	}
}

Test(conf, all_problems_are_told)
{
	char *said = bad(
		"server = { workerss = 1; };\n"
		"limits = { sessions = 0; };\n"
		"serverr = { };\n"
		"listen = ( { transport = \"pigeon\"; address = \"300.1.1.1\"; port = 70000; } );\n"
		"modules = [ ];\n"
		"cipher = { requier = true; };\n"
		"shares = ( { name = \"a\"; path = \"relative\"; },\n"
		"           { name = \"A\"; path = \"/\"; vfs = [ \"posix\" ]; },\n"
		"           { name = \"ipc$\"; path = \"/\"; backend = \"recycle\"; } );\n");
	static const char *const wanted[] = {
		":1: unknown key workerss in server; did you mean workers?",
		":2: sessions in limits must be a number from 1",
		":3: unknown key serverr in smb3.conf; did you mean server?",
		"no module provides \"pigeon\"",
		"\"300.1.1.1\" is not a numeric address",
		":4: port in listen must be a number from 0 to 65535",
		":6: unknown key requier in cipher; did you mean require?",
		"path in share a must begin with a slash",
		"the share A is there twice",
		"no module provides a filter \"posix\"",
		"IPC$ is the server's own",
		"\"recycle\" is a filter",
	};

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(wanted); i++)
		cr_expect(strstr(said, wanted[i]), "missing: %s\nin: %s", wanted[i], said);
	free(said);
}

Test(conf, names_of_shares)
{
	static const char *const names[] = { "",
					     "a/b",
					     "a\\\\b",
					     "a:b",
					     "a*",
					     "a\\\"b",
					     "a\\x01",
					     ("12345678901234567890123456789012345678901234567890"
					      "1234567890123456789012345678901") };

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(names); i++) {
		char text[256], *said;

		snprintf(text, sizeof(text),
			 "modules = [ ]; shares = ( { name = \"%s\"; path = \"/\"; } );", names[i]);
		said = bad(text);
		cr_expect(strstr(said, "is not a share's name"), "%s: %s", names[i], said);
		free(said);
	}
}

Test(conf, files_that_cannot_be_read)
{
	struct smb3_config *c;

	cr_expect_eq(smb3_config_open(&server, "/nonexistent/smb3.conf", &c), -ENOENT);
	cr_expect(strstr(c->report->text, "/nonexistent/smb3.conf: No such file; name"));
	smb3_config_free(c);
	cr_expect_eq(smb3_config_open(&server, "/tmp", &c), -EISDIR);
	cr_expect(strstr(c->report->text, "/tmp: is a folder"));
	smb3_config_free(c);
	write_conf("modules = [ ];\nshares = ((;\n");
	cr_expect_eq(smb3_config_open(&server, path, &c), -EINVAL);
	cr_expect(strstr(c->report->text, ":2: "));
	smb3_config_free(c);
}

Test(conf, included_files_are_named)
{
	char other[300], text[400], *said;
	FILE *f;

	snprintf(other, sizeof(other), "%s.part", path);
	f = fopen(other, "w");
	fputs("\nserver = { nmae = \"x\"; };\n", f);
	fclose(f);
	snprintf(text, sizeof(text), "modules = [ ];\n@include \"%s\"\n", strrchr(other, '/') + 1);
	said = bad(text);
	cr_expect(strstr(said, ".part:2: unknown key nmae"), "%s", said);
	free(said);
	unlink(other);
}

Test(conf, options_of_modules_per_share)
{
	struct smb3_config *c =
		good("modules = [ ]; cipher = { label = \"all\"; rounds = 5; };\n"
		     "shares = ( { name = \"plain\"; path = \"/\"; },\n"
		     " { name = \"safe\"; path = \"/tmp/\"; vfs = [ \"recycle\" ];\n"
		     "   cipher = { require = true; }; } );");
	const struct cipher_conf *plain, *safe;

	smb3_config_use(&server, c);
	cr_assert_eq(c->n_shares, 3, "two, and IPC$");
	cr_expect_str_eq(c->shares[1]->path, "/tmp");
	cr_expect_str_eq(c->shares[2]->name, "IPC$");
	cr_expect(c->shares[2]->pipe);
	plain = smb3_conf_of(&mod, c->shares[0]);
	safe = smb3_conf_of(&mod, c->shares[1]);
	cr_expect_not(plain->require);
	cr_expect(safe->require);
	cr_expect_str_eq(safe->label, "all");
	cr_expect_eq(safe->rounds, 5);
	cr_expect_eq(smb3_conf_of(&mod, NULL), c->mod_confs[0]);
}

Test(conf, share_options_for_all_shares)
{
	struct smb3_config *c =
		good("modules = [ ]; cipher = { require = true; };\n"
		     "shares = ( { name = \"all\"; path = \"/\"; },\n"
		     " { name = \"not\"; path = \"/\"; cipher = { require = false; }; } );");
	const struct cipher_conf *all, *not ;

	smb3_config_use(&server, c);
	all = smb3_conf_of(&mod, c->shares[0]);
	not = smb3_conf_of(&mod, c->shares[1]);
	cr_expect(all->require);
	cr_expect_not(not ->require);
}

Test(conf, only_share_options_in_shares)
{
	char *said = bad("modules = [ ]; shares = (\n"
			 "{ name = \"a\"; path = \"/\"; require = true; },\n"
			 "{ name = \"b\"; path = \"/\"; cipher = { rounds = 4; }; },\n"
			 "{ name = \"c\"; path = \"/\"; ciphre = { }; } );");

	cr_expect(strstr(said, ":2: unknown key require in share a"), "%s", said);
	cr_expect(strstr(said, ":3: rounds cannot be set per share"), "%s", said);
	cr_expect(strstr(said, ":4: unknown key ciphre in share c; did you mean cipher?"), "%s",
		  said);
	free(said);
}

Test(conf, a_missing_folder_is_no_error_a_file_is)
{
	struct smb3_config *c =
		good("modules = [ ]; shares = ( { name = \"a\"; path = \"/nonexistent\"; } );");
	char *said;

	smb3_config_free(c);
	said = bad("modules = [ ]; shares = ( { name = \"a\"; path = \"/etc/passwd\"; } );");
	cr_expect(strstr(said, "/etc/passwd is not a folder"));
	free(said);
}

Test(conf, shares_are_found_without_case)
{
	struct smb3_share *share;

	smb3_config_use(&server,
			good("modules = [ ]; shares = ( { name = \"Größe\"; path = \"/\"; } );"));
	share = smb3_share_find(&server, "gRÖßE");
	cr_assert_not_null(share);
	cr_expect_str_eq(share->name, "Größe");
	cr_expect_eq(atomic_load(&share->refs), 2);
	smb3_share_unref(share);
	cr_expect_null(smb3_share_find(&server, "other"));
	share = smb3_share_find(&server, "ipc$");
	cr_expect_not_null(share);
	smb3_share_unref(share);
}

/* libconfig would end the process. */
Test(conf, what_cannot_be_included)
{
	static const char *const names[] = { "/etc/passwd", ".", "nothere", "" };
	char text[400], *said;

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(names); i++) {
		snprintf(text, sizeof(text), "modules = [ ];\n\t@include \t\"%s\"\n", names[i]);
		said = bad(text);
		cr_expect(strstr(said, ":2: \"") && strstr(said, "cannot be included"), "%s", said);
		free(said);
	}
	snprintf(text, sizeof(text), "@include \"%s\"\n", strrchr(path, '/') + 1);
	said = bad(text);
	cr_expect(strstr(said, ":1: \"") && strstr(said, "cannot be included"), "%s", said);
	free(said);
}

/* ---- reload ---- */

static void reloaded(void *arg, const char *refused)
{
	*(char **)arg = refused ? smb3_strdup(refused) : NULL;
}

/* NULL, or why not. */
static char *reload(void)
{
	char *why = NULL;

	smb3_server_reload(&server, reloaded, &why);
	return why;
}

static const char before[] =
	"modules = [ ];\n"
	"shares = ( { name = \"same\"; path = \"/\"; },\n"
	" { name = \"changes\"; path = \"/\"; }, { name = \"goes\"; path = \"/\"; } );";

Test(conf, reload_swaps_and_keeps_what_is_the_same)
{
	struct smb3_share *same, *changes, *goes, *found;
	char *why;

	smb3_config_use(&server, good(before));
	same = smb3_share_find(&server, "same");
	changes = smb3_share_find(&server, "changes");
	goes = smb3_share_find(&server, "goes");
	write_conf(
		"server = { workgroup = \"OTHER\"; }; modules = [ ]; cipher = { mode = \"slow\"; };\n"
		"shares = ( { name = \"changes\"; path = \"/tmp\"; },\n"
		" { name = \"comes\"; path = \"/\"; }, { name = \"same\"; path = \"/\"; } );");
	why = reload();
	cr_expect_null(why, "%s", why);
	cr_expect_str_eq(smb3_server_conf(&server)->workgroup, "OTHER");
	cr_expect_eq(((const struct cipher_conf *)atomic_load(&mod.conf))->mode, 0);

	found = smb3_share_find(&server, "changes");
	cr_expect_neq(found, changes, "a share that changed is a new one");
	cr_expect_str_eq(found->path, "/tmp");
	cr_expect_str_eq(changes->path, "/", "who holds the old one goes on with it");
	smb3_share_unref(found);
	cr_expect_null(smb3_share_find(&server, "goes"));
	cr_expect_eq(atomic_load(&goes->refs), 1, "ours");
	found = smb3_share_find(&server, "comes");
	cr_expect_not_null(found);
	smb3_share_unref(found);
	smb3_share_unref(same);
	smb3_share_unref(changes);
	smb3_share_unref(goes);
}

/* The options of the module differ between the two, so the shares differ as well. */
Test(conf, reload_keeps_a_share_only_with_the_same_options)
{
	struct smb3_share *old, *fresh;
	char *why;

	smb3_config_use(&server, good(before));
	old = smb3_share_find(&server, "same");
	write_conf(before);
	why = reload();
	cr_assert_null(why, "%s", why);
	fresh = smb3_share_find(&server, "same");
	cr_expect_eq(old, fresh);
	smb3_share_unref(fresh);
	write_conf("modules = [ ]; cipher = { label = \"y\"; };\n"
		   "shares = ( { name = \"same\"; path = \"/\"; } );");
	why = reload();
	cr_assert_null(why, "%s", why);
	fresh = smb3_share_find(&server, "same");
	cr_expect_neq(old, fresh);
	smb3_share_unref(fresh);
	smb3_share_unref(old);
}

static void refuses(const char *text, const char *because)
{
	const struct smb3_config *used = atomic_load(&server.config);
	char *why;

	write_conf(text);
	why = reload();
	cr_assert_not_null(why, "accepted: %s", text);
	cr_expect(strstr(why, because), "wanted %s, got %s", because, why);
	cr_expect_eq(atomic_load(&server.config), used, "a refused one changes nothing");
	free(why);
}

Test(conf, reload_is_all_or_nothing)
{
	smb3_config_use(&server, good(before));
	refuses("modules = [ ]; server = { nonsense = 1; };", "unknown key nonsense");
	refuses("modules = [ ", ":1: ");
	refuses("modules = [ ]; listen = ( { transport = \"tcp\"; } );", "listen has changed");
	refuses("modules = [ \"other\" ];", "modules has changed");
	refuses("modules = [ ]; server = { workers = 7; };", "server.workers has changed");
	refuses("modules = [ ]; server = { io_threads = 7; };", "server.io_threads has changed");
	refuses("modules = [ ]; server = { state_dir = \"/x\"; };", "server.state_dir has changed");
	refuses("modules = [ ]; server = { run_dir = \"/x\"; };", "server.run_dir has changed");
	reload_answer = -EBUSY;
	refuses("modules = [ ];", "module cipher refuses");
	reload_answer = 0;
	unlink(path);
	refuses("", "");
}

/* ---- words ---- */

Test(conf, nearest)
{
	static const char *const names[] = { "workers", "workgroup", "name", "run_dir" };
	static const struct {
		const char *typed, *near;
	} cases[] = { { "workerss", "workers" },
		      { "WORKERS", "workers" },
		      { "nmae", "name" },
		      { "rundir", "run_dir" },
		      { "w", NULL },
		      { "zzzzzz", NULL } };

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		const char *near = smb3_nearest(cases[i].typed, names, SMB3_ARRAY_SIZE(names));

		cr_expect(near == cases[i].near ||
				  (near && cases[i].near && !strcmp(near, cases[i].near)),
			  "%s: %s", cases[i].typed, near ? near : "nothing");
	}
	cr_expect_null(smb3_nearest("x", names, 0));
}

Test(conf, reference_has_every_option)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	options_print(NULL, out);
	options_print(&cipher_module, out);
	fclose(out);
	for (const struct smb3_option *o = cipher_options; o->name; o++)
		cr_expect(strstr(text, o->name), "%s", o->name);
	cr_expect(strstr(text, ".Ss Module cipher\n"));
	cr_expect(strstr(
		text, "This is a size in bytes, K, M or G from 1K to 1M; the default is \"64K\"."));
	cr_expect(strstr(text, "This is one of \"slow\", \"fast\"; the default is \"fast\"."));
	cr_expect(strstr(text, "the default is [ \"one\", \"two\" ]."));
	cr_expect(strstr(text, "It can also be set per share."));
	free(text);
}
