// SPDX-License-Identifier: Apache-2.0
/*
 * events.c: from hooks to lines. The hooks stand in the audit band: they see what was decided.
 *
 * What happens on the I/O pool may not look at a session's state. Where a session came from is
 * therefore noted at its log-on, in a slot that is constant from then on.
 */
#include "audit.h"

#include <stdio.h>
#include <string.h>

#define ORDER_GUARD 100
#define ORDER_AUDIT 950
#define WRITING                                                                   \
	(FILE_WRITE_DATA | FILE_APPEND_DATA | FILE_WRITE_EA | FILE_DELETE_CHILD | \
	 FILE_WRITE_ATTRIBUTES | SMB3_DELETE | WRITE_DAC | WRITE_OWNER)

struct came_from {
	uint64_t conn; /* 0: not logged on yet */
	char address[64];
};

struct audit_seen {
	const struct smb3_req *told; /* a log-on that failed, and was told as that */
};

static struct smb3_slot session_slot = {
	.kind = SMB3_SLOT_SESSION,
	.size = sizeof(struct came_from),
};

static struct smb3_slot conn_slot = {
	.kind = SMB3_SLOT_CONN,
	.size = sizeof(struct audit_seen),
};

/* What smb3.conf may choose from; the others are always written. */
const char *const audit_events[] = {
	"connection_refused",
	"negotiated",
	"unprotected",
	"logon",
	"guest_logon",
	"logon_failed",
	"logoff",
	"tree_connect",
	"denied",
	"tree_disconnect",
	"tree_refused",
	"open",
	"delete",
	"rename",
	"permissions",
	"limit",
	"admin",
	"note",
	NULL,
};

/* ---- whether ---- */

static bool has(const char *const *list, const char *name)
{
	for (; *list; list++)
		if (!strcmp(*list, name))
			return true;
	return false;
}

static const struct audit_conf *conf_of(const struct smb3_mod *mod, const struct smb3_share *share)
{
	return share ? smb3_conf_of(mod, share) : atomic_load(&mod->conf);
}

static bool wants(const struct smb3_mod *mod, const struct smb3_event *e, const char *name)
{
	/* No data: a server that only checks its configuration. */
	return mod->data && has(conf_of(mod, e->share)->events, name);
}

/* The same for what users do to files all day. */
static bool wants_file(const struct smb3_mod *mod, const struct smb3_event *e, const char *name)
{
	const struct audit_conf *conf = conf_of(mod, e->share);

	return wants(mod, e, name) &&
	       !(*conf->quiet_users && e->who && has(conf->quiet_users, e->who->name));
}

/* ---- what goes into every line ---- */

static const struct smb3_session *session_of(const struct smb3_event *e)
{
	if (e->session)
		return e->session;
	return e->open && e->open->tree ? e->open->tree->session : NULL;
}

static void put_source(struct audit_line *l, const struct smb3_event *e)
{
	const struct smb3_session *s = session_of(e);
	const struct came_from *from = s ? smb3_slot(&session_slot, s) : NULL;

	if (e->conn) {
		line_number(l, "conn", e->conn->id);
		line_text(l, "address", e->conn->peer_name);
	} else if (from && from->conn) {
		line_number(l, "conn", from->conn);
		line_text(l, "address", from->address);
	}
	if (s)
		line_hex(l, "session", s->id);
}

static void put_who(struct audit_line *l, const struct smb3_event *e)
{
	if (!e->who)
		return;
	line_text(l, "user", e->who->name);
	line_text(l, "domain", e->who->domain);
	line_flag(l, "guest", e->who->guest);
	line_flag(l, "anonymous", e->who->anonymous);
}

static void begin(struct audit_line *l, const struct smb3_event *e, const char *name)
{
	line_begin(l, name);
	put_source(l, e);
	put_who(l, e);
	line_text(l, "share", e->share ? e->share->name : NULL);
}

static void put_outcome(struct audit_line *l, const struct smb3_event *e)
{
	char number[16];
	const char *name = smb3_status_name(e->status);

	snprintf(number, sizeof(number), "0x%08x", e->status);
	if (e->status || e->point == SMB3_HOOK_CTL)
		line_text(l, "status", name ? name : number);
	line_text(l, "reason", e->reason);
}

static void end(struct smb3_mod *mod, struct audit_line *l)
{
	line_end(l);
	queue_push(mod->data, l->text, l->len);
}

void audit_say(struct smb3_mod *mod, const char *event)
{
	struct audit_line l;

	line_begin(&l, event);
	if (!strcmp(event, "start")) {
		line_number(&l, "schema", AUDIT_SCHEMA);
		line_text(&l, "server", smb3_server_conf(mod->server)->name);
	}
	end(mod, &l);
}

/* ---- connections ---- */

