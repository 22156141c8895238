// SPDX-License-Identifier: Apache-2.0
/*
 * test_messages.c: the arithmetic against published and recorded log-ons, the messages against what
 * clients send and what attackers send.
 */
#include "test_ntlm_client.h"
#include "testmods.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <smb3/smb3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- recorded log-ons ---- */

static const struct recorded {
	const char *nt_hash;
	const char *negotiate, *challenge, *authenticate;
	const char *session_key;
	const char *mech_list, *client_mic, *server_mic; /* SPNEGO's */
	const char *user, *domain;
} recorded[] = {
	/* Windows to Windows, password "Password01!": "The anatomy of signing and cryptographic
	 * keys", appendix */
	{ "7c4fe5eada682714a036e39378362bab",
	  "4e544c4d5353500001000000978208e200000000000000000000000000000000060380250000000f",
	  "4e544c4d53535000020000000c000c003800000015828ae20d1d8ba31179d0080000000000000000500050"
	  "00440000000a0092270000000f53005500540033003100310002000c005300550054003300310031000100"
	  "0c0053005500540033003100310004000c0053005500540033003100310003000c00530055005400330031"
	  "00310007000800a1a1f5adcbaed00100000000",
	  "4e544c4d53535000030000001800180090000000ee00ee00a80000000c000c00580000001a001a00640000"
	  "00120012007e0000001000100096010000158288e2060380250000000fecac77a5f385a8bf9c38c706eeed"
	  "dcd3530055005400330031003100610064006d0069006e006900730074007200610074006f007200440052"
	  "00490056004500520033003100310000000000000000000000000000000000000000000000000063078eb6"
	  "39fe03e20a231c3ae3bf23080101000000000000a1a1f5adcbaed001bc4ad05f223cc90f0000000002000c"
	  "0053005500540033003100310001000c0053005500540033003100310004000c0053005500540033003100"
	  "310003000c0053005500540033003100310007000800a1a1f5adcbaed00106000400020000000800300030"
	  "000000000000000000000000300000b61fefcaa857ea57bf1edcebf8974b8e0eba5a6dfd9d07a31d11b548"
	  "f8c9d0cc0a001000000000000000000000000000000000000900160063006900660073002f005300550054"
	  "003300310031000000000000000000000000003b9bdff38f5ee8f9663f11a0f4c03a78",
	  "270e1ba896585eeb7af3472d3b4c75a7", "300c060a2b06010401823702020a",
	  "0100000063775a9a5fd97f0600000000", "010000003b453cdc3524164200000000", "administrator",
	  "SUT311" },
	/* smbclient 4.17 to smbd 4.17, password "Secret-77" */
	{ "aebb3d10806f4c240be848c791dd39de",
	  "4e544c4d53535000010000001582086200000000280000000000000028000000060100000000000f",
	  "4e544c4d53535000020000000c000c003800000015828a62a869ad3778272c7400000000000000003c003c"
	  "0044000000060100000000000f5200450043004f005200440002000c005200450043004f00520044000100"
	  "0c005200450043004f0052004400040000000300040076006d00070008000e17ebe19f7add0100000000",
	  "4e544c4d53535000030000001800180058000000d800d8007000000012001200480100000c000c005a0100"
	  "000400040066010000100010006a01000015820862060100000000000f3175dafd006068f9555f62337c6b"
	  "6dfa000000000000000000000000000000000000000000000000f3ae5f4da1e8985f13c25f8f59e7c56101"
	  "010000000000000e17ebe19f7add01bdfbc545e5617a840000000002000c005200450043004f0052004400"
	  "01000c005200450043004f0052004400040000000300040076006d00070008000e17ebe19f7add01060004"
	  "00020000000800300030000000000000000000000000000000e3cd1a48e09bf4a03f16974225a2a34ecd0e"
	  "109fc1d6bde1041ad916110650cc0a0010000000000000000000000000000000000009001c006300690066"
	  "0073002f003100320037002e0030002e0030002e0031000000000057004f0052004b00470052004f005500"
	  "50006e006f0062006f006400790056004d006c78781929f97c853042b07df355cbc2",
	  "354e42812f504a4a9cd0a0e7894ccac9", "300c060a2b06010401823702020a",
	  "010000001e32e5917574a3d100000000", "01000000e429d18d6241654c00000000", "nobody",
	  "WORKGROUP" },
};

