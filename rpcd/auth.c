// SPDX-License-Identifier: Apache-2.0
/*
 * auth.c: security contexts of associations, up to AUTHS_MAX of them side by side: who has logged on, and
 * the verifiers of fragments. [MS-RPCE] 2.2.2.11, 3.3.1.5.2
 *
 * Mechanisms and keys are the server's: a token, and each fragment that is to be checked or protected,
 * is a question to it. What runs here has no secret that it could lose.
 */
#include "runtime.h"

#include <errno.h>
#include <stdlib.h>

#define PAD         16 /* what every cipher likes */
#define MESSAGE_MAX (2 * 65536)

/* ---- logging on ---- */

static struct rpcd_auth *auth_find(struct smb3_rpc_assoc *a, uint32_t id)
{
	for (size_t i = 0; i < a->n_auths; i++)
		if (a->auths[i].id == id)
			return &a->auths[i];
	return NULL;
}

static struct rpcd_auth *auth_get(struct smb3_rpc_assoc *a, const struct pdu *p)
{
	struct rpcd_auth *auth = auth_find(a, p->auth_id);

	if (auth || a->n_auths == AUTHS_MAX)
		return auth;
	auth = &a->auths[a->n_auths++];
	*auth = (struct rpcd_auth){ .type = p->auth_type,
				    .level = p->auth_level,
				    .id = p->auth_id };
	return auth;
}

static char *get_owned_text(struct smb3_cursor *c, struct smb3_arena *arena)
{
	const char *s = smb3_get_text(c, arena);

	return smb3_strdup(s ? s : "");
}

static void take_caller(struct smb3_rpc_assoc *a, struct rpcd_auth *auth, struct smb3_cursor *c)
{
	uint8_t flags = smb3_get_u8(c);

	auth->sign_len = smb3_get_u16(c);
	auth->caller = a->caller;
	auth->caller.user = get_owned_text(c, a->arena);
	auth->caller.domain = get_owned_text(c, a->arena);
	auth->caller.guest = flags & SMB3_RPC_CALLER_GUEST;
	auth->caller.anonymous = flags & SMB3_RPC_CALLER_ANONYMOUS;
	auth->caller.admin = flags & SMB3_RPC_CALLER_ADMIN;
	auth->state = AUTH_DONE;
	a->asks_as = auth;
}

static int logon(struct smb3_rpc_assoc *a, const struct pdu *p, struct rpcd_auth *auth,
		 struct smb3_cursor *ret_reply)
{
	struct smb3_builder ask = smb3_builder_arena(a->arena, MESSAGE_MAX);
	struct smb3_cursor answer;
	int err;

	smb3_put_u32(&ask, auth->id);
	smb3_put_u8(&ask, auth->type);
	smb3_put_u8(&ask, auth->level);
	smb3_put_bytes(&ask, p->auth_value, p->auth_len);
	err = a->host->ops->ask(a, a->arena, SMB3_ASK_LOGON, &ask, &answer);
	if (err)
		return err;
	if (smb3_get_u8(&answer))
		take_caller(a, auth, &answer);
	*ret_reply = answer;
	return smb3_cursor_ok(&answer) ? 0 : -EBADMSG;
}

int auth_step(struct smb3_rpc_assoc *a, const struct pdu *p, struct smb3_cursor *ret_reply)
{
	struct rpcd_auth *auth = auth_get(a, p);
	int err;

	if (!auth)
		return -EMFILE;
	if (auth->state != AUTH_BEGUN || auth->type != p->auth_type || auth->level != p->auth_level)
		return -EINVAL;
	err = logon(a, p, auth, ret_reply);
	if (err)
		auth->state = AUTH_FAILED;
	return err;
}

void auth_put_token(const struct pdu *p, struct smb3_builder *b, struct smb3_cursor *token)
{
	size_t len = smb3_cursor_left(token), before = b->len;

	if (!p->auth_len || !len)
		return;
	smb3_put_align(b, 4);
	pdu_put_trailer(b, p, (uint8_t)(b->len - before), len);
	smb3_put_bytes(b, token->pos, len);
}

void auth_forget(struct smb3_rpc_assoc *a)
{
	for (size_t i = 0; i < a->n_auths; i++) {
		free((char *)a->auths[i].caller.user);
		free((char *)a->auths[i].caller.domain);
	}
	a->n_auths = 0;
}

/* ---- fragments ---- */

static bool is_protected(const struct rpcd_auth *auth)
{
	return auth->level >= SMB3_RPC_LEVEL_CALL;
}

/* A PDU as questions have it. */
static struct smb3_builder ask_begin(const struct smb3_rpc_assoc *a, const struct rpcd_auth *auth)
{
	struct smb3_builder ask = smb3_builder_arena(a->arena, MESSAGE_MAX);
	bool seal = auth->level == SMB3_RPC_LEVEL_PRIVACY;

	smb3_put_u32(&ask, auth->id);
	smb3_put_u8(&ask,
		    (seal ? SMB3_RPC_PDU_SEAL : 0) | (a->header_sign ? SMB3_RPC_PDU_WHOLE : 0));
	return ask;
}

static void ask_put_pdu(struct smb3_builder *ask, const uint8_t *pdu, size_t stub, size_t stub_len)
{
	size_t len = stub + stub_len + PDU_TRAILER;

	smb3_put_u16(ask, (uint16_t)stub);
	smb3_put_u16(ask, (uint16_t)stub_len);
	smb3_put_u16(ask, (uint16_t)len);
	smb3_put_bytes(ask, pdu, len);
}

