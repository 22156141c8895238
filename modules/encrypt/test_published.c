// SPDX-License-Identifier: Apache-2.0
/*
 * test_published.c: whole messages from Microsoft's "Encryption in SMB 3.0: a protocol perspective"
 * and "SMB 3.1.1 Encryption in Windows 10": keys from the session key, requests through the layer,
 * replies sealed as they were there.
 */
#include "encrypt.h"
#include "testmods.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#define MESSAGE_MAX 256
#define HEADER      52

struct exchange {
	const char *request, *plain_request, *reply, *plain_reply;
};

static const struct published {
	uint16_t dialect, cipher;
	uint64_t session_id;
	const char *session_key, *preauth, *dec_key, *enc_key; /* seen from the server */
	struct exchange exchanges[2];
} published[] = {
	{ SMB2_DIALECT_0300,
	  SMB2_ENCRYPTION_AES128_CCM,
	  0x8e40014000011,
	  "b4546771b515f766a86735532dd6c4f0",
	  "",
	  "261b72350558f2e9dcf613070383edbf",
	  "8fe2b57ec34d2db5b1a9727f526bbdb5",
	  { { "fd534d4281a286535415445dae393921e44fa42e66e69a111892584fb5ed524a"
	      "744da3ee87000000000001001100001400e4080025c8fee16605a437832d1cd5"
	      "2da9f4645333482a175fe5384563f45fcdafaef38bc62ba4d5c62897996625a4"
	      "4c29be5658de2e6117585779e7b59ffd971278d08580d7fa899e410e910eabf5"
	      "aa1db43050b33b49182637759ac15d84bfcdf5b6b238993c0f4cf4d6012023f6"
	      "c627297075d84b7803912d0a9639634453595ef3e33ffe4e7ac2ab",
	      "fe534d4240000100000000000900400008000000000000000400000000000000"
	      "fffe0000010000001100001400e4080000000000000000000000000000000000"
	      "3100700017000000000000000000000015010000390000020100000039020000"
	      "00000000000000007000000000000000536d623320656e6372797074696f6e20"
	      "74657374696e67",
	      "fd534d42a6015530a18f6d9affe22afae8e66484860000000000000011000014"
	      "00e4080050000000000001001100001400e40800dbf46435c5f14169293ce079"
	      "e344479bf670227e49873f458672c3098dac467dd5809f369d67409166515787"
	      "1483e01f7becd02064eac3e235f913668bbc2f097980d4b378f1993eff6e60d1"
	      "77309e5b",
	      "fe534d4240000100000000000900210009000000000000000400000000000000"
	      "fffe0000010000001100001400e4080000000000000000000000000000000000"
	      "11000000170000000000000000000000" },
	    { "fd534d42e93601498b76d6f7a72d5ef9b6c79fafa5123a25f983e245983f413b"
	      "8b429af271000000000001001100001400e408009a464f709aa663f8c2fc3907"
	      "d63cbf6f98b1e3dd649ed366009fd0b40a365224718e5440e053f6e01ae462fd"
	      "b721bf91c3a6e52e14f9eff005f445761289ff1272908b52754c8fcb949f228a"
	      "c104a66204289a205bcbc47509d04af9a907002b96863358b3b7cba5e3779300"
	      "74fcdf3550",
	      "fe534d4240000100000000000800400008000000000000000500000000000000"
	      "fffe0000010000001100001400e4080000000000000000000000000000000000"
	      "3100000017000000000000000000000015010000390000020100000039020000"
	      "0000000000000000000000000000000000",
	      "fd534d42abd518b68c2f04d7879f482b689eb83f870000000000000011000014"
	      "00e4080067000000000001001100001400e40800493d6fe2bdbeb435cf5f5469"
	      "70c7bb57bf20e713c75a3d045507e0d68e5c0346659d6ffb8ac1504a786ca2bb"
	      "89c9e7fe4f313e910a04180d2d0ea7df636329e5a3285984500ef86fe9d55da4"
	      "fab9531cfdd4c551d47f3c73124bb4590a45052b694048b991ccf5",
	      "fe534d4240000100000000000800210009000000000000000500000000000000"
	      "fffe0000010000001100001400e4080000000000000000000000000000000000"
	      "11005000170000000000000000000000536d623320656e6372797074696f6e20"
	      "74657374696e67" } } },
	{ SMB2_DIALECT_0311,
	  SMB2_ENCRYPTION_AES128_GCM,
	  0x100000000025,
	  "419fddf34c1e001909d362ae7fb6af79",
	  "b23f3cbfd69487d9832b79b1594a367cdd950909b774c3a4c412b4fcea9edddb"
	  "a7db256ba2ea30e977f11f9b113247578e0e915c6d2a513b8f2fca5707dc8770",
	  "a2f5e80e5d59103034f32e52f698e5ec",
	  "748c50868c90f302962a5c35f5f9a8bf",
	  { { "fd534d42bd73d97d2bc9001bcafac0fdff5feebcc7d6822d269caf48904c664c"
	      "0000000087000000000001002500000000100000"
	      "6ecdd2a7afc7b47763057a041b8fd4daffe990b70c9e09d36c084e02d14ef247"
	      "f8bde38acf6256f8b1d3b56f77fbdeb312fea5e92cbcc1ed8fb2ebbfaa75e49a"
	      "4a394bb44576545567c24d4c014d47c9fbdfdafd2c4f9b72f8d256452620a299"
	      "f48e29e53d6b61d1c13a19e91af013f00d17e3abc2fc3d36c8c1b6b939732538"
	      "52dbd442e46ee8",
	      "fe534d4240000100000000000900010008000000000000000500000000000000"
	      "fffe000001000000250000000010000000000000000000000000000000000000"
	      "3100700017000000000000000000000006000000040000000100000004000000"
	      "00000000000000007000000000000000536d623320656e6372797074696f6e20"
	      "74657374696e67",
	      "fd534d42acbe1cb7ed343adf1725ef144d90d4b0e06831dd2e8eb7b400000000"
	      "0000000050000000000001002500000000100000"
	      "26bbbf949983a6c1c796559d0f2c510cb651d1f7b6ac8ded32a2a0b8f2d793a8"
	      "15c6f6b848d69767a215841a42d400ae6ddb5f0b44173a014973321fdd7950da"
	      "6179159b82e03c9e18a050ff0ea1c967",
	      "fe534d4240000100000000000900010001000000000000000500000000000000"
	      "fffe000001000000250000000010000000000000000000000000000000000000"
	      "11000000170000000000000000000000" } } },
};

