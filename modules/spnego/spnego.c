// SPDX-License-Identifier: Apache-2.0
/*
 * spnego.c: client and server agree on a mechanism, and carry its messages. RFC 4178, [MS-SPNG]
 * The client's order decides. A mechanism that was not the client's first choice is taken only
 * with a mechListMIC: somebody on the way may have struck out a better one.
 */
#include "spnego.h"

#include <errno.h>
#include <smb3/smb3.h>
#include <stdio.h>

#define ROUNDS_MAX 16
#define TOKEN_MAX  60000 /* of a mechanism; what SESSION_SETUP carries is at most 65,535 */

struct spnego_state {
	enum { SPNEGO_BEGIN, SPNEGO_EXCHANGE, SPNEGO_MIC_WANTED, SPNEGO_ENDED } stage;
	struct smb3_auth *inner;
	struct der_value list; /* the client's mechanisms, for the MIC */
	bool mic_required, mech_told;
	unsigned int rounds;
};

static ntstatus fail(struct smb3_auth *auth, ntstatus status, const char *reason)
{
	snprintf(auth->reason, sizeof(auth->reason), "%s", reason);
	return status;
}

/* ---- which mechanisms there are ---- */

static size_t mechs_collect(struct smb3_server *server,
			    const struct smb3_auth_mech *ret_mechs[SPNEGO_MECHS_MAX])
{
	size_t count, n = 0;
	const struct smb3_provide *const *rows = smb3_rows(server, SMB3_KIND_AUTH, &count);

	for (size_t i = 0; i < count && n < SPNEGO_MECHS_MAX; i++) {
		const struct smb3_auth_mech *mech = rows[i]->row;
		size_t at = n;

		if (!mech->oid || (mech->available && !mech->available(server)))
			continue;
		for (; at && ret_mechs[at - 1]->order > mech->order; at--)
			ret_mechs[at] = ret_mechs[at - 1];
		ret_mechs[at] = mech;
		n++;
	}
	return n;
}

static bool spnego_offer(struct smb3_server *server, struct smb3_builder *out)
{
	const struct smb3_auth_mech *mechs[SPNEGO_MECHS_MAX];
	struct der_value oids[SPNEGO_MECHS_MAX];
	size_t n = mechs_collect(server, mechs);

	for (size_t i = 0; i < n; i++)
		oids[i] = (struct der_value){ mechs[i]->oid, mechs[i]->oid_len };
	if (n)
		spnego_offer_build(oids, n, out);
	return n > 0;
}

static const struct smb3_auth_mech *mech_of(struct smb3_server *server, struct der_value oid)
{
	const struct smb3_auth_mech *mechs[SPNEGO_MECHS_MAX];
	size_t n = mechs_collect(server, mechs);

	for (size_t i = 0; i < n; i++)
		if (mechs[i]->oid_len == oid.len && !memcmp(mechs[i]->oid, oid.data, oid.len))
			return mechs[i];
	return NULL;
}

/* ---- replies ---- */

static ntstatus reply(struct smb3_auth *auth, struct spnego_resp *resp, struct smb3_builder *out)
{
	struct spnego_state *st = auth->state;
	const struct smb3_auth_mech *mech = st->inner->mech;

	if (!st->mech_told)
		resp->mech = (struct der_value){ mech->oid, mech->oid_len };
	st->mech_told = true;
	spnego_resp_build(resp, out);
	if (!smb3_builder_ok(out))
		return fail(auth, STATUS_INTERNAL_ERROR, "SPNEGO reply too long");
	return resp->result == SPNEGO_ACCEPT_COMPLETED ? STATUS_SUCCESS :
							 STATUS_MORE_PROCESSING_REQUIRED;
}

/* The outer log-on ends as the inner one did. */
static void results_take(struct smb3_auth *auth)
{
	struct spnego_state *st = auth->state;
	struct smb3_auth *inner = st->inner;

	auth->identity = inner->identity;
	inner->identity = NULL;
	memcpy(auth->key, inner->key, sizeof(auth->key));
	auth->key_len = inner->key_len;
	auth->expires = inner->expires;
	st->stage = SPNEGO_ENDED;
}

/* ---- the MIC ---- */

