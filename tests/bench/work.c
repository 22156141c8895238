// SPDX-License-Identifier: Apache-2.0
/*
 * work.c: the kinds of operations that smb3bench does. Files have names of their lane and number,
 * so that what one work makes another one finds: create before delete.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

#define READ_WRITE  0x0003u     /* FILE_READ_DATA, FILE_WRITE_DATA */
#define READ_ATTR   0x0080u     /* FILE_READ_ATTRIBUTES */
#define DELETE_FILE 0x00010080u /* DELETE, FILE_READ_ATTRIBUTES */
#define LIST        0x0081u     /* FILE_LIST_DIRECTORY, FILE_READ_ATTRIBUTES */
#define SHARE_ALL   7u

enum { DISPOSITION_OPEN = 1, DISPOSITION_CREATE = 2, DISPOSITION_OPEN_IF = 3 };
enum { OPTION_DIRECTORY = 0x1, OPTION_FILE = 0x40, OPTION_DELETE = 0x1000 };
enum { CLASS_NETWORK_OPEN = 34 };
enum { LOCK_EXCLUSIVE = 2, LOCK_UNLOCK = 4, LOCK_AT_ONCE = 16 };

#define SMALL_SIZE   4096u
#define NAME_CHANGES 0x3u
#define NOT_FOUND    0xC0000034u

static const struct bench_options *options(const struct bench_lane *l)
{
	return l->peer->bench->o;
}

static bool is_good(struct bench_lane *l, unsigned step, const struct smbc_req *req)
{
	return req->reply.hdr.status == 0;
}

static struct smbc_create creation(const char *name, uint32_t access, uint32_t disposition)
{
	return (struct smbc_create){ .name = name,
				     .impersonation = SMB2_IMPERSONATION,
				     .access = access,
				     .share = SHARE_ALL,
				     .disposition = disposition };
}

static void add_create(struct bench_lane *l, const struct smbc_create *c)
{
	smbc_put_create(bench_req(l, SMB2_CREATE), c);
}

static void add_close(struct bench_lane *l, struct smbc_fid fid)
{
	smbc_put_close(bench_req(l, SMB2_CLOSE), fid, 0);
}

/* ---- one file for each peer, of file_size bytes ---- */

static struct smbc_fid open_now(struct bench_lane *l, const struct smbc_create *c)
{
	struct smbc_req *req = smbc_tree_req(l->peer->session, l->peer->tid, SMB2_CREATE);
	struct smbc_created made;

	smbc_put_create(req, c);
	bench_ask(req, c->name);
	if (smbc_create_reply(&req->reply, &made))
		bench_die("%s: the reply makes no sense", c->name);
	smbc_req_free(req);
	return made.fid;
}

static void close_now(struct bench_lane *l, struct smbc_fid fid)
{
	struct smbc_req *req = smbc_tree_req(l->peer->session, l->peer->tid, SMB2_CLOSE);

	smbc_put_close(req, fid, 0);
	bench_ask(req, "CLOSE");
	smbc_req_free(req);
}

/* What stands at an offset repeats the pattern, so that a reader can check it. */
static const uint8_t *pattern_at(const struct bench *b, uint64_t offset)
{
	return b->pattern + offset % b->pattern_size;
}

static void write_now(struct bench_lane *l, uint64_t offset, uint32_t length)
{
	struct smbc_io io = { .fid = l->peer->fid,
			      .offset = offset,
			      .length = length,
			      .data = pattern_at(l->peer->bench, offset) };
	struct smbc_req *req = smbc_tree_req(l->peer->session, l->peer->tid, SMB2_WRITE);

	smbc_put_write(req, &io);
	bench_ask(req, "WRITE");
	smbc_req_free(req);
}

static void prepare_file(struct bench_lane *l)
{
	struct bench_peer *p = l->peer;
	const struct bench_options *o = options(l);
	struct smbc_create c;
	char name[64];

	if (p->fid.temporary || p->fid.persistent)
		return;
	snprintf(name, sizeof(name), "bench-%u", p->index);
	c = creation(name, READ_WRITE | DELETE_FILE, DISPOSITION_OPEN_IF);
	c.options = OPTION_FILE | (o->keep ? 0 : OPTION_DELETE);
	p->fid = open_now(l, &c);
	for (uint64_t at = 0; at < o->file_size; at += o->size)
		write_now(l, at, o->size);
}

/* Lanes go through the file in turns. */
static uint64_t next_offset(struct bench_lane *l)
{
	const struct bench_options *o = options(l);
	uint64_t places = o->file_size / o->size;

	return (l->count++ * o->depth + l->index % o->depth) % places * o->size;
}

static uint64_t random_offset(struct bench_lane *l)
{
	const struct bench_options *o = options(l);

	return bench_random(l) % (o->file_size / o->size) * o->size;
}

