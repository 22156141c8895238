// SPDX-License-Identifier: Apache-2.0
/*
 * test_vfs_fault.c: what clients see of faults, and that nobody else does.
 */
#include "ask.h"
#include "ctlclient.h"
#include "testserver.h"

#include <criterion/criterion.h>
#include <smb3/status.h>
#include <smb3/time.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WAIT 20000

TestSuite(fault, .timeout = 120);

static struct test_server *server;
static struct smbc_lib *lib;
static struct smbc_conn *conn;
static struct smbc_session *session;
static uint32_t tid;
/* Of each READ. With as much as there is, it is one call to the file system; with more, two. */
static uint32_t length = 100;

static void log_on(void)
{
	smbc_conn_free(conn);
	conn = smbc_ask_conn(lib, test_server_connect(server));
	session = smbc_ask_session(conn);
	tid = smbc_ask_tid(session, "faulty");
}

static void setup_with(const char *options)
{
	char shares[400];
	const struct test_server_conf conf = { .also = "\"vfs_fault\", \"admin\"",
					       .shares = shares };

	snprintf(shares, sizeof(shares),
		 ", { name = \"faulty\"; path = \"/\"; backend = \"mem\"; vfs_fault = { %s }; }",
		 options);
	server = test_server_start(&conf);
	cr_assert_eq(smbc_lib_new(&lib), 0);
	log_on();
}

static void teardown(void)
{
	smbc_conn_free(conn);
	conn = NULL;
	test_server_stop(server);
	smbc_lib_free(lib);
}

static void expect_ctl(const char *words, const char *part)
{
	char *text = ctl_ask(test_server_core(server), words, NULL);

	cr_expect(strstr(text, part), "%s: %s", words, text);
	free(text);
}

static void fault(const char *rule)
{
	char words[300];

	snprintf(words, sizeof(words), "fault add faulty %s", rule);
	expect_ctl(words, "\"ok\"");
}

static uint32_t create_in(uint32_t in, const char *name, struct smbc_fid *ret_fid)
{
	struct smbc_req *req = smbc_tree_req(session, in, SMB2_CREATE);
	struct smbc_create c = { .name = name,
				 .impersonation = 2,
				 .access = 0x00010183, /* read, write, delete, attributes */
				 .share = 7,
				 .disposition = 3 }; /* open or create */
	struct smbc_created out;
	uint32_t status;

	smbc_put_create(req, &c);
	status = smbc_ask(req);
	if (!status)
		cr_assert_eq(smbc_create_reply(&req->reply, &out), 0);
	*ret_fid = status ? (struct smbc_fid){ 0 } : out.fid;
	smbc_req_free(req);
	return status;
}

static struct smbc_fid create(const char *name)
{
	struct smbc_fid fid;

	cr_assert_eq(create_in(tid, name, &fid), (uint32_t)STATUS_SUCCESS);
	return fid;
}

static uint32_t write_text(uint32_t in, struct smbc_fid fid, const char *text)
{
	struct smbc_req *req = smbc_tree_req(session, in, SMB2_WRITE);

	smbc_put_write(req, &(struct smbc_io){
				    .fid = fid, .data = text, .length = (uint32_t)strlen(text) });
	return smbc_ask_free(req);
}

static struct smbc_req *read_req(uint32_t in, struct smbc_fid fid)
{
	struct smbc_req *req = smbc_tree_req(session, in, SMB2_READ);

	smbc_put_read(req, &(struct smbc_io){ .fid = fid, .length = length });
	return req;
}

/* What is read, or the name of the status. */
static const char *read_text(struct smbc_fid fid)
{
	static char text[128];
	struct smbc_req *req = read_req(tid, fid);
	struct smbc_part data;
	uint32_t status = smbc_ask(req);

	snprintf(text, sizeof(text), "%s", smb3_status_name(status));
	if (!status) {
		cr_assert_eq(smbc_read_reply(&req->reply, &data), 0);
		snprintf(text, sizeof(text), "%.*s", (int)data.n, (const char *)data.p);
	}
	smbc_req_free(req);
	return text;
}

Test(fault, errors_come_as_often_as_asked)
{
	struct smbc_fid fid;

	length = 4;
	setup_with("enabled = true;");
	fid = create("f");
	cr_expect_eq(write_text(tid, fid, "text"), (uint32_t)STATUS_SUCCESS);
	fault("read error=EIO every=2 count=2");
	cr_expect_str_eq(read_text(fid), "text");
	cr_expect_str_eq(read_text(fid), "STATUS_IO_DEVICE_ERROR");
	cr_expect_str_eq(read_text(fid), "text");
	cr_expect_str_eq(read_text(fid), "STATUS_IO_DEVICE_ERROR");
	cr_expect_str_eq(read_text(fid), "text");
	cr_expect_str_eq(read_text(fid), "text");
	expect_ctl("fault list", "\"hits\":2");
	fault("write error=STATUS_DISK_FULL");
	cr_expect_eq(write_text(tid, fid, "more"), (uint32_t)STATUS_DISK_FULL);
	cr_expect_str_eq(read_text(fid), "text");
	expect_ctl("fault clear", "\"cleared\":2");
	cr_expect_eq(write_text(tid, fid, "more"), (uint32_t)STATUS_SUCCESS);
	teardown();
}