static enum smb3_verdict on_conn(struct smb3_mod *mod, struct smb3_event *e)
{
	struct audit_line l;

	if (!e->status || !wants(mod, e, "connection_refused"))
		return SMB3_PASS;
	begin(&l, e, "connection_refused");
	put_outcome(&l, e);
	end(mod, &l);
	return SMB3_PASS;
}

static const char *cipher_name(const struct smb3_conn *conn)
{
	static const char *const names[] = { "none", "aes-128-ccm", "aes-128-gcm", "aes-256-ccm",
					     "aes-256-gcm" };

	return conn->cipher_id < SMB3_ARRAY_SIZE(names) ? names[conn->cipher_id] : "unknown";
}

static const char *dialect_name(const struct smb3_conn *conn)
{
	for (size_t i = 0; smb3_dialect_names[i]; i++)
		if (smb3_dialect_revisions[i] == conn->revision)
			return smb3_dialect_names[i];
	return "unknown";
}

static void put_protection(struct audit_line *l, const struct smb3_conn *conn, bool has_key)
{
	line_text(l, "dialect", dialect_name(conn));
	line_text(l, "signing", has_key && conn->sign ? conn->sign->name : "none");
	line_text(l, "cipher", has_key ? cipher_name(conn) : "none");
}

static enum smb3_verdict on_negotiated(struct smb3_mod *mod, struct smb3_event *e)
{
	struct audit_line l;

	if (!wants(mod, e, "negotiated"))
		return SMB3_PASS;
	begin(&l, e, "negotiated");
	put_protection(&l, e->conn, true);
	line_flag(&l, "client_requires_signing", e->conn->client_signs);
	if (e->status)
		put_outcome(&l, e);
	end(mod, &l);
	return SMB3_PASS;
}

static enum smb3_verdict on_limit(struct smb3_mod *mod, struct smb3_event *e)
{
	struct audit_line l;

	if (!wants(mod, e, "limit"))
		return SMB3_PASS;
	begin(&l, e, "limit");
	line_text(&l, "user", e->who ? NULL : e->user);
	line_text(&l, "limit", e->limit);
	put_outcome(&l, e);
	end(mod, &l);
	return SMB3_PASS;
}

/* ---- log-ons ---- */

static const char *logon_kind(const struct smb3_event *e)
{
	const struct smb3_channel *ch = e->req ? e->req->channel : NULL;

	if (!e->req)
		return "pipe";
	if (ch && ch->binding)
		return "channel";
	return e->session->state == SMB3_SESSION_SETUP ? "first" : "again";
}

static void tell_failure(struct smb3_mod *mod, struct smb3_event *e)
{
	struct audit_seen *seen = smb3_slot(&conn_slot, e->conn);
	struct audit_line l;

	seen->told = e->req;
	if (!wants(mod, e, "logon_failed"))
		return;
	line_begin(&l, "logon_failed");
	put_source(&l, e);
	line_text(&l, "user", e->user);
	line_text(&l, "mechanism", e->mech);
	line_text(&l, "kind", logon_kind(e));
	put_outcome(&l, e);
	end(mod, &l);
}

/* What passes between this client and the server can be read or changed on its way. */
static void tell_unprotected(struct smb3_mod *mod, const struct smb3_event *e)
{
	bool has_key = !e->who->guest && !e->who->anonymous;
	const char *reason = NULL;
	struct audit_line l;

	if (!has_key)
		reason = "guests and anonymous users neither sign nor encrypt";
	else if (!e->conn->cipher_id)
		reason = e->conn->revision < SMB2_DIALECT_0300 ?
				 "the dialect has no encryption" :
				 "client and server share no cipher";
	if (!reason || !wants(mod, e, "unprotected"))
		return;
	begin(&l, e, "unprotected");
	put_protection(&l, e->conn, has_key);
	line_text(&l, "reason", reason);
	end(mod, &l);
}

static void tell_success(struct smb3_mod *mod, const struct smb3_event *e)
{
	bool stranger = e->who->guest || e->who->anonymous;
	const char *name = stranger ? "guest_logon" : "logon";
	struct audit_line l;

	if (wants(mod, e, name)) {
		begin(&l, e, name);
		line_text(&l, "claimed", stranger ? e->user : NULL);
		line_text(&l, "unix_user", e->who->unix_name);
		line_text(&l, "mechanism", e->mech);
		line_text(&l, "kind", logon_kind(e));
		put_protection(&l, e->conn, !stranger);
		end(mod, &l);
	}
	tell_unprotected(mod, e);
}

static enum smb3_verdict on_authenticated(struct smb3_mod *mod, struct smb3_event *e)
{
	struct came_from *from = smb3_slot(&session_slot, e->session);

