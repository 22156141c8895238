// SPDX-License-Identifier: Apache-2.0
/*
 * testserver.c: a whole server inside the test's process.
 */
#include "testserver.h"

#include "../../transports/loop/loop.h"
#include "core.h"

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>

#define BRIDGES 64

struct bridge {
	struct test_server *t;
	struct smb3_loop_end *end;
	int fd;
	pthread_t up, down;
};

struct test_server {
	struct smb3_server *server;
	pthread_t thread;
	char root[64], share[80], conf[80];
	const struct smb3_loop_transport *loop;
	struct bridge bridges[BRIDGES];
	unsigned int n_bridges;
};

/* What a server loads besides when it is built. */
static const char *const features[] = {
	"lock",     "notify",    "lease",          "acl",   "access", "encrypt", "vfs_streams",
	"vfs_veto", "vfs_catia", "vfs_shortnames", "quota", "lua",    "guard",   "vfs_snapshot",
};
static const char all_modules[] =
	"\"loop\", \"smb2\", \"smb3\", \"smb311\", \"sign\", \"setup\", \"tree\", \"file\", \"dir\", "
	"\"info\", \"ioctl\", \"spnego\", \"ntlm\", \"guest\", \"users\", \"vfs_posix\", \"vfs_mem\"";

static void die(const char *what)
{
	fprintf(stderr, "testserver: %s: %s\n", what, strerror(errno));
	exit(99);
}

static const char *module_dir(void)
{
	const char *dir = getenv("SMB3_MODULE_DIR");

	return dir ? dir : SMB3D_MODULE_DIR;
}

static void put_modules(FILE *f)
{
	char path[PATH_MAX];

	fputs(all_modules, f);
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(features); i++) {
		snprintf(path, sizeof(path), "%s/%s.so", module_dir(), features[i]);
		if (access(path, F_OK) == 0)
			fprintf(f, ", \"%s\"", features[i]);
	}
}

static void conf_write(struct test_server *t, const struct test_server_conf *conf)
{
	FILE *f = fopen(t->conf, "w");

	if (!f)
		die(t->conf);
	fprintf(f,
		"server = { name = \"TEST\"; workers = 2; state_dir = \"%s/state\"; "
		"run_dir = \"%s/run\"; };\n"
		"listen = ( { transport = \"loop\"; address = \"*\"; port = 0; } );\n"
		"modules = [ ",
		t->root, t->root);
	if (conf && conf->modules)
		fputs(conf->modules, f);
	else
		put_modules(f);
	if (conf && conf->also)
		fprintf(f, ", %s", conf->also);
	fprintf(f,
		" ];\n%s\n"
		"shares = ( { name = \"share\"; path = \"%s\"; },\n"
		"           { name = \"ro\"; path = \"%s\"; read_only = true; },\n"
		"           { name = \"mem\"; path = \"/\"; backend = \"mem\"; }%s );\n",
		conf && conf->groups ? conf->groups : "", t->share, t->share,
		conf && conf->shares ? conf->shares : "");
	fclose(f);
	chmod(t->conf, 0600);
}

/* alice is served as the user that runs the test. */
static void alice_add(struct test_server *t)
{
	static const uint8_t nt_hash_of_secret[16] = { 0x87, 0x8d, 0x80, 0x14, 0x60, 0x6c,
						       0xda, 0x29, 0x67, 0x7a, 0x44, 0xef,
						       0xa1, 0x35, 0x3f, 0xc7 };
	const struct smb3_accounts *users = smb3_row_name(t->server, SMB3_KIND_ACCOUNTS, "users");
	struct smb3_account a = { .name = "alice", .has_password = true };
	const struct passwd *me = getpwuid(geteuid());

	if (!users || !me)
		return;
	snprintf(a.unix_name, sizeof(a.unix_name), "%s", me->pw_name);
	memcpy(a.nt_hash, nt_hash_of_secret, sizeof(a.nt_hash));
	if (users->put(smb3_module_of(t->server, users), &a) < 0)
		die("the account alice");
}