static void names_are(const struct ntlm_authenticate *m, const struct recorded *r)
{
	struct smb3_arena *arena = smb3_arena_new();

	cr_assert_str_eq(smb3_utf16_to_utf8(arena, m->user.data, m->user.len), r->user);
	cr_assert_str_eq(smb3_utf16_to_utf8(arena, m->domain.data, m->domain.len), r->domain);
	smb3_arena_free(arena);
}

static void replay(const struct ntlm_crypto *crypto, const struct recorded *r)
{
	struct test_bytes hash = test_bytes(r->nt_hash), n = test_bytes(r->negotiate),
			  c = test_bytes(r->challenge);
	struct test_bytes a = test_bytes(r->authenticate), list = test_bytes(r->mech_list);
	struct ntlm_authenticate m;
	struct ntlm_response response;
	uint8_t key[16], proof[16], base[16], session[16], mic[16];
	struct ntlm_field parts[3] = { { proof, 16 } };

	cr_assert(ntlm_authenticate_parse(a.data, a.len, &m));
	names_are(&m, r);
	cr_assert(ntlm_response_parse(m.nt, &response));
	cr_assert(ntlm_response_key(crypto, hash.data, m.user, m.domain, key));
	cr_assert(ntlm_proof(crypto, key, c.data + 24, response.rest, proof));
	cr_assert_eq(memcmp(proof, response.proof, 16), 0);
	cr_assert(ntlm_hmac(crypto, key, parts, base));
	cr_assert(ntlm_rc4(crypto, base, 16, m.key.data, 16, session));
	cr_assert(test_is_hex(session, 16, r->session_key));
	cr_assert(response.mic && m.has_mic);
	memcpy(mic, a.data + NTLM_MIC_AT, 16);
	memset(a.data + NTLM_MIC_AT, 0, 16);
	parts[0] = (struct ntlm_field){ n.data, n.len };
	parts[1] = (struct ntlm_field){ c.data, c.len };
	parts[2] = (struct ntlm_field){ a.data, a.len };
	cr_assert(ntlm_hmac(crypto, session, parts, proof));
	cr_assert_eq(memcmp(proof, mic, 16), 0);
	parts[0] = (struct ntlm_field){ list.data, list.len };
	cr_assert(ntlm_signature(crypto, session, m.flags, false, parts[0], mic));
	cr_assert(test_is_hex(mic, 16, r->client_mic));
	cr_assert(ntlm_signature(crypto, session, m.flags, true, parts[0], mic));
	cr_assert(test_is_hex(mic, 16, r->server_mic));
}

Test(ntlm_crypto, recorded_logons)
{
	struct ntlm_crypto *crypto = crypto_new();

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(recorded); i++)
		replay(crypto, &recorded[i]);
	ntlm_crypto_free(crypto);
}

/* [MS-NLMP] 4.2.4: User, Password, Domain. */
Test(ntlm_crypto, specification_example)
{
	struct ntlm_crypto *crypto = crypto_new();
	struct test_bytes hash = test_bytes("a4f49c406510bdcab6824ee7c30fd852");
	struct test_bytes user = test_bytes("5500730065007200"),
			  domain = test_bytes("44006f006d00610069006e00");
	struct test_bytes challenge = test_bytes("0123456789abcdef");
	struct test_bytes rest =
		test_bytes("01010000000000000000000000000000aaaaaaaaaaaaaaaa00000000"
			   "02000c0044006f006d00610069006e00"
			   "01000c00530065007200760065007200 00000000 00000000");
	struct ntlm_field parts[3] = { { NULL, 0 } };
	uint8_t key[16], proof[16], base[16], random[16], sealed[16];

	cr_assert(ntlm_response_key(crypto, hash.data, (struct ntlm_field){ user.data, user.len },
				    (struct ntlm_field){ domain.data, domain.len }, key));
	cr_assert(test_is_hex(key, 16, "0c868a403bfd7a93a3001ef22ef02e3f"));
	cr_assert(ntlm_proof(crypto, key, challenge.data,
			     (struct ntlm_field){ rest.data, rest.len }, proof));
	cr_assert(test_is_hex(proof, 16, "68cd0ab851e51c96aabc927bebef6a1c"));
	parts[0] = (struct ntlm_field){ proof, 16 };
	cr_assert(ntlm_hmac(crypto, key, parts, base));
	cr_assert(test_is_hex(base, 16, "8de40ccadbc14a82f15cb0ad0de95ca3"));
	memset(random, 0x55, 16);
	cr_assert(ntlm_rc4(crypto, base, 16, random, 16, sealed));
	cr_assert(test_is_hex(sealed, 16, "c5dad2544fc9799094ce1ce90bc9d03e"));
	ntlm_crypto_free(crypto);
}