	if (e->status || !e->who) {
		tell_failure(mod, e);
		return SMB3_PASS;
	}
	if (!from->conn) {
		snprintf(from->address, sizeof(from->address), "%s", e->conn->peer_name);
		from->conn = e->conn->id;
	}
	tell_success(mod, e);
	return SMB3_PASS;
}

static bool is_cut_off(const struct smb3_session *s)
{
	SMB3_LIST_EACH(&s->channels, node)
		if (!SMB3_CONTAINER(node, struct smb3_channel, session_link)->conn->closing)
			return false;
	return true;
}

static enum smb3_verdict on_logoff(struct smb3_mod *mod, struct smb3_event *e)
{
	struct audit_line l;

	if (!wants(mod, e, "logoff"))
		return SMB3_PASS;
	begin(&l, e, "logoff");
	line_text(&l, "reason",
		  *e->reason             ? e->reason :
		  is_cut_off(e->session) ? "its connection has ended" :
					   NULL);
	end(mod, &l);
	return SMB3_PASS;
}

/* ---- shares ---- */

static enum smb3_verdict on_tree(struct smb3_mod *mod, struct smb3_event *e)
{
	const char *name = e->point == SMB3_HOOK_TREE_CONNECTED ? "tree_connect" :
								  "tree_disconnect";
	struct audit_line l;

	/* One that was refused is told as that. */
	if (e->status || !wants(mod, e, name))
		return SMB3_PASS;
	begin(&l, e, name);
	if (e->tree->identity && e->point == SMB3_HOOK_TREE_CONNECTED) {
		line_text(&l, "unix_user", e->tree->identity->unix_name);
		line_flag(&l, "read_only", e->tree->read_only);
	}
	end(mod, &l);
	return SMB3_PASS;
}

/* ---- refusals ---- */

static bool is_told(const struct smb3_event *e)
{
	const struct audit_seen *seen;

	/* Where links lead is found out by asking. */
	if (e->status == STATUS_STOPPED_ON_SYMLINK)
		return true;
	if (!e->req || !e->req->command || e->req->hdr.command != SMB2_SESSION_SETUP)
		return false;
	seen = smb3_slot(&conn_slot, e->conn);
	return seen->told == e->req;
}

static enum smb3_verdict on_denied(struct smb3_mod *mod, struct smb3_event *e)
{
	bool tree = e->req && e->req->hdr.command == SMB2_TREE_CONNECT;
	const char *name = tree ? "tree_refused" : "denied";
	struct audit_line l;

	if (!wants(mod, e, name) || is_told(e))
		return SMB3_PASS;
	begin(&l, e, name);
	line_text(&l, tree ? "share" : "path", e->path);
	if (e->rpc) {
		line_text(&l, "command", "BIND");
		line_text(&l, "interface", e->rpc->interface);
	} else {
		line_text(&l, "command", e->req->command ? e->req->command->name : NULL);
	}
	put_outcome(&l, e);
	end(mod, &l);
	return SMB3_PASS;
}

/* ---- files ---- */

static enum smb3_verdict on_opened(struct smb3_mod *mod, struct smb3_event *e)
{
	static const char *const actions[] = { "superseded", "opened", "created", "overwritten" };
	const struct audit_conf *conf = conf_of(mod, e->share);
	uint32_t action = e->create->action;
	struct audit_line l;

	if (conf->opens == OPENS_OFF ||
	    (conf->opens == OPENS_WRITES && !(e->access & WRITING) && action == FILE_OPENED))
		return SMB3_PASS;
	if (!wants_file(mod, e, "open"))
		return SMB3_PASS;
	begin(&l, e, "open");
	line_text(&l, "path", *e->path ? e->path : "/");
	line_text(&l, "stream", e->create->stream);
	line_text(&l, "action", action < SMB3_ARRAY_SIZE(actions) ? actions[action] : "unknown");
	line_hex(&l, "access", e->access);
	line_flag(&l, "directory", e->open->directory);
	end(mod, &l);
	return SMB3_PASS;
}

static enum smb3_verdict on_named(struct smb3_mod *mod, struct smb3_event *e)
{
	bool renamed = e->point == SMB3_HOOK_RENAMED;
	const char *name = renamed ? "rename" : "delete";
	struct audit_line l;

	if (!wants_file(mod, e, name))
		return SMB3_PASS;
	begin(&l, e, name);
	line_text(&l, "path", e->path);
	line_text(&l, "new_path", e->new_path);
	line_flag(&l, "directory", e->open && e->open->directory);
	end(mod, &l);
	return SMB3_PASS;
}

static enum smb3_verdict on_changed(struct smb3_mod *mod, struct smb3_event *e)
{
	struct smb3_arena *arena;
	struct audit_line l;