static unsigned send_read(struct bench_lane *l, uint64_t offset)
{
	struct smbc_io io = { .fid = l->peer->fid, .offset = offset, .length = options(l)->size };

	l->offset = offset;
	smbc_put_read(bench_req(l, SMB2_READ), &io);
	return 1;
}

static unsigned send_write(struct bench_lane *l, uint64_t offset)
{
	struct smbc_io io = { .fid = l->peer->fid,
			      .offset = offset,
			      .length = options(l)->size,
			      .data = pattern_at(l->peer->bench, offset) };

	smbc_put_write(bench_req(l, SMB2_WRITE), &io);
	return 1;
}

static unsigned step_read(struct bench_lane *l, unsigned i)
{
	return i ? 0 : send_read(l, next_offset(l));
}

static unsigned step_read_random(struct bench_lane *l, unsigned i)
{
	return i ? 0 : send_read(l, random_offset(l));
}

static unsigned step_write(struct bench_lane *l, unsigned i)
{
	return i ? 0 : send_write(l, next_offset(l));
}

static unsigned step_write_random(struct bench_lane *l, unsigned i)
{
	return i ? 0 : send_write(l, random_offset(l));
}

static bool reply_read(struct bench_lane *l, unsigned i, const struct smbc_req *req)
{
	struct bench *b = l->peer->bench;
	struct smbc_part data;

	if (req->reply.hdr.status || smbc_read_reply(&req->reply, &data) || data.n != b->o->size)
		return false;
	if (b->o->verify && memcmp(data.p, pattern_at(b, l->offset), data.n))
		bench_die("what was read at %lu is not what was written", l->offset);
	b->tally.bytes += data.n;
	return true;
}

static bool reply_write(struct bench_lane *l, unsigned i, const struct smbc_req *req)
{
	uint32_t count;

	if (req->reply.hdr.status || smbc_write_reply(&req->reply, &count) ||
	    count != options(l)->size)
		return false;
	l->peer->bench->tally.bytes += count;
	return true;
}

/* ---- names ---- */

/* The last name is made last: when it is there, so are the others. */
static bool names_exist(struct bench_lane *l, const char *folder)
{
	struct smbc_req *req = smbc_tree_req(l->peer->session, l->peer->tid, SMB2_CREATE);
	struct smbc_create c = creation(l->name, READ_ATTR, DISPOSITION_OPEN);
	struct smbc_created made;
	bool exist;

	snprintf(l->name, sizeof(l->name), "%s\\entry-%u", folder, options(l)->entries - 1);
	smbc_put_create(req, &c);
	exist = !smbc_submit_wait(req, BENCH_WAIT) && !smbc_wait(req, BENCH_WAIT) &&
		!req->reply.hdr.status && !smbc_create_reply(&req->reply, &made);
	smbc_req_free(req);
	if (exist)
		close_now(l, made.fid);
	return exist;
}

static void prepare_folder(struct bench_lane *l, const char *folder)
{
	struct smbc_create c = creation(folder, LIST, DISPOSITION_OPEN_IF);
	char name[64];

	if (l->peer->index)
		return;
	c.options = OPTION_DIRECTORY;
	close_now(l, open_now(l, &c));
	if (names_exist(l, folder))
		return;
	c = creation(name, READ_WRITE, DISPOSITION_OPEN_IF);
	for (unsigned i = 0; i < options(l)->entries; i++) {
		snprintf(name, sizeof(name), "%s\\entry-%u", folder, i);
		close_now(l, open_now(l, &c));
	}
}

static void prepare_names(struct bench_lane *l)
{
	prepare_folder(l, "bench.d");
}

static unsigned step_echo(struct bench_lane *l, unsigned i)
{
	if (i)
		return 0;
	smbc_put_empty(bench_req(l, SMB2_ECHO));
	return 1;
}

/* Open, query and close in one compound, of one of the entries. */
static unsigned step_open(struct bench_lane *l, unsigned i)
{
	struct smbc_info info = { .fid = SMBC_FID_RELATED,
				  .type = SMB2_0_INFO_FILE,
				  .info_class = CLASS_NETWORK_OPEN,
				  .max_out = 56 };
	struct smbc_create c = creation(l->name, READ_ATTR, DISPOSITION_OPEN);

	if (i)
		return 0;
	snprintf(l->name, sizeof(l->name), "bench.d\\entry-%u",
		 (unsigned)(bench_random(l) % options(l)->entries));
	add_create(l, &c);
	smbc_put_query_info(bench_req(l, SMB2_QUERY_INFO), &info);
	add_close(l, SMBC_FID_RELATED);
	return l->n;
}

/* Of its own, so that it has just so many entries. */
static void absent_folder(const struct bench_lane *l, char *name, size_t size)
{
	snprintf(name, size, "bench-%u.d", options(l)->entries);
}

