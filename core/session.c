// SPDX-License-Identifier: Apache-2.0
/*
 * session.c: sessions and their channels: birth, look-up, replacement, end.
 * A session that ended is found by nobody; references keep its memory only. [MS-SMB2] 3.3.1.8
 */
#include "core.h"

#define STRANGER_SESSIONS 8

/* ---- references ---- */

struct smb3_session *smb3_session_ref(struct smb3_session *s)
{
	SMB3_CHECK(s, SMB3_SESSION_MAGIC);
	s->refs++;
	return s;
}

void smb3_session_unref(struct smb3_session *s)
{
	struct smb3_client *client;

	if (!s)
		return;
	SMB3_CHECK(s, SMB3_SESSION_MAGIC);
	if (--s->refs)
		return;
	client = s->client;
	smb3_slots_fini(client->worker->server, SMB3_SLOT_SESSION, s);
	smb3_identity_unref(s->identity);
	smb3_hash_done(&s->trees);
	smb3_hash_done(&s->opens);
	s->magic = 0;
	smb3_wipe(s, sizeof(*s)); /* keys */
	free(s);
	smb3_client_unref(client);
}

struct smb3_channel *smb3_channel_ref(struct smb3_channel *ch)
{
	SMB3_CHECK(ch, SMB3_CHANNEL_MAGIC);
	ch->refs++;
	return ch;
}

void smb3_channel_unref(struct smb3_channel *ch)
{
	if (!ch)
		return;
	SMB3_CHECK(ch, SMB3_CHANNEL_MAGIC);
	if (--ch->refs)
		return;
	smb3_auth_free(ch->auth);
	if (ch->sign_ctx)
		ch->sign->free(ch->sign_ctx);
	ch->magic = 0;
	smb3_wipe(ch, sizeof(*ch));
	free(ch);
}

/* ---- birth ---- */

struct smb3_channel *smb3_channel_new(struct smb3_session *s, struct smb3_conn *conn)
{
	struct smb3_channel *ch = smb3_alloc(sizeof(*ch));

	ch->magic = SMB3_CHANNEL_MAGIC;
	ch->refs = 1;
	ch->session = s;
	ch->conn = conn;
	smb3_list_add(&s->channels, &ch->session_link);
	smb3_list_add(&conn->channels, &ch->conn_link);
	return ch;
}

void smb3_req_sign_as(struct smb3_req *req, const struct smb3_sign *sign, const uint8_t key[16])
{
	void *ctx = sign && req->hdr.flags & SMB2_FLAGS_SIGNED ? sign->key(key) : NULL;
	struct smb3_channel *ch;

	if (!ctx)
		return;
	ch = smb3_alloc(sizeof(*ch)); /* of no session */
	ch->magic = SMB3_CHANNEL_MAGIC;
	ch->refs = 1;
	ch->conn = req->conn;
	ch->sign = sign;
	ch->sign_ctx = ctx;
	if (!smb3_req_verify(req, sign, ctx)) {
		smb3_channel_unref(ch);
		return;
	}
	smb3_channel_unref(req->channel);
	req->channel = ch;
	req->sign_reply = true;
}

/* The worker's number is part of the id: a session is found from anywhere by it. */
static uint64_t session_id_new(struct smb3_worker *w)
{
	uint64_t n = 1 + atomic_fetch_add(&w->server->next_session_id, 1);

	return n * SMB3_WORKERS_MAX + w->index;
}

static int64_t count_channels(const struct smb3_conn *conn)
{
	int64_t n = 0;

	SMB3_LIST_EACH(&conn->channels, node)
		n++;
	return n;
}

struct smb3_session *smb3_session_new(struct smb3_conn *conn)
{
	int64_t most = smb3_server_limits(conn->server)->sessions;
	struct smb3_worker *w = conn->worker;
	struct smb3_session *s;

