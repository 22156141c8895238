// SPDX-License-Identifier: Apache-2.0
/*
 * ntlm.c: a log-on by NTLMv2. [MS-NLMP] 3.2.5
 * LM and NTLMv1 are refused: both give the password away to whoever listens. The client's time
 * is not compared with ours: the challenge is new each time, so an old answer is of no use.
 *
 * Three ways to fail must look alike from outside, in status and in time: no such account, an
 * account without a password, a wrong password. What else is wrong with an account is told only
 * to who knows its password.
 */
#include "ntlm.h"

#include <errno.h>
#include <smb3/smb3.h>
#include <stdio.h>
#include <string.h>

#define ORDER_GUARD   100
#define WHO_DOMAIN    60   /* bytes of a domain that are told; the rest is the user's */
#define CHALLENGE_MAX 4096 /* bytes of a CHALLENGE: names of the server, five times */

enum direction { FROM_CLIENT, FROM_SERVER };

struct ntlm_conf {
	bool enabled;
};

struct ntlm_state {
	enum { NTLM_BEGIN, NTLM_CHALLENGED, NTLM_ENDED } stage;
	uint32_t flags; /* agreed on */
	uint8_t challenge[NTLM_CHALLENGE_SIZE];
	struct ntlm_field negotiate, sent; /* the first two messages, for the MIC */
	uint8_t key[NTLM_KEY_SIZE];        /* exported session key, at the end */
	bool have_key;
	uint32_t mics[2];         /* SPNEGO's, by direction: messages are numbered from there */
	struct ntlm_seal seal[2]; /* by direction, once there is a message */
};

/* One AUTHENTICATE under examination. Wiped at the end: has secrets. */
struct attempt {
	struct smb3_auth *auth;
	const struct ntlm_crypto *crypto;
	struct ntlm_field raw; /* the whole message */
	struct ntlm_authenticate msg;
	struct ntlm_response response;
	const char *user;
	struct smb3_account account;
	bool known;
	uint8_t response_key[NTLM_KEY_SIZE], proof[NTLM_KEY_SIZE];
	uint8_t base_key[NTLM_KEY_SIZE], key[NTLM_KEY_SIZE];
};

static const struct smb3_auth_mech ntlm_mech;

static const struct ntlm_crypto *crypto_of(const struct smb3_auth *auth)
{
	return smb3_module_of(auth->server, &ntlm_mech)->data;
}

static ntstatus fail(struct smb3_auth *auth, ntstatus status, const char *reason)
{
	snprintf(auth->reason, sizeof(auth->reason), "%s", reason);
	return status;
}

static bool ntlm_match(const uint8_t *token, size_t len)
{
	uint32_t flags;

	return ntlm_negotiate_parse(token, len, &flags);
}

/* ---- the first round trip ---- */

static ntstatus step_negotiate(struct smb3_auth *auth, const uint8_t *in, size_t len,
			       struct smb3_builder *out)
{
	struct ntlm_state *st = auth->state;
	struct smb3_builder b = smb3_builder_arena(auth->arena, CHALLENGE_MAX);
	struct ntlm_challenge challenge = { .name = smb3_server_conf(auth->server)->name,
					    .time = smb3_now() };
	uint32_t asked;

	if (!ntlm_negotiate_parse(in, len, &asked))
		return fail(auth, STATUS_INVALID_PARAMETER, "malformed NTLM NEGOTIATE");
	if (!(asked & NTLMSSP_NEGOTIATE_UNICODE))
		return fail(auth, STATUS_INVALID_PARAMETER,
			    "the client's NTLM has no Unicode, only the code page of a country");
	st->flags = challenge.flags = ntlm_flags_answer(asked);
	smb3_random(st->challenge, sizeof(st->challenge));
	memcpy(challenge.challenge, st->challenge, sizeof(st->challenge));
	ntlm_challenge_build(&challenge, &b);
	smb3_put_bytes(out, b.data, b.len);
	if (!smb3_builder_ok(&b) || !smb3_builder_ok(out))
		return fail(auth, STATUS_INTERNAL_ERROR, "NTLM CHALLENGE too long");
	st->negotiate = (struct ntlm_field){ smb3_arena_copy(auth->arena, in, len), len };
	st->sent = (struct ntlm_field){ b.data, b.len };
	st->stage = NTLM_CHALLENGED;
	return STATUS_MORE_PROCESSING_REQUIRED;
}

/* ---- the second: who it is ---- */

