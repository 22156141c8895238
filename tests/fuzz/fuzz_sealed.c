// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_sealed.c: what lies behind a right signature and a right tag: two users on one connection,
 * each with keys, send messages in clear, signed and encrypted; compounds may mix their sessions.
 * Input: dialect, cipher and signing algorithm in one byte; then messages, each as
 *   how      one byte, bits HOW_
 *   who      one byte: whose keys
 *   lies     with HOW_LIE: 11 bytes, xored into the transform header from offset 36 (length, flags,
 *            first bytes of the session id), and 4 into the end of the nonce; the tag is right
 *   length   two bytes, and the message
 * Replies are opened and must be what was asked for: encrypted ones for encrypted requests, no
 * nonce twice, right tags and signatures. [MS-SMB2] 2.2.41, 3.1.4, 3.3.5.2.1.1
 */
#include "../../modules/encrypt/encrypt.h"
#include "core.h"
#include "fuzz.h"

#define HOW_SIGN    0x01
#define HOW_SEAL    0x02
#define HOW_RAW     0x04 /* ids are left as they are */
#define HOW_LIE     0x08
#define HOW_TWICE   0x10 /* a transform inside a transform */
#define HOW_NO_TAG  0x20 /* a wrong one */
#define TRANSFORM   52
#define AT_NONCE    20
#define AT_LENGTH   36
#define SEALED_KEPT 64

struct user {
	struct cipher_key *to, *from; /* the server; NULL: no cipher */
	void *sign;
	uint64_t next_nonce; /* of the server, at least */
};

static struct user users[FUZZ_USERS];
static uint64_t sealed_ids[SEALED_KEPT];
static size_t n_sealed;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	fuzz_server_start(NULL);
	return 0;
}

static int user_of(const struct fuzz_peer *p, uint64_t session_id)
{
	for (unsigned int i = 0; i < p->n_users; i++)
		if (p->users[i].session_id == session_id)
			return (int)i;
	return -1;
}

/* ---- signatures ---- */

static void signature(const struct fuzz_peer *p, const struct user *u, const uint8_t *pdu,
		      size_t len, uint8_t ret_signature[16])
{
	uint8_t header[SMB2_HEADER_SIZE];
	struct iovec iov[2] = { { header, sizeof(header) },
				{ (void *)(pdu + sizeof(header)), len - sizeof(header) } };
	struct smb3_sign_info info = { .from_server = pdu[16] & SMB2_FLAGS_SERVER_TO_REDIR,
				       .cancel = pdu[12] == SMB2_CANCEL && !pdu[13] };
	struct smb3_cursor c = smb3_cursor_init(pdu, len);

	smb3_cursor_seek(&c, 24);
	info.message_id = smb3_get_u64(&c);
	memcpy(header, pdu, sizeof(header));
	memset(header + 48, 0, 16);
	CHECK(p->conn->sign->sign(u->sign, &info, iov, 2, ret_signature) == 0);
}

static size_t pdu_len(const uint8_t *pdu, size_t left)
{
	struct smb3_cursor c = smb3_cursor_init(pdu, left);
	uint32_t next;

	smb3_cursor_seek(&c, 20);
	next = smb3_get_u32(&c);
	return next >= SMB2_HEADER_SIZE && next <= left ? next : left;
}

static void sign_all(struct fuzz_peer *p, struct user *u, uint8_t *data, size_t len)
{
	for (size_t at = 0, n; len - at >= SMB2_HEADER_SIZE && u->sign; at += n) {
		n = pdu_len(data + at, len - at);
		data[at + 16] |= SMB2_FLAGS_SIGNED;
		signature(p, u, data + at, n, data + at + 48);
	}
}

/* Of whoever logged on last: in 3.1.1 a TREE_CONNECT in clear ends the connection. 3.3.5.7 */
static void prove(struct fuzz_peer *p, uint8_t *data, size_t len)
{
	sign_all(p, &users[p->n_users], data, len);
}

/* ---- encryption ---- */

static void note_ids(const uint8_t *data, size_t len)
{
	for (size_t at = 0; len - at >= SMB2_HEADER_SIZE; at += pdu_len(data + at, len - at)) {
		struct smb3_cursor c = smb3_cursor_init(data + at, len - at);

		smb3_cursor_seek(&c, 24);
		/* A CANCEL names the id of another, and has no reply. */
		if (data[at + 12] != SMB2_CANCEL)
			sealed_ids[n_sealed++ % SEALED_KEPT] = smb3_get_u64(&c);
	}
}

static bool was_sealed(uint64_t id)
{
	for (size_t i = 0; i < n_sealed && i < SEALED_KEPT; i++)
		if (sealed_ids[i] == id)
			return true;
	return false;
}

