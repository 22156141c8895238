// SPDX-License-Identifier: Apache-2.0
/*
 * lists.c: smb3ctl status, conns, sessions, trees and opens: what lives on the workers, asked on
 * each of them in turn.
 */
#include "admin.h"

#include <stdlib.h>
#include <unistd.h>

#define ROWS_MAX 10000 /* of one worker: a listing must not hold its loop up */

/* Rows that one worker may still add. */
struct listing {
	struct smb3_ctl *ctl;
	unsigned int left;
};

static bool room(struct listing *l)
{
	if (l->left == 0)
		return false;
	l->left--;
	return true;
}

static int64_t age_s(uint64_t born)
{
	return (int64_t)((smb3_clock() - born) / 1000000000u);
}

static void row_id(struct smb3_ctl *ctl, const char *key, uint64_t id)
{
	smb3_ctl_printf(ctl, key, "0x%llx", (unsigned long long)id);
}

static const char *user_name(const struct smb3_session *s)
{
	return s->identity ? s->identity->name : "";
}

static int64_t list_length(const struct smb3_list *list)
{
	int64_t n = 0;

	SMB3_LIST_EACH(list, node)
		n++;
	return n;
}

static void list_done(struct smb3_ctl *ctl)
{
	smb3_ctl_done(ctl, NULL);
}

/* ---- status ---- */

struct worker_status {
	int64_t conns, sessions, opens, late;
	const char *late_last;
};

static struct worker_status *status_of(struct smb3_ctl *ctl, unsigned int worker)
{
	unsigned int n = smb3_server_workers(smb3_ctl_server(ctl));

	return (struct worker_status *)smb3_ctl_state(ctl, n * sizeof(struct worker_status)) +
	       worker;
}

static bool count_conn(struct smb3_conn *conn, void *arg)
{
	((struct worker_status *)arg)->conns++;
	return true;
}

static bool count_session(struct smb3_session *s, void *arg)
{
	struct worker_status *ws = arg;

	ws->sessions++;
	ws->opens += (int64_t)s->opens.count;
	return true;
}

static void status_visit(struct smb3_ctl *ctl, struct smb3_worker *w)
{
	struct worker_status *ws = status_of(ctl, smb3_worker_index(w));

	smb3_worker_each_conn(w, count_conn, ws);
	smb3_worker_each_session(w, count_session, ws);
	ws->late = (int64_t)smb3_worker_late(w, &ws->late_last);
}

static void status_server(struct smb3_ctl *ctl, const struct worker_status *sum)
{
	struct smb3_server *server = smb3_ctl_server(ctl);
	smb3_nttime up = smb3_now() - smb3_server_started(server);

	smb3_ctl_row(ctl);
	smb3_ctl_text(ctl, "server", smb3_server_conf(server)->name);
	smb3_ctl_text(ctl, "version", SMB3D_VERSION);
	smb3_ctl_number(ctl, "pid", getpid());
	smb3_ctl_number(ctl, "uptime_s", (int64_t)(up / 10000000u));
	smb3_ctl_number(ctl, "workers", smb3_server_workers(server));
	smb3_ctl_number(ctl, "connections", sum->conns);
	smb3_ctl_number(ctl, "sessions", sum->sessions);
	smb3_ctl_number(ctl, "opens", sum->opens);
	smb3_ctl_number(ctl, "files", (int64_t)smb3_server_files(server));
}

/* What modules say of themselves, beside a command of theirs. */
static void status_modules(struct smb3_ctl *ctl)
{
	size_t n;
	const struct smb3_provide *const *rows = smb3_rows(smb3_ctl_server(ctl), SMB3_KIND_CTL, &n);

	for (size_t i = 0; i < n; i++) {
		const struct smb3_ctl_command *command = rows[i]->row;

		if (command->status)
			command->status(ctl, smb3_module_of(smb3_ctl_server(ctl), command));
	}
}