/* What was sealed is opened where it stands. */
static uint32_t fragment_check(struct smb3_rpc_assoc *a, struct pdu *p, struct rpcd_auth *auth)
{
	struct smb3_builder ask = ask_begin(a, auth);
	size_t len = smb3_cursor_left(&p->body);
	uint8_t *stub = p->data + (p->body.pos - p->data);
	const uint8_t *opened;
	struct smb3_cursor answer;

	ask_put_pdu(&ask, p->data, (size_t)(p->body.pos - p->data), len);
	smb3_put_bytes(&ask, p->auth_value, p->auth_len);
	if (a->host->ops->ask(a, a->arena, SMB3_ASK_UNWRAP, &ask, &answer)) {
		auth->state = AUTH_FAILED;
		return SMB3_RPC_FAULT_SEC_PKG;
	}
	a->asks_as = auth;
	if (auth->level != SMB3_RPC_LEVEL_PRIVACY)
		return SMB3_RPC_OK;
	opened = smb3_get_bytes(&answer, len);
	if (!opened)
		return SMB3_RPC_FAULT_SEC_PKG;
	memcpy(stub, opened, len);
	return SMB3_RPC_OK;
}

/* Who is meant when nothing of the request proves it: the server is told. NULL: the pipe's own user. */
static uint32_t connect_check(struct smb3_rpc_assoc *a, const struct rpcd_auth *auth)
{
	struct smb3_builder ask = smb3_builder_arena(a->arena, 4);
	struct smb3_cursor answer;

	if (a->asks_as == auth)
		return SMB3_RPC_OK;
	if (auth)
		smb3_put_u32(&ask, auth->id);
	if (a->host->ops->ask(a, a->arena, SMB3_ASK_CALLER, &ask, &answer))
		return SMB3_RPC_FAULT_ACCESS_DENIED;
	a->asks_as = auth;
	return SMB3_RPC_OK;
}

uint32_t auth_resume(struct smb3_rpc_assoc *a, const struct rpcd_auth *auth)
{
	return connect_check(a, auth);
}

/* The context of a request; NULL with SMB3_RPC_OK: it has none and needs none. */
static uint32_t auth_choose(struct smb3_rpc_assoc *a, const struct pdu *p,
			    struct rpcd_auth **ret_auth)
{
	struct rpcd_auth *auth = p->auth_len ? auth_find(a, p->auth_id) : a->auths;

	*ret_auth = NULL;
	if (!p->auth_len && !a->n_auths)
		return SMB3_RPC_OK;
	if (!auth)
		return SMB3_RPC_FAULT_SEC_PKG;
	if (auth->state != AUTH_DONE || (is_protected(auth) && !p->auth_len))
		return SMB3_RPC_FAULT_ACCESS_DENIED;
	if (p->auth_len && (p->auth_type != auth->type || p->auth_level != auth->level))
		return SMB3_RPC_FAULT_ACCESS_DENIED;
	*ret_auth = auth;
	return SMB3_RPC_OK;
}

uint32_t auth_check(struct smb3_rpc_assoc *a, struct pdu *p)
{
	struct rpcd_auth *auth;
	uint32_t fault = auth_choose(a, p, &auth);

	if (fault)
		return fault;
	if (p->flags & PFC_FIRST)
		a->request.auth = auth;
	else if (a->request.auth != auth)
		return SMB3_RPC_FAULT_ACCESS_DENIED;
	if (auth)
		fault = is_protected(auth) ? fragment_check(a, p, auth) : connect_check(a, auth);
	if (fault || !p->auth_len)
		return fault;
	if (p->auth_pad > smb3_cursor_left(&p->body))
		return SMB3_RPC_FAULT_PROTOCOL;
	p->body.end -= p->auth_pad;
	return SMB3_RPC_OK;
}

size_t auth_room(const struct smb3_rpc_assoc *a)
{
	const struct rpcd_auth *auth = a->request.auth;

	return auth && is_protected(auth) ? PDU_TRAILER + (size_t)auth->sign_len : 0;
}

bool auth_protect(struct smb3_rpc_assoc *a, struct smb3_builder *b, size_t stub)
{
	const struct rpcd_auth *auth = a->request.auth;
	struct smb3_builder ask;
	struct smb3_cursor answer;
	size_t len = b->len - stub;
	uint8_t pad = (uint8_t)(-len % PAD);
	const uint8_t *sealed;

	if (!auth_room(a))
		return true;
	smb3_put_zero(b, pad);
	len += pad;
	pdu_put_trailer(b,
			&(struct pdu){ .auth_type = auth->type,
				       .auth_level = auth->level,
				       .auth_id = auth->id },
			pad, auth->sign_len);
	ask = ask_begin(a, auth);
	if (!smb3_builder_ok(b))
		return false;
	ask_put_pdu(&ask, b->data, stub, len);
	if (a->host->ops->ask(a, a->arena, SMB3_ASK_WRAP, &ask, &answer))
		return false;
	sealed = auth->level == SMB3_RPC_LEVEL_PRIVACY ? smb3_get_bytes(&answer, len) : NULL;
	if (sealed)
		memcpy(b->data + stub, sealed, len);
	smb3_put_bytes(b, answer.pos, smb3_cursor_left(&answer));
	return smb3_cursor_ok(&answer) && b->len == stub + len + auth_room(a);
}