Test(ntlm_crypto, names_are_taken_in_upper_case)
{
	static const struct {
		const char *one, *two;
		bool same;
	} cases[] = {
		{ "6100", "4100", true },         /* a A */
		{ "e400", "c400", true },         /* a-umlaut */
		{ "3dd800de", "3dd800de", true }, /* beyond the BMP */
		{ "28042804", "28042804", true }, /* Cyrillic, upper already */
		{ "4804", "2804", true },         /* Cyrillic */
		{ "6100", "6200", false },
	};
	struct ntlm_crypto *crypto = crypto_new();
	const struct ntlm_field none = { NULL, 0 };
	const uint8_t hash[16] = { 1 };

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		struct test_bytes one = test_bytes(cases[i].one), two = test_bytes(cases[i].two);
		uint8_t a[16], b[16];

		cr_assert(ntlm_response_key(crypto, hash, (struct ntlm_field){ one.data, one.len },
					    none, a));
		cr_assert(ntlm_response_key(crypto, hash, (struct ntlm_field){ two.data, two.len },
					    none, b));
		cr_assert_eq(memcmp(a, b, 16) == 0, cases[i].same, "case %zu", i);
	}
	ntlm_crypto_free(crypto);
}

/* ---- messages ---- */

Test(ntlm_message, every_truncation_is_refused_or_within_bounds)
{
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(recorded); i++) {
		struct test_bytes a = test_bytes(recorded[i].authenticate);

		for (size_t len = 0; len < a.len; len++) {
			/* On the heap, so that a sanitizer sees each byte too far. */
			uint8_t *copy = memcpy(smb3_alloc(len), a.data, len);
			struct ntlm_authenticate m;
			uint32_t flags;

			cr_assert_not(ntlm_authenticate_parse(copy, len, &m), "at %zu", len);
			cr_assert_not(ntlm_negotiate_parse(copy, len, &flags));
			free(copy);
		}
	}
}

/* Offset and length of each field, one at a time, beyond the end. */
Test(ntlm_message, fields_outside_the_message_are_refused)
{
	static const uint32_t offsets[] = { 0xffffffff, 0xfffffff0, 0x80000000, 1022 };
	struct test_bytes good = test_bytes(recorded[0].authenticate);
	struct ntlm_authenticate m;

	for (size_t field = 0; field < 6; field++) {
		size_t at = 12 + 8 * field;

		for (size_t i = 0; i < SMB3_ARRAY_SIZE(offsets); i++) {
			struct test_bytes bad = good;

			smb3_store_u16(bad.data + at, 16);
			smb3_store_u32(bad.data + at + 4, offsets[i]);
			cr_assert_not(ntlm_authenticate_parse(bad.data, bad.len, &m));
		}
		for (uint32_t len = 0x8000; len <= 0xffff; len += 0x7fff) {
			struct test_bytes bad = good;

			smb3_store_u16(bad.data + at, (uint16_t)len);
			cr_assert_not(ntlm_authenticate_parse(bad.data, bad.len, &m));
		}
	}
	/* Rubbish in the offset of an empty field is common and harmless. */
	smb3_store_u16(good.data + 44, 0);
	smb3_store_u32(good.data + 48, 0xffffffff);
	cr_assert(ntlm_authenticate_parse(good.data, good.len, &m));
	cr_assert_eq(m.workstation.len, 0);
}