static void status_then(struct smb3_ctl *ctl)
{
	unsigned int n = smb3_server_workers(smb3_ctl_server(ctl));
	struct worker_status *ws = status_of(ctl, 0), sum = { .conns = 0 };

	for (unsigned int i = 0; i < n; i++) {
		sum.conns += ws[i].conns;
		sum.sessions += ws[i].sessions;
		sum.opens += ws[i].opens;
	}
	status_server(ctl, &sum);
	for (unsigned int i = 0; i < n; i++) {
		smb3_ctl_row(ctl);
		smb3_ctl_number(ctl, "worker", i);
		smb3_ctl_number(ctl, "connections", ws[i].conns);
		smb3_ctl_number(ctl, "sessions", ws[i].sessions);
		smb3_ctl_number(ctl, "opens", ws[i].opens);
		smb3_ctl_number(ctl, "late", ws[i].late);
		smb3_ctl_text(ctl, "late_last", ws[i].late_last);
	}
	status_modules(ctl);
	smb3_ctl_done(ctl, NULL);
}

void admin_status(struct smb3_ctl *ctl)
{
	smb3_ctl_each_worker(ctl, status_visit, status_then);
}

/* ---- connections ---- */

static bool conn_row(struct smb3_conn *conn, void *arg)
{
	struct listing *l = arg;
	struct smb3_ctl *ctl = l->ctl;

	if (!room(l))
		return false;
	smb3_ctl_row(ctl);
	smb3_ctl_number(ctl, "id", (int64_t)conn->id);
	smb3_ctl_text(ctl, "address", conn->peer_name);
	smb3_ctl_text(ctl, "transport", conn->transport->scheme);
	smb3_ctl_text(ctl, "dialect", conn->dialect ? conn->dialect->name : "");
	smb3_ctl_text(ctl, "signing", conn->sign ? conn->sign->name : "");
	smb3_ctl_text(ctl, "cipher", conn->cipher_name ? conn->cipher_name : "");
	smb3_ctl_number(ctl, "sessions", list_length(&conn->channels));
	smb3_ctl_number(ctl, "outstanding", conn->n_requests);
	smb3_ctl_number(ctl, "requests", (int64_t)conn->requests);
	smb3_ctl_number(ctl, "bytes_in", (int64_t)conn->bytes_in);
	smb3_ctl_number(ctl, "bytes_out", (int64_t)conn->bytes_out);
	smb3_ctl_number(ctl, "age_s", age_s(conn->born));
	smb3_ctl_number(ctl, "worker", smb3_worker_index(conn->worker));
	return true;
}

static void conns_visit(struct smb3_ctl *ctl, struct smb3_worker *w)
{
	smb3_worker_each_conn(w, conn_row, &(struct listing){ ctl, ROWS_MAX });
}

void admin_conns(struct smb3_ctl *ctl)
{
	smb3_ctl_each_worker(ctl, conns_visit, list_done);
}

/* ---- sessions ---- */

static const char *const state_names[] = {
	[SMB3_SESSION_SETUP] = "setup",
	[SMB3_SESSION_VALID] = "valid",
	[SMB3_SESSION_EXPIRED] = "expired",
	[SMB3_SESSION_CLOSED] = "closed",
};

/* What the session's first channel says of it. */
static void session_conn(struct smb3_ctl *ctl, const struct smb3_session *s)
{
	const struct smb3_conn *conn =
		smb3_list_empty(&s->channels) ?
			NULL :
			SMB3_CONTAINER(s->channels.next, struct smb3_channel, session_link)->conn;

	smb3_ctl_text(ctl, "address", conn ? conn->peer_name : "");
	smb3_ctl_number(ctl, "conn", conn ? (int64_t)conn->id : 0);
	smb3_ctl_text(ctl, "dialect", conn && conn->dialect ? conn->dialect->name : "");
	smb3_ctl_text(ctl, "signing", s->sign ? s->sign->name : "");
	smb3_ctl_text(ctl, "cipher", conn && conn->cipher_name ? conn->cipher_name : "");
}

static bool session_row(struct smb3_session *s, void *arg)
{
	struct listing *l = arg;
	struct smb3_ctl *ctl = l->ctl;

	if (!room(l))
		return false;
	smb3_ctl_row(ctl);
	row_id(ctl, "id", s->id);
	smb3_ctl_text(ctl, "user", user_name(s));
	session_conn(ctl, s);
	smb3_ctl_text(ctl, "state", state_names[s->state]);
	smb3_ctl_number(ctl, "channels", list_length(&s->channels));
	smb3_ctl_number(ctl, "trees", (int64_t)s->trees.count);
	smb3_ctl_number(ctl, "opens", (int64_t)s->opens.count);
	smb3_ctl_bool(ctl, "signed", s->sign_required);
	smb3_ctl_bool(ctl, "encrypted", s->encrypt_required || s->encrypts);
	smb3_ctl_number(ctl, "age_s", age_s(s->born));
	smb3_ctl_number(ctl, "worker", smb3_worker_index(s->client->worker));
	return true;
}

