// SPDX-License-Identifier: Apache-2.0
/*
 * folder.c: what names cost in a folder, asked by one client that waits for each answer.
 *
 *   folder HOST PORT SHARE USER PASSWORD FOLDER ENTRIES COUNT
 *
 * FOLDER holds Entry-0 to Entry-(ENTRIES - 1). Prints a line for each kind of work: its name and
 * how many were done in a second.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cmd.h"

#define WAIT        120000
#define ACCESS_READ 0x00000081 /* FILE_LIST_DIRECTORY or READ_DATA, READ_ATTRIBUTES */
#define ACCESS_DROP 0x00010080 /* DELETE, READ_ATTRIBUTES */
#define SHARE_ALL   7

enum { DISPOSITION_OPEN = 1, DISPOSITION_CREATE = 2 };
enum { OPTION_DIRECTORY = 0x1, OPTION_DELETE = 0x1000 };
enum { CLASS_BASIC = 4, CLASS_ID_BOTH = 37, INFO_FILE = 1 };

#define NOT_FOUND     0xc0000034u
#define NO_MORE_FILES 0x80000006u

struct bench {
	struct smbc_lib *lib;
	struct smbc_conn *conn;
	struct smbc_session *session;
	uint32_t tid;
	const char *folder;
	unsigned entries, count;
	char name[512];
};

static void die(const char *what, uint32_t status)
{
	fprintf(stderr, "folder: %s: status 0x%08x\n", what, status);
	exit(1);
}

/* Sends and waits; the status. */
static uint32_t ask(struct smbc_req *req, const char *what)
{
	if (smbc_submit_wait(req, WAIT) || smbc_wait(req, WAIT))
		die(what, 0);
	return req->reply.hdr.status;
}

/* Opens folder\name ("": the folder); NULL when the status is another than what is expected. */
static struct smbc_fid open_name(struct bench *b, const char *name, struct smbc_create c,
				 uint32_t expected)
{
	struct smbc_req *req = smbc_tree_req(b->session, b->tid, SMB2_CREATE);
	struct smbc_created out = { 0 };
	uint32_t status;

	snprintf(b->name, sizeof(b->name), "%s%s%s", b->folder, *name ? "\\" : "", name);
	c.name = b->name;
	c.impersonation = 2;
	c.share = SHARE_ALL;
	smbc_put_create(req, &c);
	status = ask(req, "CREATE");
	if (status != expected || (!status && smbc_create_reply(&req->reply, &out)))
		die(b->name, status);
	smbc_req_free(req);
	return out.fid;
}

static void close_fid(struct bench *b, struct smbc_fid fid)
{
	struct smbc_req *req = smbc_tree_req(b->session, b->tid, SMB2_CLOSE);

	smbc_put_close(req, fid, 0);
	if (ask(req, "CLOSE"))
		die("CLOSE", req->reply.hdr.status);
	smbc_req_free(req);
}

/* Entries spread over the whole folder. */
static unsigned spread(const struct bench *b, unsigned i)
{
	return (unsigned)((uint64_t)i * 7919 % b->entries);
}

static unsigned do_create(struct bench *b, unsigned i)
{
	struct smbc_create c = { .access = ACCESS_READ, .disposition = DISPOSITION_CREATE };
	char name[64];

	snprintf(name, sizeof(name), "New-%u", i);
	close_fid(b, open_name(b, name, c, 0));
	return 1;
}

static unsigned do_delete(struct bench *b, unsigned i)
{
	struct smbc_create c = { .access = ACCESS_DROP,
				 .disposition = DISPOSITION_OPEN,
				 .options = OPTION_DELETE };
	char name[64];

	snprintf(name, sizeof(name), "New-%u", i);
	close_fid(b, open_name(b, name, c, 0));
	return 1;
}

static unsigned open_spelled(struct bench *b, const char *spelling, unsigned i)
{
	struct smbc_create c = { .access = ACCESS_READ, .disposition = DISPOSITION_OPEN };
	char name[64];

	snprintf(name, sizeof(name), "%s-%u", spelling, spread(b, i));
	close_fid(b, open_name(b, name, c, 0));
	return 1;
}

static unsigned do_open(struct bench *b, unsigned i)
{
	return open_spelled(b, "Entry", i);
}

static unsigned do_open_case(struct bench *b, unsigned i)
{
	return open_spelled(b, "eNTRY", i);
}

static unsigned do_miss(struct bench *b, unsigned i)
{
	struct smbc_create c = { .access = ACCESS_READ, .disposition = DISPOSITION_OPEN };
	char name[64];

	snprintf(name, sizeof(name), "None-%u", i);
	open_name(b, name, c, NOT_FOUND);
	return 1;
}

static unsigned do_stat(struct bench *b, unsigned i)
{
	struct smbc_create c = { .access = 0x80, .disposition = DISPOSITION_OPEN };
	struct smbc_info info = { .type = INFO_FILE, .info_class = CLASS_BASIC, .max_out = 40 };
	struct smbc_req *req;
	char name[64];

	snprintf(name, sizeof(name), "Entry-%u", spread(b, i));
	info.fid = open_name(b, name, c, 0);
	req = smbc_tree_req(b->session, b->tid, SMB2_QUERY_INFO);
	smbc_put_query_info(req, &info);
	if (ask(req, "QUERY_INFO"))
		die("QUERY_INFO", req->reply.hdr.status);
	smbc_req_free(req);
	close_fid(b, info.fid);
	return 1;
}