static bool names_take(struct attempt *a)
{
	struct smb3_auth *auth = a->auth;
	const struct ntlm_authenticate *m = &a->msg;
	const char *domain = smb3_utf16_to_utf8(auth->arena, m->domain.data, m->domain.len);

	a->user = smb3_utf16_to_utf8(auth->arena, m->user.data, m->user.len);
	if (!a->user || !domain)
		return false;
	/* Who counts failures by account goes by it: no domain is so long that the user is lost. */
	snprintf(auth->who, sizeof(auth->who), "%.*s%s%s", WHO_DOMAIN, domain, *domain ? "\\" : "",
		 a->user);
	return true;
}

/* 3.2.5.1.2: no name and no response but, perhaps, one zero byte of LM. */
static bool is_anonymous(const struct ntlm_authenticate *m)
{
	return !m->user.len && !m->nt.len && (!m->lm.len || (m->lm.len == 1 && !m->lm.data[0]));
}

static ntstatus as_guest(struct attempt *a, bool anonymous)
{
	struct smb3_auth *auth = a->auth;

	if (smb3_account_guest(auth->server, a->user, anonymous, &auth->identity) == 0)
		return STATUS_SUCCESS;
	if (anonymous)
		return fail(auth, STATUS_ACCESS_DENIED, "anonymous log-on is not allowed");
	return fail(auth, STATUS_LOGON_FAILURE, "no such account");
}

static ntstatus with_identity(struct attempt *a)
{
	struct smb3_auth *auth = a->auth;
	const struct smb3_account *account = &a->account;
	const char *unix_name = account->unix_name[0] ? account->unix_name : account->name;
	int err = smb3_identity_new(auth->server, account->name, "", unix_name, &auth->identity);

	if (err == -ENOENT) {
		snprintf(auth->reason, sizeof(auth->reason),
			 "there is no Unix user %.40s; make one (useradd), or map the account to "
			 "another: user add NAME unix=USER",
			 unix_name);
		return STATUS_LOGON_FAILURE;
	}
	if (err < 0)
		return fail(auth, STATUS_INTERNAL_ERROR, "the Unix user cannot be looked up");
	auth->identity->admin = account->admin;
	if (smb3_identity_join(auth->identity) == 0)
		return STATUS_SUCCESS;
	smb3_identity_unref(auth->identity);
	auth->identity = NULL;
	return fail(auth, STATUS_INTERNAL_ERROR, "the account's groups cannot be looked up");
}

/* ---- what it proves ---- */

/* The same work whether the account is known or not. */
static bool proof_make(struct attempt *a)
{
	const struct ntlm_state *st = a->auth->state;
	const struct ntlm_field base[3] = { { a->proof, sizeof(a->proof) } };

	return ntlm_response_key(a->crypto, a->account.nt_hash, a->msg.user, a->msg.domain,
				 a->response_key) &&
	       ntlm_proof(a->crypto, a->response_key, st->challenge, a->response.rest, a->proof) &&
	       ntlm_hmac(a->crypto, a->response_key, base, a->base_key);
}

/* 3.2.5.1.2: the client may have chosen another key and sent it under the common one. */
static ntstatus key_take(struct attempt *a)
{
	const struct ntlm_state *st = a->auth->state;
	bool exchange = st->flags & NTLMSSP_NEGOTIATE_KEY_EXCH;

	/* With nothing to sign or seal, clients that follow 3.1.5.1.2 send none. */
	if (exchange && !a->msg.key.len &&
	    !(st->flags & (NTLMSSP_NEGOTIATE_SIGN | NTLMSSP_NEGOTIATE_SEAL)))
		exchange = false;
	if (!exchange) {
		memcpy(a->key, a->base_key, sizeof(a->key));
		return STATUS_SUCCESS;
	}
	if (a->msg.key.len != NTLM_KEY_SIZE)
		return fail(a->auth, STATUS_INVALID_PARAMETER, "the session key has a wrong size");
	if (!ntlm_rc4(a->crypto, a->base_key, sizeof(a->base_key), a->msg.key.data, NTLM_KEY_SIZE,
		      a->key))
		return fail(a->auth, STATUS_INTERNAL_ERROR, "OpenSSL failed (RC4)");
	return STATUS_SUCCESS;
}

/* The MIC covers all three messages, itself being zero. Its announcement is covered by the proof,
 * so that nobody on the way can take both away. */
