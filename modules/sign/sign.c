// SPDX-License-Identifier: Apache-2.0
/*
 * sign.c: the three signing algorithms and the negotiate context that chooses among them.
 * [MS-SMB2] 3.1.4.1, 2.2.3.1.7
 * A context is keyed once and only rewound for each PDU; a channel has as many as threads sign for it
 * at once.
 */
#include "sign.h"

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdio.h>
#include <stdlib.h>

#define GMAC_NONCE_SIZE 12

struct sign_conf {
	const char *const *order;
	bool require, gmac_channels;
};

/* In a connection: the context has chosen. */
struct sign_conn {
	bool agreed;
};

static struct smb3_slot sign_conn_slot = { .kind = SMB3_SLOT_CONN,
					   .size = sizeof(struct sign_conn) };

static EVP_MAC_CTX *mac_key(const char *mac_name, const char *what, const char *cipher,
			    const uint8_t key[16])
{
	OSSL_PARAM params[] = { OSSL_PARAM_construct_utf8_string(what, (char *)(uintptr_t)cipher,
								 0),
				OSSL_PARAM_construct_end() };
	EVP_MAC *mac = EVP_MAC_fetch(NULL, mac_name, NULL);
	EVP_MAC_CTX *ctx = mac ? EVP_MAC_CTX_new(mac) : NULL;

	EVP_MAC_free(mac);
	if (ctx && EVP_MAC_init(ctx, key, 16, params) == 1)
		return ctx;
	EVP_MAC_CTX_free(ctx);
	return NULL;
}

static void mac_free(void *ctx)
{
	EVP_MAC_CTX_free(ctx);
}

/* The first 16 bytes of the MAC over all parts. */
static int mac_sign(EVP_MAC_CTX *ctx, const OSSL_PARAM *params, const struct iovec *iov, int n_iov,
		    uint8_t ret_signature[16])
{
	uint8_t mac[EVP_MAX_MD_SIZE];
	size_t len = 0;

	if (EVP_MAC_init(ctx, NULL, 0, params) != 1)
		return -EIO;
	for (int i = 0; i < n_iov; i++)
		if (EVP_MAC_update(ctx, iov[i].iov_base, iov[i].iov_len) != 1)
			return -EIO;
	if (EVP_MAC_final(ctx, mac, &len, sizeof(mac)) != 1 || len < 16)
		return -EIO;
	memcpy(ret_signature, mac, 16);
	return 0;
}

static int plain_sign(void *ctx, const struct smb3_sign_info *info, const struct iovec *iov,
		      int n_iov, uint8_t ret_signature[16])
{
	(void)info;
	return mac_sign(ctx, NULL, iov, n_iov, ret_signature);
}

static void *hmac_key(const uint8_t key[16])
{
	return mac_key("HMAC", OSSL_MAC_PARAM_DIGEST, "SHA256", key);
}

static void *gmac_key(const uint8_t key[16])
{
	return mac_key("GMAC", OSSL_MAC_PARAM_CIPHER, "AES-128-GCM", key);
}

/* The nonce is the message id and, in the next four bytes, who sends: [MS-SMB2] 3.1.4.1. */
static int gmac_sign(void *ctx, const struct smb3_sign_info *info, const struct iovec *iov,
		     int n_iov, uint8_t ret_signature[16])
{
	uint8_t nonce[GMAC_NONCE_SIZE];
	OSSL_PARAM params[] = { OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_IV, nonce,
								  sizeof(nonce)),
				OSSL_PARAM_construct_end() };

	smb3_store_u64(nonce, info->message_id);
	smb3_store_u32(nonce + 8, (info->from_server ? 1u : 0) | (info->cancel ? 2u : 0));
	return mac_sign(ctx, params, iov, n_iov, ret_signature);
}

/* ---- a key, and its contexts ---- */

struct mac {
	void *(*make)(const uint8_t key[16]);
	void (*free)(void *ctx);
	int (*sign)(void *ctx, const struct smb3_sign_info *info, const struct iovec *iov,
		    int n_iov, uint8_t ret_signature[16]);
};

struct keyed {
	const struct mac *mac;
	uint8_t key[16];
	struct smb3_spares ctxs;
};

