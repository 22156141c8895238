// SPDX-License-Identifier: Apache-2.0
/*
 * negotiate.c: NEGOTIATE with its contexts. [MS-SMB2] 2.2.3, 2.2.4
 */
#include <errno.h>
#include <string.h>

#include "internal.h"

const struct smbc_negotiate smbc_negotiate_default = {
	.dialects = { SMB2_DIALECT_202, SMB2_DIALECT_210, SMB2_DIALECT_300, SMB2_DIALECT_302,
		      SMB2_DIALECT_311 },
	.dialect_count = 5,
	.security_mode = SMB2_NEGOTIATE_SIGNING_ENABLED,
	.capabilities = SMB2_GLOBAL_CAP_DFS | SMB2_GLOBAL_CAP_LEASING | SMB2_GLOBAL_CAP_LARGE_MTU |
			SMB2_GLOBAL_CAP_MULTI_CHANNEL | SMB2_GLOBAL_CAP_PERSISTENT_HANDLES |
			SMB2_GLOBAL_CAP_DIRECTORY_LEASING | SMB2_GLOBAL_CAP_ENCRYPTION,
	.signing = { SMB2_SIGN_AES_GMAC, SMB2_SIGN_AES_CMAC, SMB2_SIGN_HMAC_SHA256 },
	.signing_count = 3,
	.ciphers = { SMB2_CIPHER_AES128_GCM, SMB2_CIPHER_AES128_CCM, SMB2_CIPHER_AES256_GCM,
		     SMB2_CIPHER_AES256_CCM },
	.cipher_count = 4,
};

/* A context that is a count and a list of 16-bit ids, as most are. */
static void put_list(struct smbc_buf *b, uint16_t type, const uint16_t *ids, size_t n)
{
	smbc_put_align(b, 0, 8);
	smbc_put16(b, type);
	smbc_put16(b, (uint16_t)(2 + 2 * n));
	smbc_put32(b, 0);
	smbc_put16(b, (uint16_t)n);
	for (size_t i = 0; i < n; i++)
		smbc_put16(b, ids[i]);
}

static void put_preauth(struct smbc_buf *b, const struct smbc_lib *lib)
{
	smbc_put_align(b, 0, 8);
	smbc_put16(b, SMB2_PREAUTH_INTEGRITY_CAPABILITIES);
	smbc_put16(b, 6 + 32);
	smbc_put32(b, 0);
	smbc_put16(b, 1);
	smbc_put16(b, 32);
	smbc_put16(b, SMB2_PREAUTH_SHA512);
	smbc_random(lib, smbc_buf_grow(b, 32), 32);
}

static void put_netname(struct smbc_buf *b, const char *name)
{
	size_t at;

	smbc_put_align(b, 0, 8);
	smbc_put16(b, SMB2_NETNAME_NEGOTIATE_CONTEXT_ID);
	at = b->len;
	smbc_put16(b, 0);
	smbc_put32(b, 0);
	smbc_set16(b, at, (uint16_t)smbc_put_utf16(b, name));
}

/* The body starts at a multiple of 8 from the message's start, so its own offsets align as well. */
static uint16_t put_contexts(struct smbc_buf *b, const struct smbc_lib *lib,
			     const struct smbc_negotiate *n)
{
	uint16_t count = 0;

	smbc_put_align(b, 0, 8);
	if (!n->no_preauth && ++count)
		put_preauth(b, lib);
	if (n->cipher_count && ++count)
		put_list(b, SMB2_ENCRYPTION_CAPABILITIES, n->ciphers, n->cipher_count);
	if (n->signing_count && ++count)
		put_list(b, SMB2_SIGNING_CAPABILITIES, n->signing, n->signing_count);
	if (n->netname && ++count)
		put_netname(b, n->netname);
	if (n->extra_count) {
		smbc_put_align(b, 0, 8);
		smbc_put_bytes(b, n->extra.p, n->extra.n);
	}
	return (uint16_t)(count + n->extra_count);
}