static ntstatus mic_verify(struct attempt *a)
{
	const struct ntlm_state *st = a->auth->state;
	uint8_t *copy, mic[NTLM_MIC_SIZE];
	struct ntlm_field parts[3] = { st->negotiate, st->sent };

	if (!a->response.mic)
		return STATUS_SUCCESS;
	if (!a->msg.has_mic)
		return fail(a->auth, STATUS_INVALID_PARAMETER, "the MIC is missing");
	copy = smb3_arena_copy(a->auth->arena, a->raw.data, a->raw.len);
	memset(copy + NTLM_MIC_AT, 0, NTLM_MIC_SIZE);
	parts[2] = (struct ntlm_field){ copy, a->raw.len };
	if (!ntlm_hmac(a->crypto, a->key, parts, mic))
		return fail(a->auth, STATUS_INTERNAL_ERROR, "OpenSSL failed (HMAC)");
	if (smb3_same(mic, a->raw.data + NTLM_MIC_AT, sizeof(mic)))
		return STATUS_SUCCESS;
	return fail(a->auth, STATUS_LOGON_FAILURE,
		    "the MIC is wrong: the messages were changed on their way");
}

static ntstatus account_check(struct attempt *a)
{
	const char *reason = NULL;
	ntstatus status = smb3_account_status(&a->account, &reason);

	return status ? fail(a->auth, status, reason) : STATUS_SUCCESS;
}

static ntstatus succeed(struct attempt *a)
{
	struct smb3_auth *auth = a->auth;
	struct ntlm_state *st = auth->state;
	ntstatus status = with_identity(a);

	if (status != STATUS_SUCCESS)
		return status;
	memcpy(st->key, a->key, sizeof(st->key));
	st->have_key = true;
	memcpy(auth->key, a->key, sizeof(a->key));
	auth->key_len = sizeof(a->key);
	auth->expires = a->account.expires; /* the session ends with it */
	return STATUS_SUCCESS;
}

static ntstatus password_check(struct attempt *a)
{
	int err = smb3_account_find(a->auth->server, a->user, &a->account);
	ntstatus status;

	a->known = err == 0;
	if (err < 0 && err != -ENOENT)
		return fail(a->auth, STATUS_INTERNAL_ERROR, "the account store fails; see the log");
	if (!proof_make(a))
		return fail(a->auth, STATUS_INTERNAL_ERROR, "OpenSSL failed (HMAC)");
	if (!smb3_same(a->proof, a->response.proof, sizeof(a->proof)) || !a->known ||
	    !a->account.has_password)
		return a->known ? fail(a->auth, STATUS_LOGON_FAILURE,
				       a->account.has_password ? "wrong password" :
								 "the account has no password") :
				  as_guest(a, false);
	status = key_take(a);
	if (status == STATUS_SUCCESS)
		status = mic_verify(a);
	if (status == STATUS_SUCCESS)
		status = account_check(a);
	return status == STATUS_SUCCESS ? succeed(a) : status;
}

static ntstatus response_check(struct attempt *a)
{
	if (!names_take(a))
		return fail(a->auth, STATUS_INVALID_PARAMETER, "a name is not valid UTF-16");
	if (is_anonymous(&a->msg))
		return as_guest(a, true);
	if (!a->msg.nt.len)
		return fail(a->auth, STATUS_LOGON_FAILURE,
			    "the client sent an LM response, which is refused: use NTLMv2");
	if (a->msg.nt.len == 24)
		return fail(a->auth, STATUS_LOGON_FAILURE,
			    "the client sent an NTLMv1 response, which is refused: use NTLMv2");
	if (!ntlm_response_parse(a->msg.nt, &a->response))
		return fail(a->auth, STATUS_INVALID_PARAMETER, "malformed NTLMv2 response");
	return password_check(a);
}

static ntstatus step_authenticate(struct smb3_auth *auth, const uint8_t *in, size_t len)
{
	struct ntlm_state *st = auth->state;
	struct attempt a = { .auth = auth, .crypto = crypto_of(auth), .raw = { in, len } };
	ntstatus status;

	st->stage = NTLM_ENDED;
	if (!ntlm_authenticate_parse(in, len, &a.msg))
		return fail(auth, STATUS_INVALID_PARAMETER, "malformed NTLM AUTHENTICATE");
	st->flags &= a.msg.flags;
	status = response_check(&a);
	if (status == STATUS_SUCCESS)
		auth->identity->mech = ntlm_mech.name;
	smb3_wipe(&a, sizeof(a));
	return status;
}