static struct test_mods *t;
static const struct smb3_layer *layer;

static void setup(void)
{
	t = test_mods_start("\"sign\", \"smb3\", \"smb311\", \"encrypt\"", "");
	cr_assert_not_null(t->server);
	layer = smb3_row(t->server, SMB3_KIND_LAYER, 0x424D53FD);
}

static void teardown(void)
{
	test_mods_stop(t);
}

TestSuite(published, .init = setup, .fini = teardown);

/* A connection with a session whose keys are derived. */
struct stage {
	struct smb3_client client;
	struct smb3_channel *ch;
};

static struct smb3_conn *stage_set(struct stage *g, const struct published *p)
{
	const struct smb3_dialect *dialect = smb3_row(t->server, SMB3_KIND_DIALECT, p->dialect);
	struct smb3_conn *conn = test_mods_conn(t);
	struct smb3_channel *ch = test_mods_channel(t);
	struct smb3_session *s = ch->session;

	conn->cipher = layer;
	conn->client = &g->client;
	ch->conn = conn;
	ch->bound = true;
	s->id = p->session_id;
	s->state = SMB3_SESSION_VALID;
	s->revision = p->dialect;
	s->cipher_id = p->cipher;
	s->key_len = test_hex(p->session_key, s->key, sizeof(s->key));
	test_hex(p->preauth, ch->preauth, sizeof(ch->preauth));
	smb3_hash_init(&g->client.sessions);
	smb3_hash_add(&g->client.sessions, &s->client_node, s->id);
	smb3_list_init(&s->channels);
	smb3_list_add(&s->channels, &ch->session_link);
	g->ch = ch;
	cr_assert_eq(dialect->derive(ch, false), 0);
	cr_expect(test_is_hex(s->dec_key, 16, p->dec_key));
	cr_expect(test_is_hex(s->enc_key, 16, p->enc_key));
	return conn;
}

static void stage_clear(struct stage *g, struct smb3_conn *conn)
{
	smb3_hash_remove(&g->client.sessions, &g->ch->session->client_node);
	smb3_hash_done(&g->client.sessions);
	test_mods_channel_free(t, g->ch);
	free(conn);
}

static void check_request(struct smb3_conn *conn, const struct exchange *x, uint64_t session_id)
{
	uint8_t data[MESSAGE_MAX];
	struct smb3_in in = { .data = data, .len = test_hex(x->request, data, sizeof(data)) };

	cr_assert_eq(layer->unwrap(conn, &in, MESSAGE_MAX), STATUS_SUCCESS);
	cr_expect(in.encrypted);
	cr_expect_eq(in.session_id, session_id);
	cr_expect(test_is_hex(in.data, in.len, x->plain_request));
}