Test(ntlm_message, responses)
{
	static const struct {
		const char *rest;
		bool good, mic;
	} cases[] = {
		{ "", false, false },
		{ "0101000000000000 0000000000000000 0000000000000000 000000", false, false },
		{ "0101000000000000 0000000000000000 0000000000000000 00000000", true, false },
		{ "0201000000000000 0000000000000000 0000000000000000 00000000", false, false },
		{ "0101000000000000 0000000000000000 0000000000000000 00000000"
		  "0600 0400 02000000 0000 0000",
		  true, true },
		{ "0101000000000000 0000000000000000 0000000000000000 00000000"
		  "0600 0400 01000000 0000 0000",
		  true, false },
		/* after the end of the list */
		{ "0101000000000000 0000000000000000 0000000000000000 00000000"
		  "0000 0000 0600 0400 02000000",
		  true, false },
		/* lengths that lead out of it */
		{ "0101000000000000 0000000000000000 0000000000000000 00000000"
		  "0200 ffff 0600 0400 02000000",
		  false, false },
		{ "0101000000000000 0000000000000000 0000000000000000 00000000"
		  "0600 0400 0200",
		  false, false },
		{ "0101000000000000 0000000000000000 0000000000000000 00000000"
		  "0600 04",
		  false, false },
		{ "0101000000000000 0000000000000000 0000000000000000 00000000"
		  "0600 0100 02",
		  true, false },
	};

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		struct test_bytes b = test_bytes(cases[i].rest);
		uint8_t *nt = smb3_alloc(16 + b.len);
		struct ntlm_response r;
		bool good;

		memcpy(nt + 16, b.data, b.len);
		good = ntlm_response_parse((struct ntlm_field){ nt, 16 + b.len }, &r);
		cr_assert_eq(good, cases[i].good, "case %zu", i);
		if (good)
			cr_assert_eq(r.mic, cases[i].mic, "case %zu", i);
		free(nt);
	}
}

/* NTLMSSP CHALLENGE: target "FILES", flags, challenge, target info with time. */
Test(ntlm_message, challenge_is_what_clients_expect)
{
	struct ntlm_challenge c = { .flags = 0x62898235,
				    .name = "FILES",
				    .time = 0x01d0aecbadf5a1a1 };
	uint8_t data[512];
	struct smb3_builder b = smb3_builder_init(data, sizeof(data));

	memcpy(c.challenge, "\1\2\3\4\5\6\7\10", 8);
	ntlm_challenge_build(&c, &b);
	cr_assert(test_is_hex(data, b.len,
			      "4e544c4d53535000 02000000"           /* NTLMSSP, type 2 */
			      "0a00 0a00 38000000"                  /* target name */
			      "35828962 0102030405060708"           /* flags, challenge */
			      "0000000000000000 4800 4800 42000000" /* reserved, target info */
			      "0a000000 0000000f"                   /* version */
			      "460049004c0045005300"                /* FILES */
			      "0200 0a00 460049004c0045005300"      /* NetBIOS domain */
			      "0100 0a00 460049004c0045005300"      /* NetBIOS computer */
			      "0400 0a00 460049004c0045005300"      /* DNS domain */
			      "0300 0a00 460049004c0045005300"      /* DNS computer */
			      "0700 0800 a1a1f5adcbaed001"          /* time */
			      "0000 0000"));
}

Test(ntlm_message, flags_are_granted_when_asked_for)
{
	const uint32_t both = NTLMSSP_NEGOTIATE_SIGN | NTLMSSP_NEGOTIATE_SEAL;

	cr_assert_eq(ntlm_flags_answer(both) & both, both);
	cr_assert_eq(ntlm_flags_answer(0) & both, 0);
	cr_assert_eq(ntlm_flags_answer(0xffffffff) & 0x00000080u, 0, "no LM key");
	cr_assert_eq(ntlm_flags_answer(0xffffffff) & 0x00000040u, 0, "no datagrams");
	cr_assert(ntlm_flags_answer(0) & NTLMSSP_NEGOTIATE_TARGET_INFO);
}
