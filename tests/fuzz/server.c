// SPDX-License-Identifier: Apache-2.0
/*
 * server.c: the whole server inside a fuzz target.
 */
#include "fuzz.h"
#include "core.h"
#include <ftw.h>
#include <libgen.h>
#include <limits.h>
#include <sys/stat.h>

#define PATIENCE 10 /* seconds until a request that does not end is a finding */

static struct smb3_server *server;
static uint64_t random_state;
static struct fuzz_peer *current_peer;
static char scratch[PATH_MAX / 2], files[PATH_MAX / 2 + 8];
static const char *const *more_modules;
static const char *more_conf;

/* Takes the place of core's: the same bytes for the same input. */
void smb3_random(void *buf, size_t len)
{
	uint8_t *p = buf;

	while (len--) {
		random_state = random_state * 6364136223846793005u + 1442695040888963407u;
		*p++ = (uint8_t)(random_state >> 56);
	}
}

/* ---- start ---- */

static const char *const wanted[] = {
	"tcp",      "smb2",    "smb3",     "smb311", "setup",       "tree",           "file",
	"dir",      "info",    "ioctl",    "sign",   "spnego",      "ntlm",           "guest",
	"users",    "encrypt", "compress", "lock",   "lease",       "notify",         "acl",
	"access",   "quota",   "admin",    "guard",  "vfs_streams", "vfs_shortnames", "vfs_catia",
	"vfs_veto", "vfs_mem", "vfs_posix"
};

void fuzz_server_more(const char *const *modules, const char *conf)
{
	more_modules = modules;
	more_conf = conf;
}