/* The layer chooses nonces itself: the reply is sealed with the one that it had there. */
static void check_reply(const struct published *p, const struct smb3_session *s,
			const struct exchange *x)
{
	struct cipher_key *key = cipher_key_new(cipher_find(p->cipher), s->enc_key, true);
	uint8_t wanted[MESSAGE_MAX], data[MESSAGE_MAX], tag[CIPHER_TAG_SIZE];
	size_t len = test_hex(x->reply, wanted, sizeof(wanted));
	struct iovec iov = { data, test_hex(x->plain_reply, data, sizeof(data)) };
	struct iovec ad = { wanted + 20, HEADER - 20 };

	cr_assert_eq(iov.iov_len + HEADER, len);
	cr_assert_eq(cipher_seal(key, wanted + 20, ad, &iov, 1, tag), 0);
	cr_expect_arr_eq(data, wanted + HEADER, iov.iov_len);
	cr_expect_arr_eq(tag, wanted + 4, CIPHER_TAG_SIZE);
	cipher_key_free(key);
}

Test(published, messages)
{
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(published); i++) {
		const struct published *p = &published[i];
		struct stage g;
		struct smb3_conn *conn = stage_set(&g, p);

		for (size_t k = 0; k < SMB3_ARRAY_SIZE(p->exchanges); k++) {
			if (!p->exchanges[k].request)
				continue;
			check_request(conn, &p->exchanges[k], p->session_id);
			check_reply(p, g.ch->session, &p->exchanges[k]);
		}
		stage_clear(&g, conn);
	}
}

/* Each bit of the header counts, and each length that is not the message's. */
Test(published, a_header_that_was_changed_is_refused)
{
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(published); i++) {
		struct stage g;
		struct smb3_conn *conn = stage_set(&g, &published[i]);
		uint8_t good[MESSAGE_MAX], data[MESSAGE_MAX];
		size_t len = test_hex(published[i].exchanges[0].request, good, sizeof(good));

		for (size_t bit = 32; bit < len * 8; bit++) {
			struct smb3_in in = { .data = data, .len = len };

			memcpy(data, good, len);
			data[bit / 8] ^= (uint8_t)(1 << bit % 8);
			cr_expect_neq(layer->unwrap(conn, &in, MESSAGE_MAX), STATUS_SUCCESS,
				      "bit %zu", bit);
		}
		for (size_t n = 0; n < len; n++) {
			struct smb3_in in = { .data = data, .len = n };

			memcpy(data, good, len);
			cr_expect_neq(layer->unwrap(conn, &in, MESSAGE_MAX), STATUS_SUCCESS,
				      "%zu bytes", n);
		}
		stage_clear(&g, conn);
	}
}

static const struct published *const gcm = &published[1];

static ntstatus unwrap_good(struct smb3_conn *conn)
{
	uint8_t data[MESSAGE_MAX];
	struct smb3_in in = { .data = data };

	in.len = test_hex(gcm->exchanges[0].request, data, sizeof(data));
	return layer->unwrap(conn, &in, MESSAGE_MAX);
}

/* Who has no keys of his own has none that all know either. */
Test(published, sessions_without_keys_encrypt_nothing)
{
	struct stage g;
	struct smb3_conn *conn = stage_set(&g, gcm);
	struct smb3_session *s = g.ch->session;

	s->revision = SMB2_DIALECT_0210;
	cr_expect_neq(unwrap_good(conn), STATUS_SUCCESS, "a dialect without encryption");
	s->revision = SMB2_DIALECT_0311;
	s->guest = true;
	cr_expect_neq(unwrap_good(conn), STATUS_SUCCESS, "a guest");
	s->guest = false;
	s->anonymous = true;
	cr_expect_neq(unwrap_good(conn), STATUS_SUCCESS, "nobody");
	s->anonymous = false;
	s->state = SMB3_SESSION_SETUP;
	cr_expect_neq(unwrap_good(conn), STATUS_SUCCESS, "not logged on yet");
	s->state = SMB3_SESSION_VALID;
	g.ch->bound = false;
	cr_expect_neq(unwrap_good(conn), STATUS_SUCCESS, "a channel that is not bound");
	g.ch->bound = true;
	conn->cipher = NULL;
	cr_expect_neq(unwrap_good(conn), STATUS_SUCCESS, "no cipher was agreed on");
	conn->cipher = layer;
	cr_expect_eq(unwrap_good(conn), STATUS_SUCCESS);
	stage_clear(&g, conn);
}