	/* Nobody needs several log-ons at once before the first has succeeded. */
	if (!conn->logged_on && most > STRANGER_SESSIONS)
		most = STRANGER_SESSIONS;
	if (count_channels(conn) >= most) {
		smb3_limit_hit(conn, NULL, "limits.sessions", STATUS_INSUFFICIENT_RESOURCES);
		return NULL;
	}
	s = smb3_object_alloc(conn->server, SMB3_SLOT_SESSION);
	s->magic = SMB3_SESSION_MAGIC;
	s->refs = 1; /* the tables' */
	s->id = session_id_new(w);
	s->client = conn->client;
	s->client->refs++;
	s->revision = conn->revision;
	s->cipher_id = conn->cipher_id;
	s->client_guid = conn->client_guid;
	s->born = smb3_clock();
	smb3_list_init(&s->channels);
	smb3_hash_init(&s->trees);
	smb3_hash_init(&s->opens);
	smb3_hash_add(&conn->client->sessions, &s->client_node, s->id);
	smb3_hash_add(&w->sessions, &s->worker_node, s->id);
	smb3_slots_init(conn->server, SMB3_SLOT_SESSION, s);
	smb3_channel_new(s, conn);
	return s;
}

struct smb3_session *smb3_session_find(const struct smb3_client *client, uint64_t id)
{
	struct smb3_hash_node *n = smb3_hash_find(&client->sessions, id);

	return n ? SMB3_CONTAINER(n, struct smb3_session, client_node) : NULL;
}

struct smb3_channel *smb3_channel_find(const struct smb3_session *s, const struct smb3_conn *conn)
{
	SMB3_LIST_EACH(&s->channels, node) {
		struct smb3_channel *ch = SMB3_CONTAINER(node, struct smb3_channel, session_link);

		if (ch->conn == conn)
			return ch;
	}
	return NULL;
}

/* ---- log-on ---- */

bool smb3_channel_key(struct smb3_channel *ch)
{
	const struct smb3_sign *sign = ch->conn->sign;
	void *ctx = sign ? sign->key(ch->sign_key) : NULL;

	if (!ctx)
		return false;
	if (ch->sign_ctx)
		ch->sign->free(ch->sign_ctx);
	ch->sign = sign;
	ch->sign_ctx = ctx;
	return true;
}

/* A user who logs on again has new groups: trees follow. What is open stays as it was opened. */
static bool tree_follow(struct smb3_hash_node *node, void *arg)
{
	struct smb3_tree *t = SMB3_CONTAINER(node, struct smb3_tree, node);
	struct smb3_session *s = arg;

	if (t->follows) {
		smb3_identity_unref(t->identity);
		t->identity = smb3_identity_ref(s->identity);
	}
	return true;
}

void smb3_session_valid(struct smb3_session *s, struct smb3_identity *identity)
{
	smb3_identity_unref(s->identity);
	s->identity = identity;
	smb3_hash_each(&s->trees, tree_follow, s);
	s->state = SMB3_SESSION_VALID;
	SMB3_LIST_EACH(&s->channels, node) {
		struct smb3_conn *conn =
			SMB3_CONTAINER(node, struct smb3_channel, session_link)->conn;

		conn->logged_on = true;
	}
}

/* ---- the end ---- */

static void channel_unlink(struct smb3_channel *ch)
{
	if (ch->session->state == SMB3_SESSION_CLOSED) {
		ch->conn->ended_id = ch->session->id;
		ch->conn->ended_sign = ch->sign;
		memcpy(ch->conn->ended_key, ch->sign_key, sizeof(ch->sign_key));
	}
	smb3_list_remove(&ch->session_link);
	smb3_list_remove(&ch->conn_link);
	smb3_auth_free(ch->auth);
	ch->auth = NULL;
	ch->bound = false;
	smb3_channel_unref(ch);
}

void smb3_channel_close(struct smb3_channel *ch)
{
	struct smb3_session *s = ch->session;

	if (s->channels.next == &ch->session_link && s->channels.prev == &ch->session_link) {
		smb3_session_close(s, NULL);
		return;
	}
	smb3_reqs_cancel(ch->conn, s, NULL, STATUS_CANCELLED);
	channel_unlink(ch);
}

