// SPDX-License-Identifier: Apache-2.0
/*
 * hook.c: hooks in order, and who has the last word.
 */
#include "core.h"

#define ORDER_POLICY  300
#define ORDER_FEATURE 500
#define ORDER_AUDIT   900

static void hook_insert(struct smb3_hooks *hooks, const struct smb3_hook *hook,
			struct smb3_mod *mod)
{
	size_t n = hooks->count[hook->point]++, at = n;
	struct smb3_hook_entry *list = hooks->entries[hook->point];

	list = smb3_realloc(list, (n + 1) * sizeof(*list));
	/* Equal orders stay in load order. */
	for (; at > 0 && list[at - 1].hook->order > hook->order; at--)
		list[at] = list[at - 1];
	list[at] = (struct smb3_hook_entry){ .hook = hook, .mod = mod };
	hooks->entries[hook->point] = list;
	atomic_fetch_add(&hooks->live[hook->point], 1);
}

void smb3_hooks_build(struct smb3_server *server)
{
	const struct smb3_registry *r = &server->registry;

	for (size_t i = 0; i < r->count[SMB3_KIND_HOOK]; i++)
		hook_insert(&server->hooks, r->rows[SMB3_KIND_HOOK][i]->row,
			    r->owners[SMB3_KIND_HOOK][i]);
}

void smb3_hooks_free(struct smb3_hooks *hooks)
{
	for (int point = 0; point < SMB3_HOOK_POINTS; point++) {
		free(hooks->entries[point]);
		hooks->entries[point] = NULL;
		hooks->count[point] = 0;
		atomic_store(&hooks->live[point], 0);
	}
}

bool smb3_hooked(const struct smb3_server *server, enum smb3_hook_point point)
{
	return atomic_load_explicit(&server->hooks.live[point], memory_order_relaxed) != 0;
}

void smb3_hook_enable(struct smb3_server *server, const struct smb3_hook *hook, bool on)
{
	struct smb3_hooks *hooks = &server->hooks;

	for (size_t i = 0; i < hooks->count[hook->point]; i++) {
		struct smb3_hook_entry *e = &hooks->entries[hook->point][i];

		if (e->hook == hook && atomic_exchange(&e->idle, !on) == on)
			atomic_fetch_add(&hooks->live[hook->point], on ? 1 : (size_t)-1);
	}
}

/* Whether a hook of that order is still asked after the verdict so far. */
static bool hook_asked(int order, enum smb3_verdict so_far)
{
	if (order >= ORDER_AUDIT)
		return true;
	if (so_far == SMB3_DENY || so_far == SMB3_WAIT)
		return false;
	return so_far != SMB3_ALLOW || order < ORDER_POLICY || order >= ORDER_FEATURE;
}

enum smb3_verdict smb3_hook_run(struct smb3_event *event)
{
	const struct smb3_hooks *hooks = &event->server->hooks;
	enum smb3_verdict result = SMB3_PASS;

	for (size_t i = 0; i < hooks->count[event->point]; i++) {
		const struct smb3_hook_entry *e = &hooks->entries[event->point][i];
		enum smb3_verdict v;

		if (atomic_load_explicit(&e->idle, memory_order_relaxed) ||
		    !hook_asked(e->hook->order, result))
			continue;
		v = e->hook->run(e->mod, event);
		/* Audit hooks watch; a feature's "no opinion" does not undo an ALLOW. */
		if (v == SMB3_PASS || e->hook->order >= ORDER_AUDIT)
			continue;
		result = v;
		if (v == SMB3_DENY && !event->status)
			event->status = STATUS_ACCESS_DENIED;
	}
	return result;
}

void smb3_limit_hit(struct smb3_conn *conn, struct smb3_session *session, const char *limit,
		    ntstatus status)
{
	struct smb3_event event = { .point = SMB3_HOOK_LIMIT,
				    .server = conn->server,
				    .worker = conn->worker,
				    .conn = conn,
				    .session = session,
				    .who = session ? session->identity : NULL,
				    .limit = limit,
				    .status = status };

	smb3_log_kind(limit, conn, session, SMB3_LOG_WARNING, "%s is reached: %s", limit,
		      status ? smb3_status_name(status) : "the connection ends");
	if (smb3_hooked(conn->server, SMB3_HOOK_LIMIT))
		smb3_hook_run(&event);
}

void smb3_changed(struct smb3_open *o, uint32_t action, uint32_t filter)
{
	struct smb3_event event = { .point = SMB3_HOOK_CHANGED,
				    .server = o->worker->server,
				    .tree = o->tree,
				    .share = o->tree->share,
				    .open = o,
				    .file = o->file,
				    .who = o->identity,
				    .action = action,
				    .filter = filter };

	if (smb3_hooked(event.server, event.point))
		smb3_hook_run(&event);
}

void smb3_name_changed(struct smb3_share *share, const char *path, uint32_t action, uint32_t filter)
{
	struct smb3_event event = { .point = SMB3_HOOK_CHANGED,
				    .server = share->server,
				    .share = share,
				    .path = path,
				    .action = action,
				    .filter = filter };

	if (smb3_hooked(event.server, event.point))
		smb3_hook_run(&event);
}