void fuzz_module_dir(char *dir, size_t size)
{
	const char *given = getenv("SMB3_MODULE_DIR");
	char self[PATH_MAX / 2] = "";

	if (!given && readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		self[0] = 0;
	if (given)
		snprintf(dir, size, "%s", given);
	else
		snprintf(dir, size, "%s/../../modules.d", dirname(self));
}

static bool module_built(const char *dir, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s.so", dir, name);
	return access(path, R_OK) == 0;
}

static void put_modules(FILE *f, const char *dir)
{
	fprintf(f, "modules = [ \"%s\"", wanted[0]);
	for (size_t i = 1; i < SMB3_ARRAY_SIZE(wanted); i++)
		if (module_built(dir, wanted[i]))
			fprintf(f, ", \"%s\"", wanted[i]);
	for (const char *const *m = more_modules; m && *m; m++)
		if (module_built(dir, *m))
			fprintf(f, ", \"%s\"", *m);
	fprintf(f, " ];\n");
}

static void put_more_conf(FILE *f)
{
	for (const char *at = more_conf; at && *at; at++) {
		if (at[0] == '%' && at[1] == 's')
			fprintf(f, "%s", scratch), at++;
		else
			fputc(*at, f);
	}
}

/* SMB3D_FUZZ_SHARE=posix: the share is a folder. Slower, and what happens there is real. */
static bool on_disk(void)
{
	const char *share = getenv("SMB3D_FUZZ_SHARE");

	return share && !strcmp(share, "posix");
}

const char *fuzz_files(void)
{
	return files;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	return at->level ? remove(path) : 0;
}

static void folder_empty(const char *path)
{
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void scratch_remove(void)
{
	folder_empty(scratch);
	rmdir(scratch);
}

static void scratch_make(void)
{
	const char *tmp = getenv("TMPDIR");
	mode_t mask = umask(0);

	snprintf(scratch, sizeof(scratch), "%s/smb3-fuzz-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(scratch) || chmod(scratch, 0755) < 0) {
		perror(scratch);
		exit(1);
	}
	snprintf(files, sizeof(files), "%s/files", scratch);
	mkdir(files, 0777);
	umask(mask);
	atexit(scratch_remove);
}

static void conf_write(const char *path, const char *module_dir, const char *listen)
{
	FILE *f = fopen(path, "w");

	if (!f) {
		perror(path);
		exit(1);
	}
	fprintf(f,
		"server = { name = \"FUZZ\"; workers = 1; io_threads = 1; late = 0;\n"
		"  state_dir = \"%s\"; run_dir = \"%s\"; };\n"
		"log = { file = \"/dev/null\"; level = \"error\"; };\n"
		"limits = { opens = 64; requests = 64; max_io = \"1M\"; };\n"
		"listen = ( %s );\n",
		scratch, scratch, listen ? listen : "");
	fprintf(f,
		"shares = ( { name = \"fuzz\"; path = \"%s\"; backend = \"%s\"; "
		"guest = true; } );\n",
		files, on_disk() ? "posix" : "mem");
	if (module_built(module_dir, "guest"))
		fprintf(f, "guest = { map_unknown = true; anonymous = true; };\n");
	put_more_conf(f);
	put_modules(f, module_dir);
	fclose(f);
}

struct smb3_server *fuzz_server_start(const char *listen)
{
	static char module_dir[PATH_MAX];
	char path[PATH_MAX];

	scratch_make();
	fuzz_module_dir(module_dir, sizeof(module_dir));
	snprintf(path, sizeof(path), "%s/smb3.conf", scratch);
	conf_write(path, module_dir, listen);
	smb3_now_set(132000000000000000);
	server = smb3_server_new(path, module_dir);
	if (!server || smb3_server_start(server) < 0) {
		fprintf(stderr, "the server does not start (%s)\n", path);
		exit(1);
	}
	return server;
}

/* ---- a transport that ends here ---- */

/* Each reply must be well formed whatever was asked. */
static size_t reply_take(struct fuzz_peer *p, const uint8_t *data, size_t left)
{
	struct smb3_cursor c = smb3_cursor_init(data, left);
	uint32_t flags, next;
	uint16_t size;

	CHECK(smb3_get_u32(&c) == SMB2_MAGIC);
	CHECK(smb3_get_u16(&c) == SMB2_HEADER_SIZE);
	smb3_get_u16(&c);
	p->status = smb3_get_u32(&c);
	p->command = smb3_get_u16(&c);
	smb3_get_u16(&c);
	flags = smb3_get_u32(&c);
	next = smb3_get_u32(&c);
	CHECK(flags & SMB2_FLAGS_SERVER_TO_REDIR);
	CHECK(next % 8 == 0 && next < left && (!next || next > SMB2_HEADER_SIZE));
	smb3_cursor_seek(&c, 36);
	p->tree_id = smb3_get_u32(&c);
	smb3_cursor_seek(&c, SMB2_HEADER_SIZE);
	size = smb3_get_u16(&c);
	CHECK(smb3_cursor_ok(&c));
	if (getenv("SMB3D_FUZZ_TRACE"))
		fprintf(stderr, "reply %u %s\n", p->command, smb3_status_name(p->status));
	if (p->command == SMB2_CREATE && p->status == STATUS_SUCCESS) {
		struct fuzz_id *id = &p->opens[p->n_opens++ % FUZZ_OPENS];

		CHECK(size == 89);
		smb3_cursor_seek(&c, SMB2_HEADER_SIZE + 64);
		id->persistent_id = smb3_get_u64(&c);
		id->volatile_id = smb3_get_u64(&c);
		CHECK(smb3_cursor_ok(&c));
	}
	if (p->look)
		p->look(p, data, next ? next : left);
	return next ? next : left;
}

static void reply_check(struct fuzz_peer *p, uint8_t *data, size_t len)
{
	uint32_t magic = 0;

	if (len >= 4)
		memcpy(&magic, data, 4);
	p->reply_sealed = magic == SMB2_TRANSFORM_MAGIC;
	if (p->reply_sealed && p->unseal) {
		size_t at = p->unseal(p, data, len);

		data += at;
		len -= at;
	} else if (p->reply_sealed || magic == SMB2_COMPRESSION_MAGIC) {
		return;
	}
	for (size_t at = 0; at < len;)
		at += reply_take(p, data + at, len - at);
}

static void fuzz_out(struct smb3_conn *conn, struct smb3_out *out)
{
	struct fuzz_peer *p = current_peer;
	uint8_t *data = malloc(out->len + 1);
	size_t at = 0;

	for (int i = 0; i < out->n_iov; i++) {
		CHECK(out->iov[i].iov_len <= out->len - at);
		memcpy(data + at, out->iov[i].iov_base, out->iov[i].iov_len);
		at += out->iov[i].iov_len;
	}
	CHECK(at == out->len && at > 0);
	reply_check(p, data, at);
	free(data);
	smb3_out_free(out);
}

static void fuzz_pause(struct smb3_conn *conn)
{
	current_peer->paused = true;
}

static void fuzz_resume(struct smb3_conn *conn)
{
	current_peer->paused = false;
}

static void fuzz_nothing(struct smb3_conn *conn)
{
}

static void fuzz_closed(struct smb3_conn *conn, bool flush)
{
	CHECK(!current_peer->gone);
	current_peer->gone = true;
}

static const struct smb3_transport fuzz_transport = {
	.scheme = "fuzz",
	.send = fuzz_out,
	.pause = fuzz_pause,
	.resume = fuzz_resume,
	.detach = fuzz_nothing,
	.attach = fuzz_nothing,
	.close = fuzz_closed,
};

/* ---- a connection's life ---- */

void fuzz_reset(void)
{
	struct smb3_share *share = smb3_share_find(server, "fuzz");

	random_state = 42;
	if (share) {
		smb3_mount_free(share->mount);
		share->mount = NULL;
	}
	smb3_share_unref(share);
	if (on_disk())
		folder_empty(files);
}

#define ACCOUNTS_MAX 64

struct account_names {
	char name[ACCOUNTS_MAX][256];
	size_t n;
};

static bool account_note(const struct smb3_account *account, void *arg)
{
	struct account_names *names = arg;

	snprintf(names->name[names->n++], sizeof(names->name[0]), "%s", account->name);
	return names->n < ACCOUNTS_MAX;
}

void fuzz_accounts_forget(void)
{
	const struct smb3_accounts *store = smb3_row_name(server, SMB3_KIND_ACCOUNTS, "users");
	static struct account_names names;

	names.n = 0;
	if (store)
		store->each(smb3_module_of(server, store), account_note, &names);
	for (size_t i = 0; i < names.n; i++)
		CHECK(store->remove(smb3_module_of(server, store), names.name[i]) == 0);
}

void fuzz_connect(struct fuzz_peer *p)
{
	static struct smb3_listener listener = { .transport = &fuzz_transport };

	listener.server = server;
	*p = (struct fuzz_peer){ 0 };
	current_peer = p;
	p->conn = smb3_conn_new(server->workers[0], &listener, NULL, NULL);
	CHECK(p->conn);
	smb3_conn_ref(p->conn);
}

static bool in_work(const struct smb3_conn *conn)
{
	SMB3_LIST_EACH(&conn->chains, node) {
		struct smb3_chain *chain = SMB3_CONTAINER(node, struct smb3_chain, link);

		for (struct smb3_req *r = chain->first; r; r = r->next)
			if (r->in_work || r->woken)
				return true;
	}
	return false;
}

static void loop_wait(uint64_t since)
{
	CHECK(smb3_clock() - since < PATIENCE * 1000000000ull);
	ev_run(server->workers[0]->loop, EVRUN_ONCE);
}

void fuzz_settle(struct fuzz_peer *p)
{
	uint64_t since = smb3_clock();

	for (;;) {
		ev_run(server->workers[0]->loop, EVRUN_NOWAIT);
		if (!in_work(p->conn))
			return;
		loop_wait(since);
	}
}

void fuzz_send(struct fuzz_peer *p, const void *data, size_t len)
{
	struct smb3_buf *buf;

	if (p->gone || len == 0)
		return;
	/* What a transport does with a peer that has too much outstanding, or sends too much. */
	if (p->paused || len > smb3_conn_limit(p->conn)) {
		smb3_conn_lost(p->conn, NULL);
		return;
	}
	buf = smb3_buf_get(server->workers[0]->bufs, len);
	memcpy(buf->data, data, len);
	buf->len = len;
	CHECK(smb3_conn_received(p->conn, buf) == !p->gone);
	fuzz_settle(p);
}

bool fuzz_share_in_use(void)
{
	struct smb3_share *share = smb3_share_find(server, "fuzz");
	bool used = share && atomic_load(&share->refs) > 2;

	smb3_share_unref(share);
	return used;
}

void fuzz_end(struct fuzz_peer *p)
{
	uint64_t since = smb3_clock();

	if (!p->gone)
		smb3_conn_lost(p->conn, NULL);
	CHECK(p->gone);
	ev_run(server->workers[0]->loop, EVRUN_NOWAIT);
	while (p->conn->refs > 1 || smb3_server_files(server) || fuzz_share_in_use())
		loop_wait(since);
	CHECK(smb3_list_empty(&p->conn->chains) && smb3_list_empty(&p->conn->channels));
	CHECK(p->conn->out_bytes == 0 && p->conn->in_bytes == 0);
	smb3_conn_unref(p->conn);
	/* The thread may still wear the guest's identity, who can write no corpus. */
	CHECK(smb3_become(server, &server->workers[0]->acting_as, NULL) == 0);
	CHECK(server->workers[0]->sessions.count == 0);
	CHECK(server->n_conns == 0);
}
