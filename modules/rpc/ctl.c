// SPDX-License-Identifier: Apache-2.0
/*
 * ctl.c: smb3ctl rpc: how smb3-rpcd does.
 */
#include "rpc.h"

static const char *const state_names[] = {
	[CHILD_NONE] = "not started", [CHILD_STARTING] = "starting", [CHILD_READY] = "ready",
	[CHILD_ENDING] = "ending",    [CHILD_WAITING] = "waiting",
};

static int64_t wait_ms(const struct child *c)
{
	uint64_t now = smb3_clock();

	return c->state == CHILD_WAITING && c->again_at > now ?
		       (int64_t)((c->again_at - now) / 1000000u) :
		       0;
}

/* Restarts: what came after the first start; waits: until the next one. */
static void put_process(struct smb3_ctl *ctl, const struct rpc *rpc)
{
	const struct child *c = &rpc->child;

	smb3_ctl_row(ctl);
	smb3_ctl_text(ctl, "smb3-rpcd", state_names[c->state]);
	smb3_ctl_number(ctl, "pid", c->pid);
	smb3_ctl_number(
		ctl, "uptime_s",
		c->state == CHILD_READY ? (int64_t)((smb3_clock() - c->began) / 1000000000u) : 0);
	smb3_ctl_number(ctl, "pipes", atomic_load(&rpc->n_pipes));
	smb3_ctl_number(ctl, "running", rpc->n_busy);
	smb3_ctl_number(ctl, "waiting", rpc->n_late);
	smb3_ctl_number(ctl, "messages", (int64_t)c->calls);
	smb3_ctl_number(ctl, "starts", (int64_t)c->starts);
	smb3_ctl_number(ctl, "restarts", c->starts ? (int64_t)c->starts - 1 : 0);
	smb3_ctl_number(ctl, "ends", (int64_t)c->ends);
	smb3_ctl_number(ctl, "fails", c->fails);
	smb3_ctl_number(ctl, "waits_ms", wait_ms(c));
	smb3_ctl_number(ctl, "hangs", (int64_t)c->hangs);
	smb3_ctl_text(ctl, "last_end", c->last_end);
}

static void ctl_status(struct smb3_ctl *ctl, struct smb3_mod *mod)
{
	put_process(ctl, mod->data);
}

static void ctl_rpc(struct smb3_ctl *ctl)
{
	struct smb3_server *server = smb3_ctl_server(ctl);
	const struct rpc *rpc = smb3_ctl_mod(ctl)->data;
	size_t n;
	const struct smb3_provide *const *rows = smb3_rows(server, SMB3_KIND_RPC, &n);

	put_process(ctl, rpc);
	for (size_t i = 0; i < n; i++) {
		const struct smb3_rpc_interface *row = rows[i]->row;

		smb3_ctl_row(ctl);
		smb3_ctl_text(ctl, "interface", row->name);
		smb3_ctl_printf(ctl, "version", "%u.%u", row->major, row->minor);
		smb3_ctl_text(ctl, "pipe", row->pipes[0]);
		smb3_ctl_number(ctl, "procedures", (int64_t)row->n_ops);
	}
	smb3_ctl_done(ctl, NULL);
}

const struct smb3_ctl_command rpc_ctl_rpc = { .name = "rpc",
					      .help = "the process of remote procedures",
					      .run = ctl_rpc,
					      .status = ctl_status };
