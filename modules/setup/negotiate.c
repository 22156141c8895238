// SPDX-License-Identifier: Apache-2.0
/*
 * negotiate.c: NEGOTIATE: the dialect, what each side can, and where the client lives.
 * [MS-SMB2] 2.2.3, 2.2.4, 3.3.5.3, 3.3.5.4
 */
#include "setup.h"

#include <string.h>

struct negotiate {
	uint16_t count, security_mode;
	uint32_t capabilities;
	struct smb3_guid guid;
	uint32_t context_offset;
	uint16_t context_count;
	bool wildcard;
	const struct smb3_dialect *dialect;
};

static bool dialect_allowed(const struct smb3_server *server, uint16_t revision)
{
	const struct smb3_server_conf *conf = smb3_server_conf(server);

	return revision >= smb3_dialect_revisions[conf->min_dialect] &&
	       revision <= smb3_dialect_revisions[conf->max_dialect];
}

/* Takes the offered dialects down and picks the highest that both sides speak. */
static void dialects_choose(struct smb3_req *req, struct negotiate *n, struct smb3_cursor *c)
{
	struct smb3_conn *conn = req->conn;
	struct setup_conn *sc = smb3_slot(&setup_conn_slot, conn);

	conn->n_client_dialects = 0;
	for (uint16_t i = 0; i < n->count; i++) {
		uint16_t revision = smb3_get_u16(c);
		const struct smb3_dialect *d = smb3_row(req->server, SMB3_KIND_DIALECT, revision);

		if (conn->n_client_dialects < SMB3_ARRAY_SIZE(conn->client_dialects))
			conn->client_dialects[conn->n_client_dialects++] = revision;
		if (revision == SMB2_DIALECT_WILDCARD && sc->multi_protocol)
			n->wildcard = true;
		if (d && dialect_allowed(req->server, revision) &&
		    (!n->dialect || revision > n->dialect->revision))
			n->dialect = d;
	}
}