static void keyed_free(void *key)
{
	struct keyed *k = key;
	void *ctx;

	while ((ctx = smb3_spare_take(&k->ctxs)))
		k->mac->free(ctx);
	smb3_wipe(k, sizeof(*k));
	free(k);
}

static void *keyed_new(const struct mac *mac, const uint8_t key[16])
{
	void *ctx = mac->make(key);
	struct keyed *k;

	if (!ctx)
		return NULL;
	k = smb3_alloc(sizeof(*k));
	k->mac = mac;
	memcpy(k->key, key, sizeof(k->key));
	smb3_spare_keep(&k->ctxs, ctx);
	return k;
}

static int keyed_sign(void *key, const struct smb3_sign_info *info, const struct iovec *iov,
		      int n_iov, uint8_t ret_signature[16])
{
	struct keyed *k = key;
	void *ctx = smb3_spare_take(&k->ctxs);
	int err;

	if (!ctx)
		ctx = k->mac->make(k->key);
	if (!ctx)
		return -EIO;
	err = k->mac->sign(ctx, info, iov, n_iov, ret_signature);
	ctx = smb3_spare_keep(&k->ctxs, ctx);
	if (ctx)
		k->mac->free(ctx);
	return err;
}

static void *hmac_keyed(const uint8_t key[16])
{
	static const struct mac hmac = { hmac_key, mac_free, plain_sign };

	return keyed_new(&hmac, key);
}

static void *cmac_keyed(const uint8_t key[16])
{
	static const struct mac cmac = { cmac_key, cmac_free, cmac_sign };

	return keyed_new(&cmac, key);
}

static void *gmac_keyed(const uint8_t key[16])
{
	static const struct mac gmac = { gmac_key, mac_free, gmac_sign };

	return keyed_new(&gmac, key);
}

static const struct smb3_sign sign_hmac = { .id = SMB2_SIGNING_HMAC_SHA256,
					    .name = "hmac-sha256",
					    .key = hmac_keyed,
					    .free = keyed_free,
					    .sign = keyed_sign };
static const struct smb3_sign sign_cmac = { .id = SMB2_SIGNING_AES_CMAC,
					    .name = "aes-128-cmac",
					    .key = cmac_keyed,
					    .free = keyed_free,
					    .sign = keyed_sign };
static const struct smb3_sign sign_gmac = { .id = SMB2_SIGNING_AES_GMAC,
					    .name = "aes-128-gmac",
					    .nonce = true,
					    .key = gmac_keyed,
					    .free = keyed_free,
					    .sign = keyed_sign };

static const struct smb3_sign *const sign_all[] = { &sign_hmac, &sign_cmac, &sign_gmac };

static const struct smb3_sign *sign_named(const char *name)
{
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(sign_all); i++)
		if (!strcmp(sign_all[i]->name, name))
			return sign_all[i];
	return NULL;
}

/* ---- the negotiate context ---- */

static ntstatus negctx_parse(struct smb3_conn *conn, struct smb3_cursor *data);
static bool negctx_build(struct smb3_conn *conn, struct smb3_builder *out);
static void negctx_absent(struct smb3_conn *conn);

static const struct smb3_negctx sign_negctx = { .type = SMB2_SIGNING_CAPABILITIES,
						.name = "signing",
						.parse = negctx_parse,
						.build = negctx_build,
						.absent = negctx_absent };

static int sign_number(const char *name)
{
	const struct smb3_sign *sign = sign_named(name);

	return sign ? sign->id : -1;
}

/* Who joins a session with another connection signs with the session's key there, too, and begins
 * with the same message ids again: no algorithm whose nonces these are. */
static int plain_number(const char *name)
{
	const struct smb3_sign *sign = sign_named(name);

	return sign && !sign->nonce ? sign->id : -1;
}

/* Our order decides. With nothing in common the dialect's own algorithm stays, and the reply has
 * no such context. */