/* The header goes in front of data. */
static void seal(const struct fuzz_peer *p, const struct user *u, struct iovec data,
		 const uint8_t *lies)
{
	static uint64_t nonce;
	uint8_t *header = (uint8_t *)data.iov_base - TRANSFORM;

	memset(header, 0, TRANSFORM);
	smb3_store_u32(header, SMB2_TRANSFORM_MAGIC);
	smb3_store_u64(header + AT_NONCE, ++nonce);
	smb3_store_u32(header + AT_LENGTH, (uint32_t)data.iov_len);
	smb3_store_u16(header + 42, 1);
	smb3_store_u64(header + 44, p->users[u - users].session_id);
	for (size_t i = 0; i < 11; i++)
		header[AT_LENGTH + i] ^= lies[i];
	for (size_t i = 0; i < 4; i++)
		header[AT_LENGTH - 4 + i] ^= lies[11 + i];
	CHECK(cipher_seal(u->to, header + AT_NONCE,
			  (struct iovec){ header + AT_NONCE, TRANSFORM - AT_NONCE }, &data, 1,
			  header + 4) == 0);
}

/* ---- replies ---- */

static size_t unseal(struct fuzz_peer *p, uint8_t *data, size_t len)
{
	struct smb3_cursor c = smb3_cursor_init(data, len);
	struct iovec ad = { data + AT_NONCE, TRANSFORM - AT_NONCE };
	uint64_t nonce;
	int who;

	smb3_cursor_seek(&c, AT_NONCE);
	nonce = smb3_get_u64(&c);
	CHECK(smb3_get_u64(&c) == 0);
	CHECK(smb3_get_u32(&c) == len - TRANSFORM);
	CHECK(smb3_get_u16(&c) == 0 && smb3_get_u16(&c) == 1);
	who = user_of(p, smb3_get_u64(&c));
	CHECK(smb3_cursor_ok(&c) && who >= 0 && users[who].from);
	CHECK(nonce >= users[who].next_nonce);
	users[who].next_nonce = nonce + 1;
	CHECK(cipher_open(users[who].from, data + AT_NONCE, ad,
			  (struct iovec){ data + TRANSFORM, len - TRANSFORM }, data + 4) == 0);
	return TRANSFORM;
}

static void look(struct fuzz_peer *p, const uint8_t *pdu, size_t len)
{
	struct smb3_cursor c = smb3_cursor_init(pdu, len);
	uint8_t right[16];
	uint64_t id;
	int who;

	smb3_cursor_seek(&c, 24);
	id = smb3_get_u64(&c);
	smb3_cursor_seek(&c, 40);
	who = user_of(p, smb3_get_u64(&c));
	CHECK(p->reply_sealed || !was_sealed(id));
	if (p->reply_sealed || !(pdu[16] & SMB2_FLAGS_SIGNED) || who < 0 || !users[who].sign)
		return;
	signature(p, &users[who], pdu, len, right);
	CHECK(!memcmp(right, pdu + 48, sizeof(right)));
}

/* ---- two users ---- */

static void put_context(struct smb3_builder *b, uint16_t type, const uint16_t *words, size_t n)
{
	smb3_put_align(b, 8);
	smb3_put_u16(b, type);
	smb3_put_u16(b, (uint16_t)(2 * n));
	smb3_put_u32(b, 0);
	for (size_t i = 0; i < n; i++)
		smb3_put_u16(b, words[i]);
}

static void negotiate_311(struct fuzz_peer *p, uint16_t cipher, uint16_t signing)
{
	static const uint16_t preauth[] = { 1, 2, 1, 0x3333 };
	const uint16_t ciphers[] = { 1, cipher }, algorithms[] = { 1, signing };
	uint8_t body[128];
	struct smb3_builder b = smb3_builder_init(body, sizeof(body));

	smb3_put_u16(&b, 36);
	smb3_put_u16(&b, 1);
	smb3_put_u16(&b, SMB2_NEGOTIATE_SIGNING_ENABLED);
	smb3_put_u16(&b, 0);
	smb3_put_u32(&b, 0x7f);
	memset(smb3_put_space(&b, 16), 0x66, 16);
	smb3_put_u32(&b, SMB2_HEADER_SIZE + 40);
	smb3_put_u32(&b, 3);
	smb3_put_u16(&b, SMB2_DIALECT_0311);
	put_context(&b, SMB2_PREAUTH_INTEGRITY_CAPABILITIES, preauth, SMB3_ARRAY_SIZE(preauth));
	put_context(&b, SMB2_ENCRYPTION_CAPABILITIES, ciphers, SMB3_ARRAY_SIZE(ciphers));
	put_context(&b, SMB2_SIGNING_CAPABILITIES, algorithms, SMB3_ARRAY_SIZE(algorithms));
	fuzz_request(p, SMB2_NEGOTIATE, 0, body, b.len);
}

