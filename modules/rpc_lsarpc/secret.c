// SPDX-License-Identifier: Apache-2.0
/*
 * secret.c: secrets that administrators keep on the server. Values pass through here as they came,
 * sealed with a key that is the server's and the client's. [MS-LSAD] 3.1.4.6
 */
#include "lsarpc.h"

#include <stdlib.h>

#define NAME_CHARS 128u
#define SEALED_MAX 131088u

/* ---- names ---- */

static ntstatus name_status(const char *name)
{
	uint32_t chars = 0;

	if (!name || !*name)
		return STATUS_INVALID_PARAMETER;
	while (*name) {
		smb3_utf8_next(&name);
		chars++;
	}
	return chars > NAME_CHARS ? STATUS_NAME_TOO_LONG : STATUS_SUCCESS;
}

/* ---- values on the wire ---- */

static struct lsa_sealed get_sealed(struct smb3_ndr_in *in)
{
	uint32_t len = smb3_ndr_u32(in), room = smb3_ndr_u32(in);
	struct lsa_sealed s = { .data = (const uint8_t *)"" };

	if (!smb3_ndr_ptr(in)) {
		if (len)
			smb3_ndr_bad(in);
		return s;
	}
	if (smb3_ndr_conformance(in, SEALED_MAX) != room || smb3_ndr_variance(in, room) != len)
		smb3_ndr_bad(in);
	s.len = len;
	s.data = smb3_ndr_ok(in) ? smb3_ndr_bytes(in, len) : NULL;
	return s;
}

static struct lsa_sealed get_sealed_ptr(struct smb3_ndr_in *in)
{
	return smb3_ndr_ptr(in) ? get_sealed(in) : (struct lsa_sealed){ .data = NULL };
}

/* A pointer, and what it leads to. */
static void put_sealed(struct smb3_ndr_out *out, const struct lsa_sealed *s)
{
	smb3_ndr_put_ptr(out, s->data);
	if (!s->data)
		return;
	smb3_ndr_put_u32(out, s->len);
	smb3_ndr_put_u32(out, s->len);
	smb3_ndr_put_ptr(out, true);
	smb3_ndr_put_u32(out, s->len);
	smb3_ndr_put_u32(out, 0);
	smb3_ndr_put_u32(out, s->len);
	smb3_ndr_put_bytes(out, s->data, s->len);
}

/* ---- handles ---- */

static ntstatus secret_new(struct smb3_rpc_call *call, const char *name, uint32_t access,
			   struct smb3_rpc_handle *ret_handle)
{
	size_t size = strlen(name) + 1;
	struct lsa_secret *secret = smb3_alloc(sizeof(*secret) + size);

	secret->access = access;
	memcpy(secret->name, name, size);
	if (smb3_rpc_handle_new(call, &lsa_secret_type, secret, ret_handle))
		return STATUS_SUCCESS;
	free(secret);
	return STATUS_INSUFFICIENT_RESOURCES;
}

/* what: SMB3_ASK_MAKE_SECRET or SMB3_ASK_FIND_SECRET; right: that the policy's handle must have */
static uint32_t secret_open(struct smb3_rpc_call *call, uint32_t what, uint32_t right)
{
	struct smb3_rpc_handle handle = { { 0 } };
	struct lsa_policy *policy = lsa_get_policy(call);
	const char *name = lsa_get_string(call->in);
	uint32_t wanted = smb3_ndr_u32(call->in), access;
	ntstatus status;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!policy)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	status = name_status(name);
	if ((policy->access & right) != right || !call->caller->admin ||
	    !lsa_access(call->caller, wanted, &lsa_secret_rights, &access))
		status = STATUS_ACCESS_DENIED;
	if (!status)
		status = lsa_ask_secret(call, what, name);
	if (!status)
		status = secret_new(call, name, access, &handle);
	smb3_ndr_put_handle(call->out, &handle);
	return lsa_end(call, status);
}

/* 3.1.4.6.1 */
uint32_t lsa_create_secret(struct smb3_rpc_call *call)
{
	return secret_open(call, SMB3_ASK_MAKE_SECRET, POLICY_CREATE_SECRET);
}

/* 3.1.4.6.2 */
uint32_t lsa_open_secret(struct smb3_rpc_call *call)
{
	return secret_open(call, SMB3_ASK_FIND_SECRET, 0);
}

