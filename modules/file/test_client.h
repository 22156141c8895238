// SPDX-License-Identifier: Apache-2.0
/*
 * test_client.h: a client of the test server, apart from the tests because its constants are its
 * own. Everything that goes wrong besides the status of a reply ends the test.
 */
#ifndef FILE_TEST_CLIENT_H
#define FILE_TEST_CLIENT_H

#include <smb3/status.h>
#include <stddef.h>
#include <stdint.h>

#define EXPECT_STATUS(got, wanted)                                                           \
	do {                                                                                 \
		uint32_t s = (got);                                                          \
		cr_expect_eq(s, (uint32_t)(wanted), "%s instead of %s", smb3_status_name(s), \
			     smb3_status_name(wanted));                                      \
	} while (0)

struct smbc_req;
struct test_client;
struct test_server;

struct test_open {
	uint32_t action;
	uint64_t size, persistent_id, volatile_id;
};

/* Logged on as alice and connected to that share. */
struct test_client *test_client_new(struct test_server *server, const char *share);
void test_client_free(struct test_client *c); /* NULL is allowed */

/* The status; *ret_open is filled on success and may be NULL. */
uint32_t test_create(struct test_client *c, const char *name, uint32_t access, uint32_t disposition,
		     struct test_open *ret_open);
/* The same in two steps: the request is sent, its reply awaited. */
struct smbc_req *test_create_send(struct test_client *c, const char *name, uint32_t access,
				  uint32_t disposition);
uint32_t test_create_wait(struct smbc_req *req, struct test_open *ret_open);
void test_cancel(struct smbc_req *req);
void test_drop(struct smbc_req *req); /* its reply is not awaited any more */

uint32_t test_write(struct test_client *c, const struct test_open *o, const char *text);
uint32_t test_close(struct test_client *c, const struct test_open *o);
uint32_t test_read(struct test_client *c, const struct test_open *o, uint32_t length);
uint32_t test_flush(struct test_client *c, const struct test_open *o);
uint32_t test_list(struct test_client *c, const struct test_open *o, uint8_t info_class);
uint32_t test_query(struct test_client *c, const struct test_open *o, uint8_t type,
		    uint8_t info_class);
uint32_t test_set(struct test_client *c, const struct test_open *o, uint8_t type,
		  uint8_t info_class, const void *data, size_t len);
/* FileAccessInformation */
uint32_t test_access(struct test_client *c, const struct test_open *o);

#endif