/* What SESSION_SETUP does when a log-on has succeeded. */
static void log_on(struct fuzz_peer *p, struct user *u)
{
	struct smb3_session *s = smb3_session_new(p->conn);
	const struct cipher *cipher = cipher_find(p->conn->cipher_id);
	const struct smb3_sign *sign = p->conn->sign;
	struct smb3_identity *id = NULL;
	struct smb3_channel *ch;

	CHECK(s);
	CHECK(smb3_identity_new(p->conn->server, "user", "", "nobody", &id) == 0);
	ch = smb3_channel_find(s, p->conn);
	s->key_len = 16;
	memset(s->key, 'k', s->key_len);
	s->key[0] = (uint8_t)s->id;
	CHECK(p->conn->dialect->derive(ch, false) == 0);
	CHECK(!sign || smb3_channel_key(ch));
	s->sign = s->sign_elsewhere = sign;
	memcpy(s->sign_key, ch->sign_key, sizeof(s->sign_key));
	ch->bound = true;
	smb3_session_valid(s, id);
	p->session_id = s->id;
	*u = (struct user){ .sign = sign ? sign->key(ch->sign_key) : NULL };
	if (cipher) {
		u->to = cipher_key_new(cipher, s->dec_key, true);
		u->from = cipher_key_new(cipher, s->enc_key, false);
		CHECK(u->to && u->from);
	}
}

static void prepare(struct fuzz_peer *p, uint8_t choice)
{
	n_sealed = 0;
	memset(users, 0, sizeof(users));
	fuzz_reset();
	fuzz_connect(p);
	p->unseal = unseal;
	p->look = look;
	if (choice & 0x80)
		fuzz_negotiate(p, choice & 1 ? SMB2_DIALECT_0300 : SMB2_DIALECT_0210);
	else
		negotiate_311(p, 1 + (choice & 3), (choice >> 2) % 3);
	if (p->gone || p->status != STATUS_SUCCESS)
		return;
	p->prove = prove;
	for (unsigned int i = 0; i < FUZZ_USERS; i++) {
		log_on(p, &users[i]);
		fuzz_tree_connect(p);
		fuzz_create(p, i ? "file" : "", i ? FILE_OPEN_IF : FILE_OPEN, 0, NULL, 0);
		fuzz_create(p, i ? "folder\\b" : "folder", FILE_OPEN_IF,
			    i ? FILE_DELETE_ON_CLOSE : FILE_DIRECTORY_FILE, NULL, 0);
		p->users[p->n_users++] = (struct fuzz_user){ p->session_id, p->tree, p->ipc };
		CHECK(!p->gone && p->status == STATUS_SUCCESS);
	}
}

static void forget(struct fuzz_peer *p, const struct smb3_sign *sign)
{
	for (unsigned int i = 0; i < p->n_users; i++) {
		cipher_key_free(users[i].to);
		cipher_key_free(users[i].from);
		if (users[i].sign)
			sign->free(users[i].sign);
	}
}

/* ---- messages ---- */

static void send_one(struct fuzz_peer *p, struct smb3_cursor *c)
{
	uint8_t how = smb3_get_u8(c), lies[15] = { 0 }, *block, *data;
	struct user *u = &users[smb3_get_u8(c) % FUZZ_USERS];
	size_t n, left;

	if (how & HOW_LIE && smb3_cursor_left(c) > sizeof(lies))
		memcpy(lies, smb3_get_bytes(c, sizeof(lies)), sizeof(lies));
	n = smb3_get_u16(c);
	left = smb3_cursor_left(c);
	n = n < left ? n : left;
	block = malloc(2 * TRANSFORM + n);
	data = block + 2 * TRANSFORM;
	if (n)
		memcpy(data, smb3_get_bytes(c, n), n);
	if (!(how & HOW_RAW))
		fuzz_fix(p, data, n);
	if (how & HOW_SIGN)
		sign_all(p, u, data, n);
	if (how & HOW_SEAL && u->to)
		note_ids(data, n);
	for (int turns = how & HOW_TWICE ? 2 : 1; how & HOW_SEAL && u->to && turns; turns--) {
		seal(p, u, (struct iovec){ data, n }, lies);
		data -= TRANSFORM;
		n += TRANSFORM;
	}
	if (how & HOW_NO_TAG && n > 4)
		data[4] ^= 1;
	fuzz_send(p, data, n);
	free(block);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct smb3_cursor c = smb3_cursor_init(data, len);
	const struct smb3_sign *sign;
	struct fuzz_peer peer;

	prepare(&peer, smb3_get_u8(&c));
	sign = peer.conn->sign;
	while (peer.n_users && !peer.gone && smb3_cursor_left(&c) > 4)
		send_one(&peer, &c);
	fuzz_end(&peer);
	forget(&peer, sign);
	return 0;
}
