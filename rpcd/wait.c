// SPDX-License-Identifier: Apache-2.0
/*
 * wait.c: calls that wait: a question that is answered later goes to the server, and the call is put
 * aside, with its arguments and its arena, until the answer comes, its client gives it up, or the
 * association ends. It takes no thread meanwhile, and other calls of the association run.
 *
 * How many may wait is the server's to say, which keeps the questions; one that it refuses does not wait.
 */
#include "runtime.h"

#include <errno.h>
#include <stdlib.h>

#define LATE_MAX 65536 /* bytes of a question */

uint32_t smb3_rpc_ask_later(struct smb3_rpc_call *call, uint32_t question,
			    const struct smb3_builder *in, smb3_rpc_then then)
{
	struct rpcd_call *c = SMB3_CONTAINER(call, struct rpcd_call, call);
	struct smb3_rpc_assoc *a = call->assoc;
	struct smb3_builder ask = smb3_builder_arena(call->arena, LATE_MAX);
	struct smb3_cursor answer = smb3_cursor_init(NULL, 0);
	int err;

	if (a->request.size > WAITING_REQUEST_MAX)
		return SMB3_RPC_FAULT_NO_MEMORY;
	c->key = ++a->last_key;
	c->then = then;
	smb3_put_u32(&ask, c->key);
	if (in)
		smb3_put_bytes(&ask, in->data, in->len);
	if (in && !smb3_builder_ok(in))
		return SMB3_RPC_FAULT_NO_MEMORY;
	err = smb3_rpc_ask(call, question, &ask, &answer);
	return err == -EINPROGRESS ? SMB3_RPC_PENDING : then(call, err, &answer);
}

void wait_keep(struct smb3_rpc_assoc *a, struct rpcd_call *c)
{
	c->request = a->request;
	c->arena = a->arena;
	smb3_list_add(&a->waiting, &c->link);
	a->request = (struct rpcd_request){ .begun = false };
	a->arena = smb3_arena_new();
}

/* What a call had put aside becomes what is going on; ret_now has that, to be put back. */
struct now {
	struct rpcd_request request;
	struct smb3_arena *arena;
};

static struct now now_set(struct smb3_rpc_assoc *a, struct rpcd_call *c)
{
	struct now now = { a->request, a->arena };

	smb3_list_remove(&c->link);
	a->request = c->request;
	a->arena = c->arena;
	return now;
}

/* The call itself is in the arena that goes, unless it waits again. */
static void now_restore(struct smb3_rpc_assoc *a, const struct now *now)
{
	assoc_request_forget(a);
	smb3_arena_free(a->arena);
	a->request = now->request;
	a->arena = now->arena;
}

static uint32_t go_on(struct smb3_rpc_assoc *a, struct rpcd_call *c, int err,
		      const struct smb3_cursor *answer)
{
	struct smb3_cursor copy = *answer;
	uint32_t fault = err == -ECANCELED ? SMB3_RPC_FAULT_CANCEL :
					     auth_resume(a, a->request.auth);

	if (!fault)
		fault = call_judge(&c->call, c->then(&c->call, err, &copy));
	handles_release(a);
	return fault;
}

bool rpcd_assoc_late(struct smb3_rpc_assoc *a, uint32_t key, int err,
		     const struct smb3_cursor *answer)
{
	struct rpcd_call *found = NULL;
	struct now now;

	SMB3_LIST_EACH(&a->waiting, node) {
		struct rpcd_call *c = SMB3_CONTAINER(node, struct rpcd_call, link);

		if (c->key == key)
			found = c;
	}
	if (!found || a->broken)
		return !a->broken;
	now = now_set(a, found);
	if (err != -ECONNABORTED)
		call_end(a, found, go_on(a, found, err, answer));
	now_restore(a, &now);
	return !a->broken;
}

/* The server forgets the question first: its answer does not come any more. */
static void cancel_one(struct smb3_rpc_assoc *a, struct rpcd_call *c, bool told)
{
	struct smb3_builder ask = smb3_builder_arena(a->arena, 4);
	struct smb3_cursor answer = smb3_cursor_init(NULL, 0);

	smb3_put_u32(&ask, c->key);
	(void)a->host->ops->ask(a, a->arena, SMB3_ASK_FORGET, &ask, &answer);
	answer = smb3_cursor_init(NULL, 0);
	(void)rpcd_assoc_late(a, c->key, told ? -ECANCELED : -ECONNABORTED, &answer);
}

void wait_cancel(struct smb3_rpc_assoc *a, uint32_t call_id, bool told)
{
	SMB3_LIST_EACH(&a->waiting, node) {
		struct rpcd_call *c = SMB3_CONTAINER(node, struct rpcd_call, link);

		if (c->request.call_id != call_id)
			continue;
		cancel_one(a, c, told);
		return;
	}
}

void wait_forget(struct smb3_rpc_assoc *a)
{
	SMB3_LIST_EACH(&a->waiting, node) {
		struct now now = now_set(a, SMB3_CONTAINER(node, struct rpcd_call, link));

		now_restore(a, &now);
	}
}