static void sessions_visit(struct smb3_ctl *ctl, struct smb3_worker *w)
{
	smb3_worker_each_session(w, session_row, &(struct listing){ ctl, ROWS_MAX });
}

void admin_sessions(struct smb3_ctl *ctl)
{
	smb3_ctl_each_worker(ctl, sessions_visit, list_done);
}

/* ---- trees ---- */

static bool tree_row(struct smb3_hash_node *node, void *arg)
{
	const struct smb3_tree *t = SMB3_CONTAINER(node, struct smb3_tree, node);
	struct listing *l = arg;

	if (!room(l))
		return false;
	smb3_ctl_row(l->ctl);
	row_id(l->ctl, "session", t->session->id);
	smb3_ctl_number(l->ctl, "tree", t->id);
	smb3_ctl_text(l->ctl, "user", user_name(t->session));
	smb3_ctl_text(l->ctl, "share", t->share->name);
	smb3_ctl_number(l->ctl, "opens", t->n_opens);
	return true;
}

static bool session_trees(struct smb3_session *s, void *arg)
{
	smb3_hash_each(&s->trees, tree_row, arg);
	return ((struct listing *)arg)->left > 0;
}

static void trees_visit(struct smb3_ctl *ctl, struct smb3_worker *w)
{
	smb3_worker_each_session(w, session_trees, &(struct listing){ ctl, ROWS_MAX });
}

void admin_trees(struct smb3_ctl *ctl)
{
	smb3_ctl_each_worker(ctl, trees_visit, list_done);
}

/* ---- opens ---- */

/* Prints the path; the result is the oplock that stood with it. */
static uint8_t open_path(struct smb3_ctl *ctl, struct smb3_open *o)
{
	uint8_t oplock;

	if (!o->file) {
		smb3_ctl_text(ctl, "path", o->pipe ? o->path : "");
		return 0;
	}
	smb3_file_lock(o->file);
	smb3_ctl_text(ctl, "path", o->path);
	oplock = o->oplock;
	smb3_file_unlock(o->file);
	return oplock;
}

static bool open_row(struct smb3_hash_node *node, void *arg)
{
	struct smb3_open *o = SMB3_CONTAINER(node, struct smb3_open, node);
	struct listing *l = arg;
	uint8_t oplock;

	if (!room(l))
		return false;
	smb3_ctl_row(l->ctl);
	row_id(l->ctl, "session", o->session->id);
	row_id(l->ctl, "open", o->volatile_id);
	smb3_ctl_text(l->ctl, "user", user_name(o->session));
	smb3_ctl_text(l->ctl, "share", o->tree->share->name);
	oplock = open_path(l->ctl, o);
	smb3_ctl_printf(l->ctl, "access", "0x%08x", o->access);
	smb3_ctl_printf(l->ctl, "sharing", "0x%x", o->share_access);
	smb3_ctl_printf(l->ctl, "oplock", "0x%02x", oplock);
	smb3_ctl_bool(l->ctl, "directory", o->directory);
	smb3_ctl_number(l->ctl, "age_s", age_s(o->born));
	return true;
}

static bool session_opens(struct smb3_session *s, void *arg)
{
	struct listing *l = arg;
	const char *only = smb3_ctl_arg(l->ctl, 0);

	if (!only || strtoull(only, NULL, 0) == s->id)
		smb3_hash_each(&s->opens, open_row, arg);
	return l->left > 0;
}

static void opens_visit(struct smb3_ctl *ctl, struct smb3_worker *w)
{
	smb3_worker_each_session(w, session_opens, &(struct listing){ ctl, ROWS_MAX });
}

void admin_opens(struct smb3_ctl *ctl)
{
	smb3_ctl_each_worker(ctl, opens_visit, list_done);
}