static ntstatus negctx_parse(struct smb3_conn *conn, struct smb3_cursor *data)
{
	const struct smb3_mod *mod = smb3_module_of(conn->server, &sign_negctx);
	const struct sign_conf *conf = mod->conf;
	struct sign_conn *sc = smb3_slot(&sign_conn_slot, conn);
	bool plain = conn->server_capabilities & SMB2_GLOBAL_CAP_MULTI_CHANNEL &&
		     !conf->gmac_channels;
	int id = smb3_negctx_choose(data, conf->order, plain ? plain_number : sign_number);
	sc->agreed = id >= 0;
	if (id == -EINVAL)
		return STATUS_INVALID_PARAMETER;
	if (id >= 0)
		conn->sign = smb3_row(conn->server, SMB3_KIND_SIGN, (uint32_t)id);
	return STATUS_SUCCESS;
}

/* An earlier NEGOTIATE of this connection, that failed, may have had one. */
static void negctx_absent(struct smb3_conn *conn)
{
	((struct sign_conn *)smb3_slot(&sign_conn_slot, conn))->agreed = false;
}

static bool negctx_build(struct smb3_conn *conn, struct smb3_builder *out)
{
	const struct sign_conn *sc = smb3_slot(&sign_conn_slot, conn);

	if (!sc->agreed)
		return false;
	smb3_put_u16(out, 1);
	smb3_put_u16(out, conn->sign->id);
	return true;
}

/* ---- the module ---- */

static bool sign_check(struct smb3_mod *mod, const void *conf, struct smb3_conf_wrong *ret_wrong)
{
	(void)mod;
	if (((const struct sign_conf *)conf)->order[0])
		return true;
	ret_wrong->option = "order";
	snprintf(ret_wrong->why, sizeof(ret_wrong->why),
		 "is empty: name at least one signing algorithm");
	return false;
}

static const char *const sign_names[] = { "aes-128-gmac", "aes-128-cmac", "hmac-sha256", NULL };

static const struct smb3_option sign_options[] = {
	{ .name = "order",
	  .type = SMB3_OPT_LIST,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct sign_conf, order),
	  .choices = sign_names,
	  .value = "aes-128-gmac, aes-128-cmac, hmac-sha256",
	  .help = "Signing algorithms for clients that let the server choose (SMB 3.1.1), the "
		  "preferred one first. An algorithm that is not named is not offered to them." },
	{ .name = "require",
	  .type = SMB3_OPT_BOOL,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct sign_conf, require),
	  .value = "true",
	  .help = "Every session but those of guests and anonymous users must sign. With false "
		  "a session signs only when its client requires that." },
	{ .name = "gmac_channels",
	  .type = SMB3_OPT_BOOL,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct sign_conf, gmac_channels),
	  .value = "false",
	  .help = "aes-128-gmac is chosen also for clients that may join further connections to a "
		  "session (setup.multichannel). The protocol repeats nonces then, and who "
		  "overhears that may forge signatures." },
	SMB3_OPTION_END,
};

/* The client learns from NEGOTIATE that it must sign. */
static enum smb3_verdict sign_negotiated(struct smb3_mod *mod, struct smb3_event *event)
{
	const struct sign_conf *conf = mod->conf;

	if (conf->require)
		event->conn->server_security_mode |= SMB2_NEGOTIATE_SIGNING_REQUIRED;
	return SMB3_PASS;
}

static const struct smb3_hook sign_negotiated_hook = {
	.point = SMB3_HOOK_NEGOTIATED,
	.order = 100,
	.name = "sign",
	.run = sign_negotiated,
};

static const struct smb3_provide sign_provides[] = {
	SMB3_SIGN(SMB2_SIGNING_HMAC_SHA256, &sign_hmac),
	SMB3_SIGN(SMB2_SIGNING_AES_CMAC, &sign_cmac),
	SMB3_SIGN(SMB2_SIGNING_AES_GMAC, &sign_gmac),
	SMB3_NEGCTX(SMB2_SIGNING_CAPABILITIES, &sign_negctx),
	SMB3_SLOT(&sign_conn_slot),
	SMB3_HOOK(&sign_negotiated_hook),
	SMB3_END,
};

SMB3_MODULE(sign, .summary = "signs messages: HMAC-SHA256, AES-CMAC, AES-GMAC",
	    .options = sign_options, .conf_size = sizeof(struct sign_conf),
	    .provides = sign_provides, .check = sign_check);