static struct lsa_secret *get_secret(struct smb3_rpc_call *call)
{
	struct smb3_rpc_handle h = smb3_ndr_handle(call->in);

	return smb3_rpc_handle_find(call, &lsa_secret_type, &h);
}

static ntstatus of_handle(ntstatus status)
{
	return status == STATUS_OBJECT_NAME_NOT_FOUND ? STATUS_INVALID_HANDLE : status;
}

/* 3.1.4.6.3 */
uint32_t lsa_set_secret(struct smb3_rpc_call *call)
{
	struct lsa_secret *secret = get_secret(call);
	struct lsa_sealed now = get_sealed_ptr(call->in), old = get_sealed_ptr(call->in);
	ntstatus status = STATUS_ACCESS_DENIED;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!secret)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	if (secret->access & SECRET_SET)
		status = of_handle(lsa_ask_secret_set(call, secret->name, &now, &old));
	return lsa_end(call, status);
}

/* What of a secret is wanted: the value and its time. */
struct wanted {
	bool value, time;
};

static struct wanted get_wanted(struct smb3_ndr_in *in)
{
	struct wanted w = { .value = smb3_ndr_ptr(in) };

	if (w.value)
		(void)get_sealed_ptr(in);
	w.time = smb3_ndr_ptr(in);
	if (w.time)
		(void)smb3_ndr_u64(in);
	return w;
}

static void put_wanted(struct smb3_ndr_out *out, const struct wanted *w, const struct lsa_sealed *s)
{
	smb3_ndr_put_ptr(out, w->value);
	if (w->value)
		put_sealed(out, s);
	smb3_ndr_put_ptr(out, w->time);
	if (w->time)
		smb3_ndr_put_u64(out, s->time);
}

/* 3.1.4.6.4 */
uint32_t lsa_query_secret(struct smb3_rpc_call *call)
{
	struct lsa_secret *secret = get_secret(call);
	struct wanted now = get_wanted(call->in), old = get_wanted(call->in);
	struct lsa_sealed values[2] = { { .data = NULL } };
	ntstatus status = STATUS_ACCESS_DENIED;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!secret)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	if (secret->access & SECRET_QUERY)
		status = of_handle(lsa_ask_secret_get(call, secret->name, values));
	put_wanted(call->out, &now, &values[0]);
	put_wanted(call->out, &old, &values[1]);
	return lsa_end(call, status);
}

/* ---- without a handle ---- */

static ntstatus store(struct smb3_rpc_call *call, const char *name, const struct lsa_sealed *value)
{
	const struct lsa_sealed none = { .data = NULL };
	ntstatus status;

	if (!value->data)
		return lsa_ask_secret(call, SMB3_ASK_DELETE_SECRET, name);
	status = lsa_ask_secret(call, SMB3_ASK_MAKE_SECRET, name);
	if (status && status != STATUS_OBJECT_NAME_COLLISION)
		return status;
	return lsa_ask_secret_set(call, name, value, &none);
}

/* 3.1.4.6.5: no value is the end of the secret. */
uint32_t lsa_store_private(struct smb3_rpc_call *call)
{
	struct lsa_policy *policy = lsa_get_policy(call);
	const char *name = lsa_get_string(call->in);
	struct lsa_sealed value;
	ntstatus status;

	value = get_sealed_ptr(call->in);
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!policy)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	status = name_status(name);
	if (!(policy->access & POLICY_CREATE_SECRET) || !call->caller->admin)
		status = STATUS_ACCESS_DENIED;
	return lsa_end(call, status ? status : store(call, name, &value));
}

/* 3.1.4.6.6 */
uint32_t lsa_retrieve_private(struct smb3_rpc_call *call)
{
	struct lsa_policy *policy = lsa_get_policy(call);
	const char *name = lsa_get_string(call->in);
	struct lsa_sealed values[2] = { { .data = NULL } };
	ntstatus status;

	(void)get_sealed_ptr(call->in);
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!policy)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	status = name_status(name);
	if (!(policy->access & POLICY_GET_PRIVATE) || !call->caller->admin)
		status = STATUS_ACCESS_DENIED;
	if (!status)
		status = lsa_ask_secret_get(call, name, values);
	put_sealed(call->out, &values[0]);
	return lsa_end(call, status);
}