static bool ntlm_available(struct smb3_server *server)
{
	const struct ntlm_conf *conf = atomic_load(&smb3_module_of(server, &ntlm_mech)->conf);

	return conf->enabled;
}

static ntstatus ntlm_step(struct smb3_auth *auth, const uint8_t *in, size_t len,
			  struct smb3_builder *out)
{
	const struct ntlm_state *st = auth->state;

	if (!ntlm_available(auth->server))
		return fail(
			auth, STATUS_NTLM_BLOCKED,
			"NTLM is not allowed here (ntlm.enabled): the client has to use Kerberos");
	switch (st->stage) {
	case NTLM_BEGIN:
		return step_negotiate(auth, in, len, out);
	case NTLM_CHALLENGED:
		return step_authenticate(auth, in, len);
	default:
		return fail(auth, STATUS_INVALID_PARAMETER, "a message after the end of NTLM");
	}
}

static void ntlm_done(struct smb3_auth *auth)
{
	struct ntlm_state *st = auth->state;

	ntlm_seal_end(&st->seal[FROM_CLIENT]);
	ntlm_seal_end(&st->seal[FROM_SERVER]);
	smb3_wipe(auth->state, sizeof(struct ntlm_state));
}

/* ---- SPNEGO's MIC over its list of mechanisms ---- */

static int signature_make(const struct smb3_auth *auth, bool from_server, const void *data,
			  size_t len, uint8_t ret_signature[NTLM_MIC_SIZE])
{
	const struct ntlm_state *st = auth->state;

	if (!st->have_key || !(st->flags & NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY))
		return -ENOKEY;
	return ntlm_signature(crypto_of(auth), st->key, st->flags, from_server,
			      (struct ntlm_field){ data, len }, ret_signature) ?
		       0 :
		       -EIO;
}

static int ntlm_mic_make(struct smb3_auth *auth, const void *data, size_t len,
			 struct smb3_builder *ret_mic)
{
	uint8_t mic[NTLM_MIC_SIZE];
	int err = signature_make(auth, true, data, len, mic);

	if (err)
		return err;
	smb3_put_bytes(ret_mic, mic, sizeof(mic));
	((struct ntlm_state *)auth->state)->mics[FROM_SERVER] = 1;
	return 0;
}

static int ntlm_mic_check(struct smb3_auth *auth, const void *data, size_t len, const void *mic,
			  size_t mic_len)
{
	uint8_t own[NTLM_MIC_SIZE];
	int err = signature_make(auth, false, data, len, own);

	if (err)
		return err;
	if (mic_len != sizeof(own) || !smb3_same(mic, own, sizeof(own)))
		return -EBADMSG;
	((struct ntlm_state *)auth->state)->mics[FROM_CLIENT] = 1;
	return 0;
}

/* ---- messages after the log-on ---- */

static size_t ntlm_wrap_size(const struct smb3_auth *auth, bool seal)
{
	const struct ntlm_state *st = auth->state;
	uint32_t need = NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY |
			(seal ? NTLMSSP_NEGOTIATE_SEAL : NTLMSSP_NEGOTIATE_SIGN);

	return st->have_key && (st->flags & need) == need ? NTLM_MIC_SIZE : 0;
}

/* The numbers go on after SPNEGO's MICs, the streams begin anew. [MS-SPNG] 3.3.5.1 */
static struct ntlm_seal *seal_of(struct smb3_auth *auth, enum direction from)
{
	struct ntlm_state *st = auth->state;
	struct ntlm_seal *s = &st->seal[from];

	if (s->stream)
		return s;
	s->flags = st->flags;
	s->number = st->mics[from];
	return ntlm_seal_begin(s, crypto_of(auth), st->key, from == FROM_SERVER) ? s : NULL;
}

static int ntlm_wrap(struct smb3_auth *auth, const struct smb3_auth_message *m, uint8_t *ret_sign)
{
	struct ntlm_seal *s = seal_of(auth, FROM_SERVER);

	return s && ntlm_seal_wrap(s, crypto_of(auth), m, ret_sign) ? 0 : -EIO;
}

static int ntlm_unwrap(struct smb3_auth *auth, const struct smb3_auth_message *m,
		       const uint8_t *sign, size_t sign_len)
{
	struct ntlm_seal *s = seal_of(auth, FROM_CLIENT);

	if (sign_len != NTLM_MIC_SIZE)
		return -EBADMSG;
	return s ? ntlm_seal_unwrap(s, crypto_of(auth), m, sign) : -EIO;
}