/* 0; -ENOKEY: there is none to be had (guests, anonymous users); another errno: a bad one. */
static int mic_check(struct smb3_auth *auth, struct der_value mic)
{
	struct spnego_state *st = auth->state;
	const struct smb3_auth_mech *mech = st->inner->mech;

	if (!mech->mic_check)
		return -ENOKEY;
	return mech->mic_check(st->inner, st->list.data, st->list.len, mic.data, mic.len);
}

static bool mic_make(struct smb3_auth *auth, struct spnego_resp *resp)
{
	struct spnego_state *st = auth->state;
	const struct smb3_auth_mech *mech = st->inner->mech;
	struct smb3_builder b = smb3_builder_arena(auth->arena, TOKEN_MAX);

	if (!mech->mic_make || mech->mic_make(st->inner, st->list.data, st->list.len, &b) < 0 ||
	    !smb3_builder_ok(&b))
		return false;
	resp->mic = (struct der_value){ b.data, b.len };
	return true;
}

static ntstatus mic_bad(struct smb3_auth *auth)
{
	return fail(auth, STATUS_LOGON_FAILURE,
		    "the mechListMIC is wrong: the list of mechanisms was changed on its way");
}

/* The mechanism is content. A MIC that the client sent is checked and answered; one that it owes
 * is asked for. RFC 4178 5 */
static ntstatus inner_succeeded(struct smb3_auth *auth, struct der_value mic,
				struct spnego_resp *resp, struct smb3_builder *out)
{
	struct spnego_state *st = auth->state;
	const struct smb3_auth_mech *mech = st->inner->mech;
	int err = mic.data ? mic_check(auth, mic) : -ENOKEY;

	if (err && err != -ENOKEY)
		return mic_bad(auth);
	if (err == 0) {
		if (!mic_make(auth, resp))
			return fail(auth, STATUS_INTERNAL_ERROR, "no mechListMIC can be made");
	} else if ((st->mic_required || (mech->wants_mic && mech->wants_mic(st->inner))) &&
		   mic_make(auth, resp)) {
		st->stage = SPNEGO_MIC_WANTED;
		resp->result = SPNEGO_ACCEPT_INCOMPLETE;
		return reply(auth, resp, out);
	}
	resp->result = SPNEGO_ACCEPT_COMPLETED;
	results_take(auth);
	return reply(auth, resp, out);
}

/* ---- steps ---- */

static ntstatus inner_step(struct smb3_auth *auth, struct der_value token, struct der_value mic,
			   struct smb3_builder *out)
{
	struct spnego_state *st = auth->state;
	struct smb3_auth *inner = st->inner;
	struct smb3_builder b = smb3_builder_arena(auth->arena, TOKEN_MAX);
	struct spnego_resp resp = { .result = SPNEGO_ACCEPT_INCOMPLETE };
	ntstatus status = inner->mech->step(inner, token.data, token.len, &b);

	memcpy(auth->who, inner->who, sizeof(auth->who));
	memcpy(auth->reason, inner->reason, sizeof(auth->reason));
	if (!smb3_builder_ok(&b))
		return fail(auth, STATUS_INTERNAL_ERROR, "the mechanism's token is too long");
	if (b.len)
		resp.token = (struct der_value){ b.data, b.len };
	if (status == STATUS_SUCCESS)
		return inner_succeeded(auth, mic, &resp, out);
	if (status != STATUS_MORE_PROCESSING_REQUIRED)
		return status;
	st->stage = SPNEGO_EXCHANGE;
	return reply(auth, &resp, out);
}

/* The client's first choice among what we have. */
static const struct smb3_auth_mech *mech_choose(struct smb3_auth *auth,
						const struct spnego_init *init, bool *ret_first)
{
	for (size_t i = 0; i < init->n_mechs; i++) {
		const struct smb3_auth_mech *mech = mech_of(auth->server, init->mechs[i]);

		if (!mech)
			continue;
		*ret_first = i == 0;
		return mech;
	}
	return NULL;
}

static ntstatus step_init(struct smb3_auth *auth, const uint8_t *in, size_t len,
			  struct smb3_builder *out)
{
	struct spnego_state *st = auth->state;
	struct spnego_resp resp = { .result = SPNEGO_REQUEST_MIC };
	const struct smb3_auth_mech *mech;
	struct spnego_init init;
	bool first;