static void prepare_absent(struct bench_lane *l)
{
	char folder[32];

	absent_folder(l, folder, sizeof(folder));
	prepare_folder(l, folder);
}

/* What clients ask each folder for. */
static unsigned step_absent(struct bench_lane *l, unsigned i)
{
	static const char *const names[] = { "desktop.ini", ".DS_Store", "Thumbs.db",
					     "autorun.inf" };
	struct smbc_create c = creation(l->name, LIST, DISPOSITION_OPEN);
	char folder[32];

	if (i)
		return 0;
	absent_folder(l, folder, sizeof(folder));
	snprintf(l->name, sizeof(l->name), "%s\\%s", folder, names[l->made++ % 4]);
	c.options = OPTION_FILE;
	add_create(l, &c);
	return 1;
}

static bool is_absent(struct bench_lane *l, unsigned step, const struct smbc_req *req)
{
	return req->reply.hdr.status == NOT_FOUND;
}

/* Opens that stay, each of another entry as far as there are so many. */
static unsigned step_hold(struct bench_lane *l, unsigned i)
{
	uint64_t n = l->made * options(l)->depth * options(l)->peers + l->index;
	struct smbc_create c = creation(l->name, READ_ATTR, DISPOSITION_OPEN);

	if (i)
		return 0;
	l->made++;
	snprintf(l->name, sizeof(l->name), "bench.d\\entry-%lu", n % options(l)->entries);
	add_create(l, &c);
	return 1;
}

/* Open and close of the one same name, by all. */
static unsigned step_contend(struct bench_lane *l, unsigned i)
{
	struct smbc_create c = creation("bench.d\\entry-0", READ_ATTR, DISPOSITION_OPEN);

	if (i)
		return 0;
	add_create(l, &c);
	add_close(l, SMBC_FID_RELATED);
	return l->n;
}

static void prepare_wait(struct bench_lane *l)
{
	struct smbc_create c = creation("bench.d", LIST, DISPOSITION_OPEN_IF);

	c.options = OPTION_DIRECTORY;
	l->peer->fid = open_now(l, &c);
}

static unsigned step_wait(struct bench_lane *l, unsigned i)
{
	if (i)
		return 0;
	smbc_put_change_notify(bench_req(l, SMB2_CHANGE_NOTIFY), l->peer->fid, 0, NAME_CHANGES,
			       4096);
	return 1;
}

static void new_name(struct bench_lane *l, uint64_t n)
{
	snprintf(l->name, sizeof(l->name), "bench.d\\new-%d-%u-%lu", (int)getpid(), l->index, n);
}

/* Create, write 4 KiB and close in one compound. */
static unsigned step_create(struct bench_lane *l, unsigned i)
{
	struct smbc_create c = creation(l->name, READ_WRITE, DISPOSITION_CREATE);
	struct smbc_io io = { .fid = SMBC_FID_RELATED,
			      .length = SMALL_SIZE,
			      .data = l->peer->bench->pattern };

	if (i)
		return 0;
	new_name(l, l->made++);
	add_create(l, &c);
	smbc_put_write(bench_req(l, SMB2_WRITE), &io);
	add_close(l, SMBC_FID_RELATED);
	return l->n;
}

/* Of what this lane created. */
static unsigned step_delete(struct bench_lane *l, unsigned i)
{
	struct smbc_create c = creation(l->name, DELETE_FILE, DISPOSITION_OPEN);

	if (i)
		return 0;
	l->over = l->gone == l->made;
	if (l->over)
		return 0;
	c.options = OPTION_DELETE;
	new_name(l, l->gone++);
	add_create(l, &c);
	add_close(l, SMBC_FID_RELATED);
	return l->n;
}

/* ---- locks ---- */

static unsigned step_lock(struct bench_lane *l, unsigned i)
{
	struct smbc_lock lock = { .offset = l->index,
				  .length = 1,
				  .flags = i ? LOCK_UNLOCK : LOCK_EXCLUSIVE | LOCK_AT_ONCE };

	if (i == 2)
		return 0;
	smbc_put_lock(bench_req(l, SMB2_LOCK), l->peer->fid, 0, &lock, 1);
	return 1;
}

/* ---- sessions ---- */

static void on_session(struct smbc_session *session, int err, uint32_t status)
{
	struct bench_lane *l = session->arg;

	if (err || status)
		bench_die("SESSION_SETUP: %s, status 0x%08x", strerror(-err), status);
	bench_step_done(l);
}