/* How many entries one answer has. */
static unsigned count_entries(struct smbc_part out)
{
	unsigned n = 0;
	size_t at = 0;

	while (at + 4 <= out.n) {
		const uint8_t *p = (const uint8_t *)out.p + at;
		uint32_t next = p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;

		n++;
		if (!next)
			break;
		at += next;
	}
	return n;
}

static unsigned query(struct bench *b, struct smbc_fid fid, const char *pattern, uint32_t max)
{
	struct smbc_query_directory q = {
		.fid = fid, .info_class = CLASS_ID_BOTH, .max_out = max, .pattern = pattern
	};
	struct smbc_req *req = smbc_tree_req(b->session, b->tid, SMB2_QUERY_DIRECTORY);
	struct smbc_part out;
	unsigned n = 0;
	uint32_t status;

	req->payload = max;
	smbc_put_query_directory(req, &q);
	status = ask(req, "QUERY_DIRECTORY");
	if (status && status != NO_MORE_FILES)
		die("QUERY_DIRECTORY", status);
	if (!status && !smbc_output_reply(&req->reply, &out))
		n = count_entries(out);
	smbc_req_free(req);
	return n;
}

/* One name, in another case. */
static unsigned do_search(struct bench *b, unsigned i)
{
	struct smbc_create c = { .access = ACCESS_READ,
				 .disposition = DISPOSITION_OPEN,
				 .options = OPTION_DIRECTORY };
	struct smbc_fid fid = open_name(b, "", c, 0);
	char name[64];

	snprintf(name, sizeof(name), "ENTRY-%u", spread(b, i));
	if (query(b, fid, name, 65536) != 1)
		die(name, 0);
	close_fid(b, fid);
	return 1;
}

/* The whole folder; counts entries. */
static unsigned do_list(struct bench *b, unsigned i)
{
	struct smbc_create c = { .access = ACCESS_READ,
				 .disposition = DISPOSITION_OPEN,
				 .options = OPTION_DIRECTORY };
	struct smbc_fid fid;
	unsigned n, all = 0;

	if (i * b->entries >= 100000)
		return 0;
	fid = open_name(b, "", c, 0);
	while ((n = query(b, fid, "*", 65536)))
		all += n;
	if (all != b->entries + 2)
		die("number of entries", all);
	close_fid(b, fid);
	return all;
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* At most count times, and 20 seconds. */
static void measure(struct bench *b, const char *what, unsigned (*work)(struct bench *, unsigned))
{
	double began = now(), spent = 0;
	unsigned done = 0, i;

	for (i = 0; i < b->count && spent < 20; i++) {
		unsigned n = work(b, i);

		done += n;
		spent = now() - began;
		if (!n)
			break;
	}
	printf("%s %.1f\n", what, done / spent);
	fflush(stdout);
	if (work == do_create)
		b->count = i; /* what there is to delete */
}

static void log_on(struct bench *b, char **argv)
{
	struct smbc_cred cred = { .user = argv[4], .domain = "", .password = argv[5] };
	struct smbc_negotiate n = smbc_negotiate_default;
	struct smbc_tree_info info;
	struct smbc_req *req;
	uint32_t status = 0;
	char path[256];

	if (smbc_lib_new(&b->lib) || smbc_connect(b->lib, argv[1], argv[2], WAIT, &b->conn) ||
	    smbc_negotiate(b->conn, &n, WAIT, &status) || status)
		die("NEGOTIATE", status);
	b->session = smbc_session_new(b->conn);
	if (smbc_session_setup(b->session, &cred, WAIT, &status) || status)
		die("SESSION_SETUP", status);
	snprintf(path, sizeof(path), "\\\\%s\\%s", argv[1], argv[3]);
	req = smbc_req_new(b->conn, b->session, SMB2_TREE_CONNECT);
	smbc_put_tree_connect(req, path);
	if (ask(req, path) || smbc_tree_reply(&req->reply, &info))
		die(path, req->reply.hdr.status);
	b->tid = info.tid;
	smbc_req_free(req);
}

int main(int argc, char **argv)
{
	struct bench b = { 0 };

	if (argc != 9) {
		fprintf(stderr,
			"usage: folder HOST PORT SHARE USER PASSWORD FOLDER ENTRIES COUNT\n");
		return 2;
	}
	b.folder = argv[6];
	b.entries = (unsigned)atoi(argv[7]);
	b.count = (unsigned)atoi(argv[8]);
	log_on(&b, argv);
	do_miss(&b, 0); /* whatever is done only once */
	measure(&b, "open", do_open);
	measure(&b, "open-case", do_open_case);
	measure(&b, "open-none", do_miss);
	measure(&b, "stat", do_stat);
	measure(&b, "search", do_search);
	measure(&b, "list", do_list);
	measure(&b, "create", do_create);
	measure(&b, "delete", do_delete);
	smbc_conn_free(b.conn);
	smbc_lib_free(b.lib);
	return 0;
}