	if (!spnego_init_parse(in, len, &init))
		return fail(auth, STATUS_INVALID_PARAMETER, "malformed SPNEGO NegTokenInit");
	mech = mech_choose(auth, &init, &first);
	if (!mech)
		return fail(
			auth, STATUS_LOGON_FAILURE,
			"the client offers no mechanism that is loaded, allowed and ready here");
	st->list.data = smb3_arena_copy(auth->arena, init.list.data, init.list.len);
	st->list.len = init.list.len;
	st->inner = smb3_auth_new_mech(auth, mech);
	auth->inner = mech;
	st->mic_required = !first;
	st->stage = SPNEGO_EXCHANGE;
	/* The token is one of the client's first choice. */
	if (first && init.token.data)
		return inner_step(auth, init.token, (struct der_value){ NULL, 0 }, out);
	if (first)
		resp.result = SPNEGO_ACCEPT_INCOMPLETE;
	return reply(auth, &resp, out);
}

static ntstatus step_resp(struct smb3_auth *auth, const uint8_t *in, size_t len,
			  struct smb3_builder *out)
{
	struct spnego_state *st = auth->state;
	struct spnego_resp got, resp = { .result = SPNEGO_ACCEPT_COMPLETED };

	if (!spnego_resp_parse(in, len, &got))
		return fail(auth, STATUS_INVALID_PARAMETER, "malformed SPNEGO NegTokenResp");
	if (got.result == SPNEGO_REJECT)
		return fail(auth, STATUS_LOGON_FAILURE, "the client gave up");
	if (st->stage == SPNEGO_EXCHANGE) {
		if (!got.token.data)
			return fail(auth, STATUS_INVALID_PARAMETER,
				    "the SPNEGO token has no message of the mechanism");
		return inner_step(auth, got.token, got.mic, out);
	}
	if (!got.mic.data || mic_check(auth, got.mic) != 0)
		return mic_bad(auth);
	results_take(auth);
	return reply(auth, &resp, out);
}

static ntstatus spnego_step(struct smb3_auth *auth, const uint8_t *in, size_t len,
			    struct smb3_builder *out)
{
	struct spnego_state *st = auth->state;

	if (++st->rounds > ROUNDS_MAX || st->stage == SPNEGO_ENDED)
		return fail(auth, STATUS_INVALID_PARAMETER, "SPNEGO goes on for too long");
	return st->stage == SPNEGO_BEGIN ? step_init(auth, in, len, out) :
					   step_resp(auth, in, len, out);
}

static void spnego_done(struct smb3_auth *auth)
{
	struct spnego_state *st = auth->state;

	smb3_auth_free(st->inner);
	st->inner = NULL;
}

/* ---- messages after the log-on: the mechanism's ---- */

static size_t spnego_wrap_size(const struct smb3_auth *auth, bool seal)
{
	const struct spnego_state *st = auth->state;
	const struct smb3_auth_mech *mech = st->inner ? st->inner->mech : NULL;

	return mech && mech->wrap_size ? mech->wrap_size(st->inner, seal) : 0;
}

static int spnego_wrap(struct smb3_auth *auth, const struct smb3_auth_message *m, uint8_t *ret_sign)
{
	const struct spnego_state *st = auth->state;

	return st->inner->mech->wrap(st->inner, m, ret_sign);
}

static int spnego_unwrap(struct smb3_auth *auth, const struct smb3_auth_message *m,
			 const uint8_t *sign, size_t sign_len)
{
	const struct spnego_state *st = auth->state;

	return st->inner->mech->unwrap(st->inner, m, sign, sign_len);
}

static const struct smb3_auth_mech spnego_mech = {
	.name = "spnego",
	.state_size = sizeof(struct spnego_state),
	.match = spnego_begins,
	.offer = spnego_offer,
	.step = spnego_step,
	.done = spnego_done,
	.wrap_size = spnego_wrap_size,
	.wrap = spnego_wrap,
	.unwrap = spnego_unwrap,
};

static const struct smb3_provide spnego_provides[] = {
	SMB3_AUTH(&spnego_mech),
	SMB3_END,
};

SMB3_MODULE(spnego, .summary = "agrees with the client on a mechanism for the log-on",
	    .provides = spnego_provides);