void smbc_put_negotiate(struct smbc_req *req, const struct smbc_negotiate *n)
{
	struct smbc_buf *b = &req->body;
	bool has311 = false;

	smbc_put16(b, 36);
	smbc_put16(b, (uint16_t)n->dialect_count);
	smbc_put16(b, n->security_mode);
	smbc_put16(b, 0);
	smbc_put32(b, n->capabilities);
	smbc_put_bytes(b, req->conn->client_guid, 16);
	smbc_put64(b, 0); /* NegotiateContextOffset, NegotiateContextCount, or ClientStartTime */
	for (size_t i = 0; i < n->dialect_count; i++) {
		has311 = has311 || n->dialects[i] == SMB2_DIALECT_311;
		smbc_put16(b, n->dialects[i]);
	}
	if (has311) {
		uint32_t at = (uint32_t)((b->len + 7) & ~(size_t)7);

		smbc_set32(b, 28, SMB2_HEADER_SIZE + at);
		smbc_set16(b, 32, put_contexts(b, req->conn->lib, n));
	}
	if (n->security_mode & SMB2_NEGOTIATE_SIGNING_REQUIRED)
		req->conn->sign_required = true;
	req->preauth = req->conn->preauth;
}

static void context_take(struct smbc_conn *conn, uint16_t type, struct smbc_rd data)
{
	uint16_t count = smbc_get16(&data), first = smbc_get16(&data);

	if (data.bad || count != 1)
		return;
	if (type == SMB2_ENCRYPTION_CAPABILITIES && first <= SMB2_CIPHER_AES256_GCM)
		conn->cipher = first;
	if (type == SMB2_SIGNING_CAPABILITIES)
		conn->signing = first;
}

static int contexts_take(struct smbc_conn *conn, struct smbc_rd *r, uint32_t at, uint16_t count)
{
	for (; count; count--) {
		struct smbc_rd head = smbc_rd_sub(r, at, 8);
		uint16_t type = smbc_get16(&head), n = smbc_get16(&head);
		struct smbc_rd data = smbc_rd_sub(r, (size_t)at + 8, n);

		if (r->bad)
			return -EPROTO;
		context_take(conn, type, data);
		at = (at + 8 + n + 7) & ~7u;
	}
	return 0;
}

static void algorithms_default(struct smbc_conn *conn)
{
	conn->signing = conn->dialect >= SMB2_DIALECT_300 ? SMB2_SIGN_AES_CMAC :
							    SMB2_SIGN_HMAC_SHA256;
	conn->cipher = SMB2_CIPHER_NONE;
	if (conn->dialect >= SMB2_DIALECT_300 && conn->dialect < SMB2_DIALECT_311 &&
	    conn->server_capabilities & SMB2_GLOBAL_CAP_ENCRYPTION)
		conn->cipher = SMB2_CIPHER_AES128_CCM;
}

int smbc_negotiated(struct smbc_conn *conn, const struct smbc_reply *reply)
{
	struct smbc_rd r = smbc_rd(reply->pdu, reply->len);
	uint16_t size, count, blob_len;
	const uint8_t *guid;
	uint32_t at;

	smbc_get_skip(&r, SMB2_HEADER_SIZE);
	size = smbc_get16(&r);
	conn->server_security_mode = smbc_get16(&r);
	conn->dialect = smbc_get16(&r);
	count = smbc_get16(&r);
	guid = smbc_get_bytes(&r, 16);
	conn->server_capabilities = smbc_get32(&r);
	conn->max_transact = smbc_get32(&r);
	conn->max_read = smbc_get32(&r);
	conn->max_write = smbc_get32(&r);
	smbc_get_skip(&r, 16); /* times */
	at = smbc_get16(&r);
	blob_len = smbc_get16(&r);
	smbc_rd_sub(&r, at, blob_len);
	at = smbc_get32(&r);
	if (r.bad || size != 65)
		return -EPROTO;
	memcpy(conn->server_guid, guid, 16);
	if (conn->server_security_mode & SMB2_NEGOTIATE_SIGNING_REQUIRED)
		conn->sign_required = true;
	algorithms_default(conn);
	if (conn->dialect != SMB2_DIALECT_311)
		return 0;
	smbc_preauth(conn->lib, conn->preauth, reply->pdu, reply->len);
	return contexts_take(conn, &r, at, count);
}

int smbc_negotiate(struct smbc_conn *conn, const struct smbc_negotiate *n, int timeout_ms,
		   uint32_t *ret_status)
{
	struct smbc_req *req = smbc_req_new(conn, NULL, SMB2_NEGOTIATE);
	int err;

	smbc_put_negotiate(req, n);
	err = smbc_submit(req);
	if (!err)
		err = smbc_wait(req, timeout_ms);
	if (!err && req->reply.hdr.status == SMBC_STATUS_SUCCESS)
		err = smbc_negotiated(conn, &req->reply);
	if (!err)
		*ret_status = req->reply.hdr.status;
	smbc_req_free(req);
	return err;
}
