// SPDX-License-Identifier: Apache-2.0
/*
 * encrypt.c: encryption is agreed on, and demanded: of everybody, or for a share.
 * [MS-SMB2] 2.2.3.1.2, 2.2.4.1.2, 3.3.5.4, 3.3.5.5.3, 3.3.5.7
 */
#include "encrypt.h"

#include <errno.h>
#include <stdio.h>

#define AFTER_POLICY 500 /* of hooks: what is demanded is known by then */

struct encrypt_conf {
	const char *const *ciphers;
	bool require;
};

/* In a connection: the client has sent its list. */
struct encrypt_conn {
	bool asked;
};

static struct smb3_slot conn_slot = { .kind = SMB3_SLOT_CONN, .size = sizeof(struct encrypt_conn) };

static void agree(struct smb3_conn *conn, const struct cipher *cipher)
{
	conn->cipher = &transform_layer;
	conn->cipher_id = cipher->id;
	conn->cipher_name = cipher->name;
}

/* ---- 3.1.1: a context with the client's list ---- */

static ntstatus negctx_parse(struct smb3_conn *conn, struct smb3_cursor *data);
static bool negctx_build(struct smb3_conn *conn, struct smb3_builder *out);
static void negctx_absent(struct smb3_conn *conn);

static const struct smb3_negctx encrypt_negctx = { .type = SMB2_ENCRYPTION_CAPABILITIES,
						   .name = "encryption",
						   .parse = negctx_parse,
						   .build = negctx_build,
						   .absent = negctx_absent };

static int cipher_number(const char *name)
{
	const struct cipher *cipher = cipher_named(name);

	return cipher ? cipher->id : -1;
}

/* Our order decides. */
static ntstatus negctx_parse(struct smb3_conn *conn, struct smb3_cursor *data)
{
	const struct smb3_mod *mod = smb3_module_of(conn->server, &encrypt_negctx);
	const struct encrypt_conf *conf = mod->conf;
	int id = smb3_negctx_choose(data, conf->ciphers, cipher_number);

	if (id == -EINVAL)
		return STATUS_INVALID_PARAMETER;
	((struct encrypt_conn *)smb3_slot(&conn_slot, conn))->asked = true;
	if (id >= 0)
		agree(conn, cipher_find((uint16_t)id));
	return STATUS_SUCCESS;
}

/* An earlier NEGOTIATE of this connection, that failed, may have had one. */
static void negctx_absent(struct smb3_conn *conn)
{
	((struct encrypt_conn *)smb3_slot(&conn_slot, conn))->asked = false;
}

/* Nothing in common is said as cipher 0. 3.3.5.4 */
static bool negctx_build(struct smb3_conn *conn, struct smb3_builder *out)
{
	const struct encrypt_conn *ec = smb3_slot(&conn_slot, conn);

	if (!ec->asked)
		return false;
	smb3_put_u16(out, 1);
	smb3_put_u16(out, conn->cipher_id);
	return true;
}

/* ---- 3.0 and 3.0.2: a capability, and one cipher ---- */

static bool offers(const struct encrypt_conf *conf, uint16_t id)
{
	for (const char *const *name = conf->ciphers; *name; name++)
		if (cipher_number(*name) == id)
			return true;
	return false;
}

static enum smb3_verdict encrypt_negotiated(struct smb3_mod *mod, struct smb3_event *event)
{
	struct smb3_conn *conn = event->conn;

	if (conn->dialect->capabilities & conn->client_capabilities & SMB2_GLOBAL_CAP_ENCRYPTION &&
	    offers(mod->conf, SMB2_ENCRYPTION_AES128_CCM)) {
		conn->server_capabilities |= SMB2_GLOBAL_CAP_ENCRYPTION;
		agree(conn, cipher_find(SMB2_ENCRYPTION_AES128_CCM));
	}
	return SMB3_PASS;
}

/* ---- demands ---- */

static enum smb3_verdict deny(struct smb3_event *event, const char *what)
{
	snprintf(event->reason, sizeof(event->reason), "encryption is required, and %s", what);
	event->status = STATUS_ACCESS_DENIED;
	return SMB3_DENY;
}

