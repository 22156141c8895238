// SPDX-License-Identifier: Apache-2.0
/*
 * test_encrypt.c: ciphers against what others computed, and messages through the layer.
 */
#include "encrypt.h"
#include "testmods.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <errno.h>
#include <stdlib.h>

/* ---- ciphers ---- */

/* GCM: test cases 4 and 16 of "The Galois/Counter Mode of Operation" (McGrew, Viega). CCM: computed
 * with another implementation. */
static const struct {
	uint16_t id;
	const char *key, *nonce, *ad, *plain, *sealed, *tag;
} known[] = {
	{ SMB2_ENCRYPTION_AES128_GCM, "feffe9928665731c6d6a8f9467308308",
	  "cafebabefacedbaddecaf888 00000000", "feedfacedeadbeeffeedfacedeadbeefabaddad2",
	  "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
	  "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
	  "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
	  "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091",
	  "5bc94fbc3221a5db94fae95ae7121a47" },
	{ SMB2_ENCRYPTION_AES256_GCM,
	  "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
	  "cafebabefacedbaddecaf888 00000000", "feedfacedeadbeeffeedfacedeadbeefabaddad2",
	  "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
	  "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
	  "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
	  "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
	  "76fc6ece0f4e1768cddf8853bb2d551b" },
	{ SMB2_ENCRYPTION_AES128_CCM, "000102030405060708090a0b0c0d0e0f",
	  "404142434445464748494a 0000000000",
	  "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f",
	  "546865206e6f6e6365206d757374206e6f742062652075736564207477696365"
	  "20776974682061206b65792e",
	  "ad298857e75150eb4f8e12cda364e1cba3725a58455dd4f1628ee3384b5baf51"
	  "13d815a4fd9c423ead9b8171",
	  "571dd24a06c9bc8fbf229c172c7ab190" },
	{ SMB2_ENCRYPTION_AES256_CCM,
	  "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
	  "404142434445464748494a 0000000000",
	  "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f",
	  "546865206e6f6e6365206d757374206e6f742062652075736564207477696365"
	  "20776974682061206b65792e",
	  "2165168a6585ec570ff8a5fef2d06a5ee7efc728144423bad8354b97180fac91"
	  "086372f606aa7eed52d1e7a4",
	  "47d6541c2c1d7bd96344e186c4577d54" },
};

/* Twice with the same key: the second must not depend on the first. */
static void check_known(size_t i)
{
	const struct cipher *cipher = cipher_find(known[i].id);
	uint8_t key[32], nonce[CIPHER_NONCE_SIZE], ad[64], data[128], tag[CIPHER_TAG_SIZE];
	struct cipher_key *seal, *open;
	struct iovec about = { ad, test_hex(known[i].ad, ad, sizeof(ad)) }, iov = { data, 0 };

	cr_assert_eq(test_hex(known[i].key, key, sizeof(key)), cipher->key_len);
	test_hex(known[i].nonce, nonce, sizeof(nonce));
	seal = cipher_key_new(cipher, key, true);
	open = cipher_key_new(cipher, key, false);
	for (int turn = 0; turn < 2; turn++) {
		iov.iov_len = test_hex(known[i].plain, data, sizeof(data));
		cr_assert_eq(cipher_seal(seal, nonce, about, &iov, 1, tag), 0);
		cr_assert(test_is_hex(data, iov.iov_len, known[i].sealed), "%s", cipher->name);
		cr_assert(test_is_hex(tag, sizeof(tag), known[i].tag), "%s", cipher->name);
		cr_assert_eq(cipher_open(open, nonce, about, iov, tag), 0);
		cr_assert(test_is_hex(data, iov.iov_len, known[i].plain));
	}
	cipher_key_free(seal);
	cipher_key_free(open);
}

Test(cipher, known_answers)
{
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(known); i++)
		check_known(i);
}

/* ---- one key, several threads ---- */

#define THREADS 6