/* ---- shares that deny it ---- */

static bool share_denies(struct smb3_mod *mod, const struct smb3_share *share,
			 const struct smb3_identity *who)
{
	const struct ntlm_conf *conf = smb3_conf_of(mod, share);

	return !conf->enabled && who->mech && !strcmp(who->mech, ntlm_mech.name);
}

static enum smb3_verdict deny(struct smb3_event *event, const char *share)
{
	snprintf(event->reason, sizeof(event->reason),
		 "share %.80s takes no log-on by NTLM (ntlm.enabled): use Kerberos", share);
	event->status = STATUS_ACCESS_DENIED;
	return SMB3_DENY;
}

static enum smb3_verdict ntlm_tree_connect(struct smb3_mod *mod, struct smb3_event *event)
{
	if (event->share->pipe || !share_denies(mod, event->share, event->who))
		return SMB3_PASS;
	return deny(event, event->share->name);
}

struct search {
	struct smb3_mod *mod;
	const struct smb3_identity *who;
	const char *found;
};

static bool tree_denies(struct smb3_hash_node *node, void *arg)
{
	const struct smb3_tree *t = SMB3_CONTAINER(node, struct smb3_tree, node);
	struct search *search = arg;

	if (!t->share->pipe && share_denies(search->mod, t->share, search->who))
		search->found = t->share->name;
	return !search->found;
}

/* A session that is connected to such a share does not become one by NTLM. */
static enum smb3_verdict ntlm_authenticated(struct smb3_mod *mod, struct smb3_event *event)
{
	struct search search = { .mod = mod, .who = event->who };

	if (event->status != STATUS_SUCCESS || !event->session)
		return SMB3_PASS;
	smb3_hash_each(&event->session->trees, tree_denies, &search);
	return search.found ? deny(event, search.found) : SMB3_PASS;
}

static const struct smb3_hook tree_connect_hook = {
	.point = SMB3_HOOK_TREE_CONNECT,
	.order = ORDER_GUARD,
	.name = "ntlm",
	.run = ntlm_tree_connect,
};

static const struct smb3_hook authenticated_hook = {
	.point = SMB3_HOOK_AUTHENTICATED,
	.order = ORDER_GUARD,
	.name = "ntlm",
	.run = ntlm_authenticated,
};

/* ---- the module ---- */

static int ntlm_init(struct smb3_mod *mod)
{
	const char *why;

	mod->data = ntlm_crypto_new(&why);
	if (mod->data)
		return 0;
	smb3_log(SMB3_LOG_ERROR, "ntlm: %s", why);
	return -ENOTSUP;
}

static void ntlm_fini(struct smb3_mod *mod)
{
	ntlm_crypto_free(mod->data);
	mod->data = NULL;
}

/* 1.3.6.1.4.1.311.2.2.10 */
static const uint8_t ntlm_oid[] = { 0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x0a };

static const struct smb3_auth_mech ntlm_mech = {
	.name = "ntlm",
	.oid = ntlm_oid,
	.oid_len = sizeof(ntlm_oid),
	.order = 500, /* after Kerberos */
	.state_size = sizeof(struct ntlm_state),
	.match = ntlm_match,
	.step = ntlm_step,
	.done = ntlm_done,
	.mic_make = ntlm_mic_make,
	.mic_check = ntlm_mic_check,
	.available = ntlm_available,
	.wrap_size = ntlm_wrap_size,
	.wrap = ntlm_wrap,
	.unwrap = ntlm_unwrap,
};

static const struct smb3_provide ntlm_provides[] = {
	SMB3_AUTH(&ntlm_mech),
	SMB3_HOOK(&tree_connect_hook),
	SMB3_HOOK(&authenticated_hook),
	SMB3_END,
};

static const struct smb3_option ntlm_options[] = {
	{ .name = "enabled",
	  .type = SMB3_OPT_BOOL,
	  .scope = SMB3_SHARE,
	  .offset = offsetof(struct ntlm_conf, enabled),
	  .value = "true",
	  .help = "Whether users may log on by NTLM. At the top: at all; in a share: whether who did may "
		  "connect to it." },
	SMB3_OPTION_END,
};

SMB3_MODULE(ntlm, .summary = "log-on with name and password: NTLMv2", .options = ntlm_options,
	    .conf_size = sizeof(struct ntlm_conf), .provides = ntlm_provides, .init = ntlm_init,
	    .fini = ntlm_fini);