static void logoff_hook(struct smb3_session *s, const char *why)
{
	struct smb3_event event = { .point = SMB3_HOOK_LOGOFF,
				    .server = s->client->worker->server,
				    .worker = s->client->worker,
				    .session = s,
				    .who = s->identity };

	if (!s->identity || !smb3_hooked(event.server, SMB3_HOOK_LOGOFF))
		return;
	snprintf(event.reason, sizeof(event.reason), "%s", why ? why : "");
	smb3_hook_run(&event);
}

static bool tree_close_one(struct smb3_hash_node *node, void *arg)
{
	smb3_tree_close(SMB3_CONTAINER(node, struct smb3_tree, node));
	return true;
}

void smb3_session_close(struct smb3_session *s, const char *why)
{
	SMB3_CHECK(s, SMB3_SESSION_MAGIC);
	if (s->state == SMB3_SESSION_CLOSED)
		return;
	if (why)
		smb3_log(SMB3_LOG_INFO, "session 0x%llx: closed: %s", (unsigned long long)s->id,
			 why);
	s->state = SMB3_SESSION_CLOSED;
	s->ending += s->sealing;
	smb3_hash_remove(&s->client->sessions, &s->client_node);
	smb3_hash_remove(&s->client->worker->sessions, &s->worker_node);
	logoff_hook(s, why);
	SMB3_LIST_EACH(&s->channels, node) {
		struct smb3_channel *ch = SMB3_CONTAINER(node, struct smb3_channel, session_link);

		smb3_reqs_cancel(ch->conn, s, NULL, STATUS_USER_SESSION_DELETED);
	}
	smb3_hash_each(&s->trees, tree_close_one, NULL);
	SMB3_LIST_EACH(&s->channels, node)
		channel_unlink(SMB3_CONTAINER(node, struct smb3_channel, session_link));
	smb3_session_unref(s);
}

void smb3_session_await(struct smb3_session *s, struct smb3_mail *mail)
{
	if (!s->ending) {
		smb3_mail_post(s->client->worker, mail);
		return;
	}
	mail->next = s->awaiting;
	s->awaiting = mail;
}

void smb3_session_open_ended(struct smb3_session *s)
{
	if (--s->ending)
		return;
	while (s->awaiting) {
		struct smb3_mail *mail = s->awaiting;

		s->awaiting = mail->next;
		smb3_mail_post(s->client->worker, mail);
	}
}

/* A reply that the pool encrypts or signs: whoever waits for the session's end hears of it after that. */
void smb3_session_seals(struct smb3_session *s)
{
	s->sealing++;
	s->ending += s->state == SMB3_SESSION_CLOSED;
}

void smb3_session_sealed(struct smb3_session *s)
{
	if (!s)
		return;
	s->sealing--;
	if (s->state == SMB3_SESSION_CLOSED)
		smb3_session_open_ended(s);
}

static void settled(struct smb3_worker *w, struct smb3_mail *mail)
{
	struct smb3_req *req = SMB3_CONTAINER(mail, struct smb3_req, mail);

	smb3_req_finish(req, req->cancelled ? req->status : STATUS_SUCCESS);
}

/* The mail is sure to come. */
static void settle_cancel(struct smb3_req *req)
{
}

ntstatus smb3_session_settle(struct smb3_session *s, struct smb3_req *req)
{
	if (!s->ending)
		return STATUS_SUCCESS;
	req->mail.fn = settled;
	smb3_req_pend(req, settle_cancel, false);
	smb3_session_await(s, &req->mail);
	return STATUS_PENDING;
}

struct smb3_session *smb3_worker_session(const struct smb3_worker *w, uint64_t id)
{
	struct smb3_hash_node *n = smb3_hash_find(&w->sessions, id);

	return n ? SMB3_CONTAINER(n, struct smb3_session, worker_node) : NULL;
}

struct smb3_worker *smb3_session_worker(struct smb3_server *server, uint64_t id)
{
	return smb3_server_worker(server, id % SMB3_WORKERS_MAX);
}