struct crowd {
	struct cipher_key *seal, *open;
	_Atomic uint32_t next;
};

/* Counts what does not come back as it was. */
static void *seal_often(void *arg)
{
	static const uint8_t about[32];
	struct iovec ad = { (void *)(uintptr_t)about, sizeof(about) };
	struct crowd *crowd = arg;
	uint8_t *data = smb3_alloc(70000), *copy = smb3_alloc(70000), tag[CIPHER_TAG_SIZE];
	struct iovec iov = { data, 70000 };
	uintptr_t wrong = 0;

	for (int i = 0; i < 60; i++) {
		uint8_t nonce[CIPHER_NONCE_SIZE] = { 0 };

		smb3_store_u32(nonce, atomic_fetch_add(&crowd->next, 1));
		memset(data, i, 70000);
		memcpy(copy, data, 70000);
		wrong += cipher_seal(crowd->seal, nonce, ad, &iov, 1, tag) != 0 ||
			 cipher_open(crowd->open, nonce, ad, iov, tag) != 0 ||
			 memcmp(data, copy, 70000);
	}
	free(data);
	free(copy);
	return (void *)wrong;
}

Test(cipher, one_key_on_several_threads, .timeout = 60)
{
	static const uint8_t bytes[32] = { 4 };

	for (uint16_t id = 1; id <= 4; id++) {
		struct crowd crowd = { cipher_key_new(cipher_find(id), bytes, true),
				       cipher_key_new(cipher_find(id), bytes, false), 0 };
		pthread_t threads[THREADS];
		void *wrong;

		for (int k = 0; k < THREADS; k++)
			cr_assert_eq(pthread_create(&threads[k], NULL, seal_often, &crowd), 0);
		for (int k = 0; k < THREADS; k++) {
			pthread_join(threads[k], &wrong);
			cr_expect_null(wrong, "cipher %u", id);
		}
		cipher_key_free(crowd.seal);
		cipher_key_free(crowd.open);
	}
}

static void check_tampered(const struct cipher *cipher)
{
	uint8_t key[32] = { 7 }, nonce[CIPHER_NONCE_SIZE] = { 1 }, ad[32] = { 2 },
		data[300] = { 3 };
	uint8_t copy[300], tag[CIPHER_TAG_SIZE];
	struct cipher_key *seal = cipher_key_new(cipher, key, true),
			  *open = cipher_key_new(cipher, key, false);
	struct iovec about = { ad, sizeof(ad) }, iov = { data, sizeof(data) };
	uint8_t *const places[] = {
		data, data + 299, tag, tag + 15, ad, ad + 31, nonce, nonce + 10
	};

	cr_assert_eq(cipher_seal(seal, nonce, about, &iov, 1, tag), 0);
	memcpy(copy, data, sizeof(copy));
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(places); i++) {
		memcpy(data, copy, sizeof(copy));
		*places[i] ^= 0x80;
		cr_expect_eq(cipher_open(open, nonce, about, iov, tag), -EBADMSG, "%s, place %zu",
			     cipher->name, i);
		*places[i] ^= places[i] >= data && places[i] < data + 300 ? 0 : 0x80;
	}
	memcpy(data, copy, sizeof(copy));
	cr_expect_eq(cipher_open(open, nonce, about, iov, tag), 0, "%s", cipher->name);
	cipher_key_free(seal);
	cipher_key_free(open);
}

Test(cipher, what_was_changed_is_refused)
{
	for (uint16_t id = 1; id <= 4; id++)
		check_tampered(cipher_find(id));
	cr_expect_null(cipher_find(0));
	cr_expect_null(cipher_find(5));
}

/* ---- the layer ---- */

