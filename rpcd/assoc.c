// SPDX-License-Identifier: Apache-2.0
/*
 * assoc.c: associations: cuts what a client writes into PDUs and hands each to who knows its type.
 */
#include "runtime.h"

#include <smb3/module.h>
#include <stdlib.h>

#define AT_FRAG_LENGTH 8
#define AT_DREP        4
#define HEAD_ENOUGH    10 /* bytes that tell a PDU's length */

/* ---- the host ---- */

void rpcd_host_init(struct rpcd_host *host, const struct rpcd_host_ops *ops)
{
	*host = (struct rpcd_host){ .ops = ops };
	pthread_mutex_init(&host->lock, NULL);
	smb3_list_init(&host->groups);
}

void rpcd_host_add(struct rpcd_host *host, const struct smb3_module *module)
{
	for (const struct smb3_provide *p = module->provides; p && p->kind != SMB3_KIND_END; p++) {
		if (p->kind != SMB3_KIND_RPC)
			continue;
		host->interfaces = smb3_realloc(
			host->interfaces, (host->n_interfaces + 1) * sizeof(host->interfaces[0]));
		host->interfaces[host->n_interfaces++] = p->row;
	}
}

void rpcd_host_done(struct rpcd_host *host)
{
	free(host->interfaces);
	pthread_mutex_destroy(&host->lock);
}

/* ---- one association ---- */

struct smb3_rpc_assoc *rpcd_assoc_new(struct rpcd_host *host, const char *pipe,
				      const struct smb3_rpc_caller *caller)
{
	struct smb3_rpc_assoc *a = smb3_alloc(sizeof(*a));

	a->host = host;
	a->pipe = smb3_strdup(pipe);
	a->caller = *caller;
	a->caller.user = smb3_strdup(caller->user);
	a->caller.domain = smb3_strdup(caller->domain);
	a->caller.address = smb3_strdup(caller->address);
	a->max_send = a->max_receive = PDU_FRAG;
	a->arena = smb3_arena_new();
	smb3_list_init(&a->waiting);
	return a;
}

void rpcd_assoc_free(struct smb3_rpc_assoc *a)
{
	wait_forget(a);
	if (a->group)
		group_leave(a->host, a->group);
	assoc_request_forget(a);
	auth_forget(a);
	smb3_arena_free(a->arena);
	free(a->input);
	free((char *)a->caller.user);
	free((char *)a->caller.domain);
	free((char *)a->caller.address);
	free(a->pipe);
	free(a);
}

/* [MS-RPCE] 3.3.1.5.2.2: there is no answer; that it failed shows at the next request. */
static bool assoc_auth3(struct smb3_rpc_assoc *a, struct pdu *p)
{
	struct smb3_cursor reply;

	if (!a->n_auths || !p->auth_len || a->request.begun)
		return false;
	auth_step(a, p, &reply);
	return true;
}

static bool assoc_pdu(struct smb3_rpc_assoc *a, struct pdu *p)
{
	switch (p->type) {
	case PDU_BIND:
		return assoc_bind(a, p);
	case PDU_ALTER:
		return assoc_alter(a, p);
	case PDU_AUTH3:
		return assoc_auth3(a, p);
	case PDU_REQUEST:
		return assoc_request(a, p);
	case PDU_ORPHANED:
		if (a->request.begun && a->request.call_id == p->call_id)
			assoc_request_forget(a);
		else
			wait_cancel(a, p->call_id, false);
		return true;
	case PDU_CANCEL: /* those that do not wait are answered before the next PDU is looked at */
		wait_cancel(a, p->call_id, true);
		return true;
	default:
		assoc_fault(a, p, SMB3_RPC_FAULT_PROTOCOL, PFC_DID_NOT_EXECUTE);
		return false;
	}
}

/* Length of the PDU that begins the input; 0: not known yet. */
static size_t input_frag(const struct smb3_rpc_assoc *a)
{
	const uint8_t *p = a->input;

	if (a->input_len < HEAD_ENOUGH)
		return 0;
	if (p[AT_DREP] & 0x10)
		return p[AT_FRAG_LENGTH] | (size_t)p[AT_FRAG_LENGTH + 1] << 8;
	return p[AT_FRAG_LENGTH + 1] | (size_t)p[AT_FRAG_LENGTH] << 8;
}

static void input_put(struct smb3_rpc_assoc *a, const uint8_t *data, size_t len)
{
	if (len > a->input_size - a->input_len) {
		a->input_size = a->input_len + len;
		a->input = smb3_realloc(a->input, a->input_size);
	}
	memcpy(a->input + a->input_len, data, len);
	a->input_len += len;
}

static bool input_take(struct smb3_rpc_assoc *a, size_t frag)
{
	struct pdu p;
	bool good;

	if (!pdu_parse(&p, a->input, frag))
		return false;
	atomic_fetch_add(&a->host->counts.pdus_in, 1);
	good = assoc_pdu(a, &p);
	smb3_arena_reset(a->arena);
	a->input_len -= frag;
	memmove(a->input, a->input + frag, a->input_len);
	return good && !a->broken;
}

bool rpcd_assoc_input(struct smb3_rpc_assoc *a, const uint8_t *data, size_t len)
{
	size_t frag;

	if (a->broken)
		return false;
	if (!len)
		return true;
	input_put(a, data, len);
	while (!a->broken && (frag = input_frag(a))) {
		if (frag < PDU_HEADER)
			a->broken = true;
		else if (a->input_len < frag)
			break;
		else if (!input_take(a, frag))
			a->broken = true;
	}
	return !a->broken;
}