/* Why this user on this connection cannot encrypt; NULL when it is possible. */
static const char *hindrance(const struct smb3_conn *conn, const struct smb3_identity *who)
{
	if (who->guest || who->anonymous)
		return "guests and anonymous users have no key";
	if (!conn->cipher)
		return "the client shares no cipher with the server";
	return NULL;
}

static enum smb3_verdict encrypt_authenticated(struct smb3_mod *mod, struct smb3_event *event)
{
	const struct encrypt_conf *conf = mod->conf;
	const char *why;

	if ((!conf->require && !event->encrypt) || event->status != STATUS_SUCCESS)
		return SMB3_PASS;
	why = hindrance(event->conn, event->who);
	if (why)
		return deny(event, why);
	event->encrypt = true;
	return SMB3_PASS;
}

static enum smb3_verdict encrypt_tree(struct smb3_mod *mod, struct smb3_event *event)
{
	const struct encrypt_conf *conf = smb3_conf_of(mod, event->share);
	const char *why;

	if (!event->encrypt && (!conf->require || event->share->pipe))
		return SMB3_PASS;
	why = hindrance(event->conn, event->who);
	if (why)
		return deny(event, why);
	event->encrypt = true;
	return SMB3_PASS;
}

/* ---- the module ---- */

static bool encrypt_check(struct smb3_mod *mod, const void *conf, struct smb3_conf_wrong *ret_wrong)
{
	(void)mod;
	if (((const struct encrypt_conf *)conf)->ciphers[0])
		return true;
	ret_wrong->option = "ciphers";
	snprintf(ret_wrong->why, sizeof(ret_wrong->why), "is empty: name at least one cipher");
	return false;
}

static const char *const cipher_names[] = { "aes-128-gcm", "aes-256-gcm", "aes-128-ccm",
					    "aes-256-ccm", NULL };

static const struct smb3_option encrypt_options[] = {
	{ .name = "ciphers",
	  .type = SMB3_OPT_LIST,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct encrypt_conf, ciphers),
	  .choices = cipher_names,
	  .value = "aes-128-gcm, aes-256-gcm, aes-128-ccm, aes-256-ccm",
	  .help = "Ciphers that are offered, the preferred one first. SMB 3.0 and 3.0.2 have "
		  "aes-128-ccm only: without it their clients cannot encrypt." },
	{ .name = "require",
	  .type = SMB3_OPT_BOOL,
	  .scope = SMB3_GLOBAL | SMB3_SHARE,
	  .offset = offsetof(struct encrypt_conf, require),
	  .value = "false",
	  .help = "Everything must be encrypted: in the group encrypt for all sessions, in a share "
		  "for that share. Clients that cannot are refused, guests among them. With false "
		  "a client encrypts when it wants to." },
	SMB3_OPTION_END,
};

static const struct smb3_hook negotiated_hook = {
	.point = SMB3_HOOK_NEGOTIATED, .order = 100, .name = "encrypt", .run = encrypt_negotiated
};
static const struct smb3_hook authenticated_hook = { .point = SMB3_HOOK_AUTHENTICATED,
						     .order = AFTER_POLICY,
						     .name = "encrypt",
						     .run = encrypt_authenticated };
static const struct smb3_hook tree_hook = { .point = SMB3_HOOK_TREE_CONNECT,
					    .order = AFTER_POLICY,
					    .name = "encrypt",
					    .run = encrypt_tree };

static const struct smb3_provide encrypt_provides[] = {
	SMB3_LAYER(0x424D53FDu, &transform_layer),
	SMB3_NEGCTX(SMB2_ENCRYPTION_CAPABILITIES, &encrypt_negctx),
	SMB3_SLOT(&conn_slot),
	SMB3_SLOT(&transform_session_slot),
	SMB3_HOOK(&negotiated_hook),
	SMB3_HOOK(&authenticated_hook),
	SMB3_HOOK(&tree_hook),
	SMB3_END,
};

SMB3_MODULE(encrypt, .summary = "encrypts messages: AES-GCM and AES-CCM, 128 and 256 bits",
	    .options = encrypt_options, .conf_size = sizeof(struct encrypt_conf),
	    .provides = encrypt_provides, .check = encrypt_check);