Test(fault, only_what_the_pattern_names)
{
	struct smbc_fid fid;

	setup_with("rules = [ \"create,open error=EACCES path=*.db\" ];");
	expect_ctl("fault list", "\"from\":\"smb3.conf\"");
	cr_expect_eq(create_in(tid, "plain", &fid), (uint32_t)STATUS_SUCCESS);
	cr_expect_eq(create_in(tid, "a.DB", &fid), (uint32_t)STATUS_ACCESS_DENIED);
	teardown();
}

Test(fault, short_calls_are_gone_on_with)
{
	struct smbc_fid fid;

	setup_with("enabled = true;");
	fid = create("f");
	fault("write short=3");
	cr_expect_eq(write_text(tid, fid, "0123456789"), (uint32_t)STATUS_SUCCESS);
	fault("read short=4");
	cr_expect_str_eq(read_text(fid), "0123456789");
	fault("read short=0 after=1");
	cr_expect_str_eq(read_text(fid), "0123");
	cr_expect_str_eq(read_text(fid), "STATUS_END_OF_FILE");
	fault("write short=0");
	cr_expect_eq(write_text(tid, fid, "x"), (uint32_t)STATUS_DISK_FULL);
	teardown();
}

/* A READ that hangs: everybody else goes on, on the same connection too. */
Test(fault, who_waits_holds_nobody_up)
{
	struct smbc_fid fid, other;
	struct smbc_req *req;
	uint32_t mem;

	setup_with("enabled = true;");
	mem = smbc_ask_tid(session, "mem");
	fid = create("slow");
	cr_assert_eq(create_in(mem, "quick", &other), (uint32_t)STATUS_SUCCESS);
	cr_expect_eq(write_text(tid, fid, "text"), (uint32_t)STATUS_SUCCESS);
	fault("read,getattr hold");
	req = read_req(tid, fid);
	cr_assert_eq(smbc_submit_wait(req, WAIT), 0);
	for (int i = 0; i < 100; i++)
		cr_assert_eq(write_text(mem, other, "text"), (uint32_t)STATUS_SUCCESS);
	cr_assert_eq(write_text(tid, fid, "next"), (uint32_t)STATUS_SUCCESS);
	expect_ctl("fault clear faulty", "\"cleared\":1");
	cr_expect_eq(smbc_ask_end(req), (uint32_t)STATUS_SUCCESS);
	teardown();
}

Test(fault, a_server_that_ends_waits_for_no_fault)
{
	struct smbc_req *req;
	struct smbc_fid fid;

	setup_with("enabled = true;");
	fid = create("slow");
	fault("read hold");
	req = read_req(tid, fid);
	cr_assert_eq(smbc_submit_wait(req, WAIT), 0);
	smbc_req_free(req);
	teardown();
}

Test(fault, delays_last)
{
	struct smbc_fid fid;
	uint64_t began;

	setup_with("enabled = true;");
	fid = create("f");
	cr_expect_eq(write_text(tid, fid, "text"), (uint32_t)STATUS_SUCCESS);
	fault("read delay=200ms-300ms count=2");
	began = smb3_clock();
	cr_expect_str_eq(read_text(fid), "text");
	cr_expect_str_eq(read_text(fid), "text");
	cr_expect_geq(smb3_clock() - began, 400000000u);
	teardown();
}

Test(fault, a_connection_goes_and_the_server_stays)
{
	struct smbc_req *req;
	struct smbc_fid fid;

	setup_with("enabled = true;");
	fid = create("f");
	cr_expect_eq(write_text(tid, fid, "text"), (uint32_t)STATUS_SUCCESS);
	fault("read disconnect count=1");
	req = read_req(tid, fid);
	cr_expect(smbc_submit_wait(req, WAIT) || smbc_wait(req, WAIT));
	smbc_req_free(req);
	log_on();
	fid = create("f");
	cr_expect_str_eq(read_text(fid), "text");
	teardown();
}

Test(fault, what_the_command_refuses)
{
	setup_with("enabled = true;");
	expect_ctl("fault add mem read error=EIO", "has no faults");
	expect_ctl("fault add nowhere read error=EIO", "no share nowhere");
	expect_ctl("fault add faulty read error=EWHAT", "that is not");
	expect_ctl("fault add faulty reed error=EIO", "no operation");
	expect_ctl("fault clear 77", "no rule");
	expect_ctl("fault clear mem", "no rule");
	expect_ctl("fault clear all", "\"cleared\":0");
	for (int i = 0; i < 256; i++)
		fault("statfs error=EIO count=1");
	expect_ctl("fault add faulty read error=EIO", "256 rules already");
	teardown();
}