static ntstatus negotiate_decode(struct smb3_req *req, struct negotiate *n)
{
	struct smb3_cursor c = req->body;

	smb3_get_u16(&c);
	n->count = smb3_get_u16(&c);
	n->security_mode = smb3_get_u16(&c);
	smb3_get_u16(&c);
	n->capabilities = smb3_get_u32(&c);
	n->guid = smb3_get_guid(&c);
	n->context_offset = smb3_get_u32(&c); /* ClientStartTime before 3.1.1 */
	n->context_count = smb3_get_u16(&c);
	smb3_get_u16(&c);
	if (!n->count || smb3_cursor_left(&c) < (size_t)n->count * 2)
		return STATUS_INVALID_PARAMETER;
	dialects_choose(req, n, &c);
	return smb3_cursor_ok(&c) ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

static uint32_t capped(uint32_t dialect_max, const struct smb3_server *server)
{
	uint64_t limit = smb3_server_limits(server)->max_io;

	return dialect_max < limit ? dialect_max : (uint32_t)limit;
}

static void conn_agree(struct smb3_req *req, const struct negotiate *n)
{
	const struct setup_conf *conf = smb3_module_of(req->server, &negotiate_command)->conf;
	struct smb3_conn *conn = req->conn;
	const struct smb3_dialect *d = n->dialect;

	conn->client_security_mode = n->security_mode;
	conn->client_capabilities = n->capabilities;
	conn->client_guid = n->guid;
	conn->client_signs = n->security_mode & SMB2_NEGOTIATE_SIGNING_REQUIRED;
	conn->server_security_mode = SMB2_NEGOTIATE_SIGNING_ENABLED;
	conn->server_capabilities = d->capabilities & SMB2_GLOBAL_CAP_LARGE_MTU;
	if (conf->multichannel)
		conn->server_capabilities |= d->capabilities & n->capabilities &
					     SMB2_GLOBAL_CAP_MULTI_CHANNEL;
	conn->max_transact = capped(d->max_transact, req->server);
	conn->max_read = capped(d->max_read, req->server);
	conn->max_write = capped(d->max_write, req->server);
	conn->dialect = d;
	conn->revision = d->revision;
	conn->sign = smb3_row(req->server, SMB3_KIND_SIGN, d->sign_id);
	conn->cipher = NULL; /* of a NEGOTIATE that failed */
	conn->cipher_id = 0;
	conn->cipher_name = NULL;
}

/* Modules add what they bring: capabilities, required signing, a cipher. */
static ntstatus negotiated_hook(struct smb3_req *req)
{
	struct smb3_event event = { .point = SMB3_HOOK_NEGOTIATED,
				    .server = req->server,
				    .worker = req->worker,
				    .conn = req->conn,
				    .req = req };

	if (!smb3_hooked(req->server, SMB3_HOOK_NEGOTIATED) || smb3_hook_run(&event) != SMB3_DENY)
		return STATUS_SUCCESS;
	return smb3_req_deny(req, event.status, "%s", event.reason);
}

static void blob_build(struct smb3_req *req)
{
	size_t n;
	const struct smb3_provide *const *rows = smb3_rows(req->server, SMB3_KIND_AUTH, &n);

	for (size_t i = 0; i < n; i++) {
		const struct smb3_auth_mech *mech = rows[i]->row;

		if (mech->offer && mech->offer(req->server, &req->out))
			return;
	}
}

static void negotiate_reply(struct smb3_req *req, uint16_t revision)
{
	struct smb3_conn *conn = req->conn;
	struct smb3_builder *out = &req->out;
	size_t blob;
	uint16_t contexts;

	smb3_put_u16(out, 65);
	smb3_put_u16(out, conn->server_security_mode);
	smb3_put_u16(out, revision);
	smb3_put_u16(out, 0);
	smb3_put_guid(out, smb3_server_guid(req->server));
	smb3_put_u32(out, conn->server_capabilities);
	smb3_put_u32(out, conn->max_transact);
	smb3_put_u32(out, conn->max_read);
	smb3_put_u32(out, conn->max_write);
	smb3_put_u64(out, smb3_now());
	smb3_put_u64(out, 0); /* ServerStartTime */
	smb3_put_u16(out, 128);
	smb3_put_u16(out, 0);
	smb3_put_u32(out, 0);
	blob = out->len;
	blob_build(req);
	smb3_set_u16(out, 58, (uint16_t)(out->len - blob));
	if (!conn->dialect || !conn->dialect->contexts)
		return;
	smb3_put_align(out, 8);
	smb3_set_u32(out, 60, (uint32_t)(SMB2_HEADER_SIZE + out->len));
	contexts = contexts_build(req);
	smb3_set_u16(out, 6, contexts);
}

/* An SMB1 client that knows "SMB 2.???" is told to ask again in SMB2. 3.3.5.3.2 */
static ntstatus wildcard_reply(struct smb3_req *req)
{
	struct smb3_conn *conn = req->conn;

	conn->server_security_mode = SMB2_NEGOTIATE_SIGNING_ENABLED;
	conn->server_capabilities = 0;
	conn->max_transact = conn->max_read = conn->max_write = 65536;
	negotiate_reply(req, SMB2_DIALECT_WILDCARD);
	return STATUS_SUCCESS;
}

static ntstatus negotiate_agree(struct smb3_req *req, const struct negotiate *n)
{
	ntstatus status = STATUS_SUCCESS;

	conn_agree(req, n);
	if (n->dialect->contexts)
		status = contexts_parse(req, n->context_offset, n->context_count);
	if (status == STATUS_SUCCESS)
		status = negotiated_hook(req);
	if (status != STATUS_SUCCESS) {
		req->conn->dialect = NULL;
		return status;
	}
	req->conn->negotiated = true;
	SMB3_DEBUG(SMB3_DBG_CONN, req->conn, "dialect %s, signing %s", n->dialect->name,
		   req->conn->sign ? req->conn->sign->name : "none");
	negotiate_reply(req, n->dialect->revision);
	return STATUS_SUCCESS;
}

static ntstatus negotiate_run(struct smb3_req *req)
{
	struct negotiate n = { 0 };
	ntstatus status;

	if (req->conn->negotiated) {
		smb3_conn_close(req->conn, "a second NEGOTIATE");
		return STATUS_INVALID_PARAMETER;
	}
	if (req->hdr.flags & SMB2_FLAGS_SIGNED) /* 3.3.5.2.4 */
		return STATUS_INVALID_PARAMETER;
	status = negotiate_decode(req, &n);
	if (status != STATUS_SUCCESS)
		return status;
	if (n.wildcard)
		return wildcard_reply(req);
	if (!n.dialect)
		return smb3_req_deny(req, STATUS_NOT_SUPPORTED, "no common dialect");
	if (!smb3_conn_settle(req->conn, &n.guid))
		return STATUS_RETRY;
	return negotiate_agree(req, &n);
}

/* 3.1.1: the hash that session keys are bound to covers this exchange. 3.3.5.4 */
static void negotiate_built(struct smb3_req *req, const uint8_t *pdu, size_t len)
{
	struct smb3_conn *conn = req->conn;

	if (req->status != STATUS_SUCCESS || !conn->dialect || !conn->dialect->transcript)
		return;
	memset(conn->preauth, 0, sizeof(conn->preauth));
	conn->dialect->transcript(conn->preauth, req->pdu, req->pdu_len);
	conn->dialect->transcript(conn->preauth, pdu, len);
}

const struct smb3_command negotiate_command = {
	.name = "NEGOTIATE",
	.body_size = 36,
	.run = negotiate_run,
	.built = negotiate_built,
};