	if (!(e->filter & FILE_NOTIFY_CHANGE_SECURITY) || !e->open ||
	    !wants_file(mod, e, "permissions"))
		return SMB3_PASS;
	arena = smb3_arena_new();
	begin(&l, e, "permissions");
	line_text(&l, "path", smb3_open_path(e->open, arena));
	line_flag(&l, "directory", e->open->directory);
	end(mod, &l);
	smb3_arena_free(arena);
	return SMB3_PASS;
}

/* ---- administrators ---- */

/* The password of a command is no argument of it. */
static enum smb3_verdict on_ctl(struct smb3_mod *mod, struct smb3_event *e)
{
	const struct smb3_ctl_request *r = e->ctl;
	char words[1024] = "";
	size_t len = 0;
	struct audit_line l;

	if (!wants(mod, e, "admin"))
		return SMB3_PASS;
	for (int i = 0; i < r->argc && len < sizeof(words); i++)
		len += (size_t)snprintf(words + len, sizeof(words) - len, "%s%s", i ? " " : "",
					r->argv[i]);
	begin(&l, e, "admin");
	line_text(&l, "command", words);
	line_number(&l, "uid", r->uid);
	put_outcome(&l, e);
	end(mod, &l);
	return SMB3_PASS;
}

/* The key of a script's value: another than ours, and nothing that would have to be quoted. */
static void note_key(const char *key, char *ret_key, size_t size)
{
	snprintf(ret_key, size, "note_%s", key);
	for (char *p = ret_key; *p; p++)
		if (!((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
		      (*p >= '0' && *p <= '9')))
			*p = '_';
}

static enum smb3_verdict on_note(struct smb3_mod *mod, struct smb3_event *e)
{
	struct audit_line l;
	char key[48];

	if (!wants(mod, e, "note"))
		return SMB3_PASS;
	begin(&l, e, "note");
	line_text(&l, "note", e->note);
	for (size_t i = 0; i < e->n_details; i++) {
		note_key(e->details[i].key, key, sizeof(key));
		line_text(&l, key, e->details[i].value);
	}
	end(mod, &l);
	return SMB3_PASS;
}

static enum smb3_verdict on_reload(struct smb3_mod *mod, struct smb3_event *e)
{
	const struct audit_conf *conf = atomic_load(&mod->conf);

	(void)e;
	if (!mod->data)
		return SMB3_PASS;
	queue_move(mod->data, conf->to, audit_place(conf));
	audit_say(mod, "reload");
	return SMB3_PASS;
}

/* ---- on_error = deny ---- */

static enum smb3_verdict on_guard(struct smb3_mod *mod, struct smb3_event *e)
{
	const struct audit_conf *conf = atomic_load(&mod->conf);

	if (conf->on_error != ERROR_DENY || !mod->data || !queue_in_trouble(mod->data) || e->status)
		return SMB3_PASS;
	/* A listing asks, too, and is no open. */
	if (e->point == SMB3_HOOK_ACCESS && !e->create)
		return SMB3_PASS;
	snprintf(e->reason, sizeof(e->reason),
		 "audit: events cannot be written, and on_error is deny");
	e->status = STATUS_AUDIT_FAILED;
	return SMB3_DENY;
}

#define ON(p, at, fn)                         \
	SMB3_HOOK((&(const struct smb3_hook){ \
		.point = SMB3_HOOK_##p, .order = (at), .name = "audit", .run = (fn) }))

const struct smb3_provide audit_provides[] = {
	SMB3_SLOT(&session_slot),
	SMB3_SLOT(&conn_slot),
	SMB3_CTL(&audit_command),
	ON(CONN_OPEN, ORDER_AUDIT, on_conn),
	ON(NEGOTIATED, ORDER_AUDIT, on_negotiated),
	ON(AUTHENTICATED, ORDER_AUDIT, on_authenticated),
	ON(LOGOFF, ORDER_AUDIT, on_logoff),
	ON(TREE_CONNECTED, ORDER_AUDIT, on_tree),
	ON(TREE_DISCONNECT, ORDER_AUDIT, on_tree),
	ON(DENIED, ORDER_AUDIT, on_denied),
	ON(OPENED, ORDER_AUDIT, on_opened),
	ON(RENAMED, ORDER_AUDIT, on_named),
	ON(REMOVED, ORDER_AUDIT, on_named),
	ON(CHANGED, ORDER_AUDIT, on_changed),
	ON(LIMIT, ORDER_AUDIT, on_limit),
	ON(CTL, ORDER_AUDIT, on_ctl),
	ON(NOTE, ORDER_AUDIT, on_note),
	ON(RELOAD, ORDER_AUDIT, on_reload),
	ON(AUTHENTICATED, ORDER_GUARD, on_guard),
	ON(TREE_CONNECT, ORDER_GUARD, on_guard),
	ON(ACCESS, ORDER_GUARD, on_guard),
	ON(ENTRY, ORDER_GUARD, on_guard),
	SMB3_END,
};