static void *run(void *arg)
{
	struct test_server *t = arg;

	smb3_server_run(t->server);
	return NULL;
}

struct test_server *test_server_start(const struct test_server_conf *conf)
{
	struct test_server *t = smb3_alloc(sizeof(*t));
	const char *tmp = getenv("TMPDIR");

	snprintf(t->root, sizeof(t->root), "%.40s/smb3t.XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(t->root))
		die(t->root);
	snprintf(t->share, sizeof(t->share), "%s/share", t->root);
	snprintf(t->conf, sizeof(t->conf), "%s/smb3.conf", t->root);
	mkdir(t->share, 0755);
	conf_write(t, conf);
	t->server = smb3_server_new(t->conf, module_dir());
	if (!t->server || smb3_server_start(t->server) < 0)
		die("the server does not start");
	t->loop = smb3_row_name(t->server, SMB3_KIND_TRANSPORT, "loop");
	alice_add(t);
	if (pthread_create(&t->thread, NULL, run, t))
		die("thread");
	return t;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	return remove(path);
}

void test_server_stop(struct test_server *t)
{
	for (unsigned int i = 0; i < t->n_bridges; i++) {
		shutdown(t->bridges[i].fd, SHUT_RDWR);
		pthread_join(t->bridges[i].up, NULL);
		pthread_join(t->bridges[i].down, NULL);
		t->loop->hang_up(t->bridges[i].end);
		close(t->bridges[i].fd);
	}
	smb3_server_stop(t->server);
	pthread_join(t->thread, NULL);
	smb3_server_free(t->server);
	nftw(t->root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(t);
}

void test_server_hook(struct test_server *t, enum smb3_hook_point point,
		      const struct smb3_hook *hook)
{
	struct smb3_hooks *hooks = &t->server->hooks;

	free(hooks->entries[point]);
	hooks->entries[point] = smb3_alloc(sizeof(*hooks->entries[point]));
	hooks->entries[point]->hook = hook;
	hooks->count[point] = 1;
	atomic_store(&hooks->live[point], 1);
}

struct smb3_server *test_server_core(const struct test_server *t)
{
	return t->server;
}

const char *test_server_dir(const struct test_server *t)
{
	return t->share;
}

/* ---- the bridge ---- */

static bool read_all(int fd, uint8_t *p, size_t len)
{
	while (len) {
		ssize_t n = read(fd, p, len);

		if (n <= 0)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}

static void *bridge_up(void *arg)
{
	struct bridge *b = arg;
	uint8_t head[4];

	while (read_all(b->fd, head, 4)) {
		size_t len = (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
		uint8_t *data = smb3_alloc(len + 1);

		if (read_all(b->fd, data, len))
			b->t->loop->send(b->end, data, len);
		free(data);
	}
	b->t->loop->shut(b->end);
	return NULL;
}

static void *bridge_down(void *arg)
{
	struct bridge *b = arg;

	while (!b->t->loop->closed(b->end)) {
		size_t len;
		uint8_t *data = b->t->loop->receive(b->end, 1000, &len);
		uint8_t head[4] = { 0 };

		if (!data)
			continue;
		head[1] = (uint8_t)(len >> 16);
		head[2] = (uint8_t)(len >> 8);
		head[3] = (uint8_t)len;
		if (send(b->fd, head, 4, MSG_NOSIGNAL | MSG_MORE) == 4)
			(void)send(b->fd, data, len, MSG_NOSIGNAL);
		free(data);
	}
	shutdown(b->fd, SHUT_RDWR);
	return NULL;
}

int test_server_connect(struct test_server *t)
{
	struct bridge *b = &t->bridges[t->n_bridges];
	int pair[2];

	if (t->n_bridges == BRIDGES || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
		die("connect");
	t->n_bridges++;
	b->t = t;
	b->fd = pair[1];
	b->end = t->loop->connect(t->server);
	if (!b->end || pthread_create(&b->up, NULL, bridge_up, b) ||
	    pthread_create(&b->down, NULL, bridge_down, b))
		die("bridge");
	return pair[0];
}