static unsigned step_session(struct bench_lane *l, unsigned i)
{
	struct smbc_cred cred = bench_cred(options(l));

	if (i == 0) {
		l->session = smbc_session_new(l->peer->conn);
		if (smbc_session_start(l->session, &cred, on_session, l))
			bench_die("SESSION_SETUP cannot be sent");
		return 1;
	}
	if (i == 1) {
		l->session->sign = l->peer->session->sign;
		l->session->seal = l->peer->session->seal;
		l->chain[l->n++] = smbc_req_new(l->peer->conn, l->session, SMB2_LOGOFF);
		smbc_put_empty(l->chain[0]);
		return 1;
	}
	smbc_session_free(l->session);
	l->session = NULL;
	return 0;
}

/* All by itself, while the other lanes wait: for one connection. */
static unsigned step_connect(struct bench_lane *l, unsigned i)
{
	struct bench_peer own = { 0 };

	bench_peer_open(l->peer->bench, &own);
	smbc_conn_free(own.conn);
	return 0;
}

/* ---- a mixture, as of an office: mostly looking, some reading and writing ---- */

static const struct {
	const char *name;
	unsigned upto; /* percent */
} mixture[] = {
	{ "open", 45 }, { "read-random", 65 }, { "write-random", 77 }, { "lock", 82 },
	{ "list", 84 }, { "create", 97 },      { "echo", 100 },
};

static unsigned step_mixed(struct bench_lane *l, unsigned i)
{
	unsigned percent = (unsigned)(bench_random(l) % 100), k = 0;

	while (percent >= mixture[k].upto)
		k++;
	l->row = bench_work_find(mixture[k].name);
	return l->row->step(l, i);
}

static void prepare_mixed(struct bench_lane *l)
{
	prepare_file(l);
	prepare_names(l);
}

const struct bench_work bench_works[] = {
	{ .name = "echo", .help = "ECHO", .step = step_echo, .reply = is_good },
	{ .name = "read",
	  .help = "READ of --size, in order",
	  .bulk = true,
	  .prepare = prepare_file,
	  .step = step_read,
	  .reply = reply_read },
	{ .name = "read-random",
	  .help = "READ anywhere",
	  .bulk = true,
	  .prepare = prepare_file,
	  .step = step_read_random,
	  .reply = reply_read },
	{ .name = "write",
	  .help = "WRITE of --size, in order",
	  .prepare = prepare_file,
	  .step = step_write,
	  .reply = reply_write },
	{ .name = "write-random",
	  .help = "WRITE anywhere",
	  .prepare = prepare_file,
	  .step = step_write_random,
	  .reply = reply_write },
	{ .name = "open",
	  .help = "open, query and close, one compound",
	  .prepare = prepare_names,
	  .step = step_open,
	  .reply = is_good },
	{ .name = "create",
	  .help = "create, write 4 KiB and close, one compound",
	  .prepare = prepare_names,
	  .step = step_create,
	  .reply = is_good },
	{ .name = "delete",
	  .help = "delete what create made, one compound",
	  .step = step_delete,
	  .reply = is_good,
	  .all = true },
	{ .name = "contend",
	  .help = "open and close of one name by all, one compound",
	  .prepare = prepare_names,
	  .step = step_contend,
	  .reply = is_good },
	{ .name = "absent",
	  .help = "opens of names that are not there, of a folder with --entries files",
	  .prepare = prepare_absent,
	  .step = step_absent,
	  .reply = is_absent },
	{ .name = "hold",
	  .help = "opens that stay; with --pid, the memory of one; wants --operations",
	  .prepare = prepare_names,
	  .step = step_hold,
	  .reply = is_good,
	  .keeps = true },
	{ .name = "wait",
	  .help = "requests that wait, one for each --depth; with --pid, the memory of one",
	  .prepare = prepare_wait,
	  .step = step_wait,
	  .reply = is_good,
	  .keeps = true,
	  .waits = true },
	{ .name = "list",
	  .help = "a listing of --entries files",
	  .prepare = prepare_names,
	  .step = bench_list_step,
	  .reply = bench_list_reply },
	{ .name = "lock",
	  .help = "lock and unlock a byte",
	  .prepare = prepare_file,
	  .step = step_lock,
	  .reply = is_good },
	{ .name = "session", .help = "log on and off", .step = step_session, .reply = is_good },
	{ .name = "connect",
	  .help = "connect, negotiate, log on, share, close",
	  .step = step_connect,
	  .reply = is_good },
	{ .name = "mixed",
	  .help = "an office: 45 % open, 20 read, 12 write, 13 create, 5 lock, 2 list",
	  .prepare = prepare_mixed,
	  .step = step_mixed,
	  .reply = is_good },
	{ .name = NULL },
};

const struct bench_work *bench_work_find(const char *name)
{
	const struct bench_work *const tables[] = { bench_works, bench_pipe_works };

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (const struct bench_work *w = tables[i]; w->name; w++)
			if (!strcmp(w->name, name))
				return w;
	return NULL;
}
