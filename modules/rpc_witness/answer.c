// SPDX-License-Identifier: Apache-2.0
/*
 * answer.c: in smb3d: what smb3-rpcd asks for clients that register, and the look at this machine's
 * addresses while somebody wants to hear of them. On worker 0, but for that look.
 */
#include "witness.h"

#include <errno.h>
#include <stdlib.h>

static struct witness *witness_of(struct smb3_server *server)
{
	return smb3_module_of(server, &witness_ask_register)->data;
}

static const struct witness_conf *conf_of(struct smb3_server *server)
{
	return smb3_module_of(server, &witness_ask_register)->conf;
}

/* ---- interfaces ---- */

static int answer_interfaces(struct smb3_rpc_asking *asking)
{
	struct witness_addresses list;
	int err = witness_addresses_read(asking->server, &list);

	if (err)
		return err;
	for (size_t i = 0; i < list.n; i++) {
		smb3_put_u8(&asking->out, SMB3_RPC_LIST_ROW);
		witness_address_put(&asking->out, &list.list[i]);
	}
	smb3_put_u8(&asking->out, SMB3_RPC_LIST_END);
	return 0;
}

/* ---- registrations ---- */

/* They stand in lists that administrators look at. */
static bool is_name(const char *s)
{
	if (!s || strlen(s) > WITNESS_NAME_MAX)
		return false;
	for (; *s; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			return false;
	return true;
}

/* As administrators write it: an IPv4 address that came to an IPv6 socket has a prefix. */
static const char *peer_of(const struct smb3_rpc_asking *asking)
{
	static const char mapped[] = "::ffff:";
	size_t len = strlen(mapped);

	return strncmp(asking->address, mapped, len) ? asking->address : asking->address + len;
}

/* What was seen just before somebody registers is what changes are told against: those that come before
 * the next look, too. smb3-rpcd has it from here, and could tell its clients anything anyway. */
static void know(struct witness *w, struct smb3_cursor *in)
{
	if (w->is_known)
		return;
	w->known.n = 0;
	while (smb3_cursor_left(in) && smb3_cursor_ok(in) && w->known.n < WITNESS_ADDRESSES)
		w->known.list[w->known.n++] = witness_address_get(in);
	w->is_known = smb3_cursor_ok(in);
}

static int answer_register(struct smb3_rpc_asking *asking)
{
	struct witness *w = witness_of(asking->server);
	const struct witness_conf *conf = conf_of(asking->server);
	const struct witness_limits limits = { conf->registrations, conf->per_user };
	struct witness_registration what = { .pipe = asking->pipe };
	struct smb3_cursor *in = &asking->in;
	uint64_t id;
	int err;

	what.peer = peer_of(asking);
	what.who = (struct smb3_identity *)asking->who;
	what.version = smb3_get_u32(in);
	what.flags = smb3_get_u32(in);
	what.seconds = smb3_get_u32(in);
	what.net_name = smb3_get_text(in, asking->arena);
	what.share = smb3_get_text(in, asking->arena);
	what.address_text = smb3_get_text(in, asking->arena);
	what.client = smb3_get_text(in, asking->arena);
	if (!smb3_cursor_ok(in) || !is_name(what.net_name) || !is_name(what.share) ||
	    !is_name(what.client) || !witness_address_parse(what.address_text, &what.address))
		return -EINVAL;
	if (asking->who->guest || asking->who->anonymous)
		return -EACCES;
	err = witness_register(&w->registry, &what, &limits, &id);
	if (err) {
		smb3_log(SMB3_LOG_NOTICE, "rpc_witness: %s [%s] cannot register: too many have",
			 asking->who->name, asking->address);
		return err;
	}
	know(w, in);
	smb3_put_u64(&asking->out, id);
	return 0;
}

/* Of the one who asks: of his pipe, or of another one of the same user. */
static struct witness_registration *own(struct smb3_rpc_asking *asking)
{
	struct witness *w = witness_of(asking->server);
	struct witness_registration *reg = witness_find(&w->registry, smb3_get_u64(&asking->in));

	if (!smb3_cursor_ok(&asking->in) || !reg)
		return NULL;
	return reg->pipe == asking->pipe || smb3_identity_same(reg->who, asking->who) ? reg : NULL;
}

static int answer_unregister(struct smb3_rpc_asking *asking)
{
	struct witness_registration *reg = own(asking);

	if (!reg)
		return -ENOENT;
	witness_unregister(&witness_of(asking->server)->registry, reg);
	return 0;
}

static int answer_notify(struct smb3_rpc_asking *asking)
{
	struct witness_registration *reg = own(asking);

	if (!reg)
		return -ENOENT;
	asking->state = reg;
	return witness_wait(reg, asking);
}

static void cancel_notify(struct smb3_rpc_asking *asking)
{
	witness_wait_ends(asking->state);
}

static void pipe_closed(struct smb3_server *server, uint64_t pipe)
{
	witness_forget_pipe(&witness_of(server)->registry, pipe);
}

/* ---- addresses that come and go ---- */

struct look {
	struct smb3_job job;
	struct witness *witness;
	struct witness_addresses list;
	int err;
};

static void look_work(struct smb3_job *job)
{
	struct look *l = SMB3_CONTAINER(job, struct look, job);

	l->err = witness_addresses_read(l->witness->server, &l->list);
}

static void look_done(struct smb3_worker *worker, struct smb3_job *job)
{
	struct look *l = SMB3_CONTAINER(job, struct look, job);
	struct witness *w = l->witness;

	(void)worker;
	w->looking = false;
	if (!l->err) {
		if (w->is_known)
			witness_addresses_changed(&w->registry, &w->known, &l->list);
		w->known = l->list;
		w->is_known = true;
	}
	free(l);
}

static void look_begin(struct witness *w, struct smb3_worker *worker)
{
	struct look *l = smb3_alloc(sizeof(*l));

	l->job.work = look_work;
	l->job.done = look_done;
	l->witness = w;
	w->looking = true;
	w->looked = smb3_clock();
	smb3_job_start(worker, &l->job);
}

/* While nobody is registered nothing is looked at, and what was seen is of no use any more. */
static enum smb3_verdict on_tick(struct smb3_mod *mod, struct smb3_event *event)
{
	struct witness *w = mod->data;
	const struct witness_conf *conf = mod->conf;

	if (smb3_worker_index(event->worker) != 0)
		return SMB3_PASS;
	witness_forget_unused(&w->registry, conf->unused);
	if (!w->registry.n)
		w->is_known = false;
	else if (!w->looking && (!w->is_known || smb3_clock() - w->looked >= conf->watch * 1000000))
		look_begin(w, event->worker);
	return SMB3_PASS;
}

int witness_init(struct smb3_mod *mod)
{
	struct witness *w = smb3_alloc(sizeof(*w));

	w->server = mod->server;
	witness_registry_init(&w->registry);
	mod->data = w;
	return 0;
}

void witness_fini(struct smb3_mod *mod)
{
	struct witness *w = mod->data;

	witness_registry_free(&w->registry);
	free(w);
}

const struct smb3_hook witness_hook_tick = {
	.point = SMB3_HOOK_TICK, .order = 500, .name = "rpc_witness", .run = on_tick
};
const struct smb3_rpc_question witness_ask_interfaces = { .name = "witness interfaces",
							  .flags = SMB3_ASK_WORK,
							  .answer = answer_interfaces };
const struct smb3_rpc_question witness_ask_register = { .name = "witness register",
							.answer = answer_register,
							.closed = pipe_closed };
const struct smb3_rpc_question witness_ask_unregister = { .name = "witness unregister",
							  .answer = answer_unregister };
const struct smb3_rpc_question witness_ask_notify = { .name = "witness notify",
						      .flags = SMB3_ASK_LATER,
						      .answer = answer_notify,
						      .cancel = cancel_notify };