static uint64_t wrapped_nonce(const struct smb3_layer *layer, struct smb3_channel *ch)
{
	struct smb3_arena *a = smb3_arena_new();
	uint8_t *block = smb3_arena_alloc(a, SMB3_OUT_HEADROOM + 200);
	struct iovec iov[2] = { { block + SMB3_OUT_HEADROOM, 100 },
				{ block + SMB3_OUT_HEADROOM + 100, 100 } };
	struct smb3_out out = { .arena = a, .iov = iov, .n_iov = 2, .max_iov = 2, .len = 200 };
	struct smb3_cursor c;
	uint64_t nonce;

	cr_assert_eq(layer->wrap(ch->conn, ch->session, true, &out), 0);
	cr_assert_eq(out.len, 252);
	c = smb3_cursor_init(out.iov[0].iov_base, 52);
	smb3_cursor_seek(&c, 20);
	nonce = smb3_get_u64(&c);
	cr_expect_eq(smb3_get_u64(&c), 0u);
	cr_expect_eq(smb3_get_u32(&c), 200u);
	smb3_arena_free(a);
	return nonce;
}

/* The sealing key is one for all channels of the session: so is the counter. */
Test(encrypt, a_nonce_is_never_used_twice)
{
	struct test_mods *t = test_mods_start("\"encrypt\"", "");
	struct smb3_channel *ch = test_mods_channel(t), second;
	const struct smb3_layer *layer = smb3_row(t->server, SMB3_KIND_LAYER, 0x424D53FD);
	struct smb3_conn *other = test_mods_conn(t);
	uint64_t last;

	second = *ch;
	second.conn = other;
	ch->session->state = SMB3_SESSION_VALID;
	ch->session->revision = SMB2_DIALECT_0311;
	ch->session->key_len = 16;
	ch->session->cipher_id = SMB2_ENCRYPTION_AES128_GCM;
	last = wrapped_nonce(layer, ch);
	for (int i = 0; i < 1000; i++) {
		uint64_t nonce = wrapped_nonce(layer, i % 2 ? ch : &second);

		cr_assert_gt(nonce, last);
		last = nonce;
	}
	test_mods_channel_free(t, ch);
	free(other);
	test_mods_stop(t);
}

static int wrap_one(const struct smb3_layer *layer, struct smb3_channel *ch)
{
	struct smb3_arena *a = smb3_arena_new();
	uint8_t *block = smb3_arena_alloc(a, SMB3_OUT_HEADROOM + 160);
	struct iovec iov = { block + SMB3_OUT_HEADROOM, 160 };
	struct smb3_out out = { .arena = a, .iov = &iov, .n_iov = 1, .max_iov = 1, .len = 160 };
	int err = layer->wrap(ch->conn, ch->session, true, &out);

	smb3_arena_free(a);
	return err;
}

/* Ten blocks and what goes around them: the last message that a key may seal, and one too many. */
Test(encrypt, a_key_wears_out)
{
	struct test_mods *t = test_mods_start("\"encrypt\"", "");
	struct smb3_channel *ch = test_mods_channel(t);
	const struct smb3_layer *layer = smb3_row(t->server, SMB3_KIND_LAYER, 0x424D53FD);
	const struct smb3_provide *const *rows;
	struct transform *tr = NULL;
	size_t n;

	rows = smb3_rows(t->server, SMB3_KIND_SLOT, &n);
	for (size_t i = 0; i < n; i++)
		if (((const struct smb3_slot *)rows[i]->row)->kind == SMB3_SLOT_SESSION)
			tr = smb3_slot(rows[i]->row, ch->session);
	ch->conn = test_mods_conn(t);
	ch->session->state = SMB3_SESSION_VALID;
	ch->session->revision = SMB2_DIALECT_0311;
	ch->session->key_len = 16;
	ch->session->cipher_id = SMB2_ENCRYPTION_AES128_GCM;
	cr_assert_not_null(tr);
	tr->blocks = TRANSFORM_BLOCKS_MAX - 13;
	cr_expect_eq(wrap_one(layer, ch), 0);
	cr_expect_eq(wrap_one(layer, ch), -EIO);
	free(ch->conn);
	test_mods_channel_free(t, ch);
	test_mods_stop(t);
}
