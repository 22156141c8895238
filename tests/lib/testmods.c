// SPDX-License-Identifier: Apache-2.0
/*
 * testmods.c: a server with a few modules, initialised but not started.
 */
#include "testmods.h"

#include "core.h"

#include <errno.h>
#include <ftw.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEX_MAX 4096

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "testmods: %s: %s\n", what, strerror(errno));
	exit(99);
}

struct test_mods *test_mods_start(const char *modules, const char *groups)
{
	struct test_mods *t = smb3_alloc(sizeof(*t));
	const char *dir = getenv("SMB3_MODULE_DIR"), *tmp = getenv("TMPDIR");
	char path[96];
	FILE *f;

	snprintf(t->dir, sizeof(t->dir), "%.40s/smb3m.XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(t->dir))
		die(t->dir);
	snprintf(path, sizeof(path), "%s/state", t->dir);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/smb3.conf", t->dir);
	f = fopen(path, "w");
	if (!f)
		die(path);
	fprintf(f,
		"server = { name = \"TEST\"; state_dir = \"%s/state\"; run_dir = \"%s/run\"; };\n"
		"modules = [ %s ];\n%s\n",
		t->dir, t->dir, modules, groups);
	fclose(f);
	t->server = smb3_server_new(path, dir ? dir : SMB3D_MODULE_DIR);
	return t;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

void test_mods_stop(struct test_mods *t)
{
	if (t->server)
		smb3_server_free(t->server);
	nftw(t->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(t->own);
	free(t);
}

void test_mods_add(struct test_mods *t, const struct smb3_provide *provides)
{
	static const struct smb3_module own = { .magic = SMB3_MODULE_MAGIC,
						.abi = SMB3_ABI,
						.name = "test" };

	t->own = smb3_alloc(sizeof(*t->own));
	t->own->magic = SMB3_MOD_MAGIC;
	t->own->module = &own;
	t->own->server = t->server;
	if (smb3_registry_add(t->server, t->own, provides) < 0)
		die("the test's own rows");
}

const char *test_mods_user(void)
{
	const struct passwd *pw = getpwuid(geteuid());

	return pw ? pw->pw_name : "nobody";
}

struct smb3_conn *test_mods_conn(struct test_mods *t)
{
	struct smb3_conn *conn = smb3_object_alloc(t->server, SMB3_SLOT_CONN);

	conn->magic = SMB3_CONN_MAGIC;
	conn->server = t->server;
	return conn;
}

struct smb3_channel *test_mods_channel(struct test_mods *t)
{
	struct smb3_channel *ch = smb3_alloc(sizeof(*ch));

	ch->magic = SMB3_CHANNEL_MAGIC;
	ch->session = smb3_object_alloc(t->server, SMB3_SLOT_SESSION);
	ch->session->magic = SMB3_SESSION_MAGIC;
	smb3_slots_init(t->server, SMB3_SLOT_SESSION, ch->session);
	return ch;
}

void test_mods_channel_free(struct test_mods *t, struct smb3_channel *ch)
{
	smb3_slots_fini(t->server, SMB3_SLOT_SESSION, ch->session);
	free(ch->session);
	free(ch);
}

static int hex_digit(char c)
{
	const char *digits = "0123456789abcdef", *at = c ? strchr(digits, c | 0x20) : NULL;

	return at ? (int)(at - digits) : -1;
}

size_t test_hex(const char *hex, void *ret_bytes, size_t size)
{
	uint8_t *p = ret_bytes;
	size_t n = 0;

	while (*hex) {
		int high, low;

		if (*hex == ' ') {
			hex++;
			continue;
		}
		high = hex_digit(hex[0]);
		low = hex_digit(hex[1]);
		if (high < 0 || low < 0 || n == size) {
			errno = EINVAL;
			die(hex);
		}
		p[n++] = (uint8_t)(high << 4 | low);
		hex += 2;
	}
	return n;
}

struct test_bytes test_bytes(const char *hex)
{
	struct test_bytes b;

	b.len = test_hex(hex, b.data, sizeof(b.data));
	return b;
}

bool test_is_hex(const void *bytes, size_t len, const char *hex)
{
	uint8_t wanted[HEX_MAX];
	size_t n = test_hex(hex, wanted, sizeof(wanted));
	const uint8_t *p = bytes;

	if (n == len && !memcmp(bytes, wanted, n))
		return true;
	fprintf(stderr, "wanted %s\n   got ", hex);
	for (size_t i = 0; i < len; i++)
		fprintf(stderr, "%02x", p[i]);
	fprintf(stderr, "\n");
	return false;
}
