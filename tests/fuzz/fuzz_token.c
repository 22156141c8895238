// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_token.c: security tokens, straight into a mechanism: FUZZ_MECHANISM is spnego or ntlm.
 * Input: one byte, odd when proofs (of the password, of the message's integrity) are taken as
 * right, so that what comes after them is reached; then tokens, each behind its length in two
 * bytes. The server answers one after the other.
 */
#include "fuzz.h"
#include "core.h"

static struct smb3_server *server;
static const struct smb3_auth_mech *mech;
static bool proofs_hold;

/* Takes the place of core's. */
bool smb3_same(const void *a, const void *b, size_t len)
{
	return proofs_hold || memcmp(a, b, len) == 0;
}

static void add_account(void)
{
	const struct smb3_accounts *store = smb3_row_name(server, SMB3_KIND_ACCOUNTS, "users");
	struct smb3_account account = { .name = "user",
					.unix_name = "nobody",
					.nt_hash = "a password hash",
					.has_password = true };

	if (store && store->put(smb3_module_of(server, store), &account) < 0)
		exit(1);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	server = fuzz_server_start(NULL);
	mech = smb3_row_name(server, SMB3_KIND_AUTH, FUZZ_MECHANISM);
	if (!mech) {
		fprintf(stderr, "no module offers %s\n", FUZZ_MECHANISM);
		exit(1);
	}
	add_account();
	return 0;
}

/* An answer goes to the peer: at most as long as a SESSION_SETUP reply allows. */
static ntstatus step(struct smb3_auth *auth, const uint8_t *token, size_t len)
{
	struct smb3_builder out = smb3_builder_arena(auth->arena, 65536);
	uint8_t *copy = malloc(len ? len : 1); /* so that reading beyond it is seen */
	ntstatus status;

	if (len)
		memcpy(copy, token, len);
	if (mech->match)
		mech->match(copy, len);
	status = mech->step(auth, copy, len, &out);
	free(copy);
	if (getenv("SMB3D_FUZZ_TRACE"))
		fprintf(stderr, "%s: %s %s\n", smb3_status_name(status), auth->who, auth->reason);
	CHECK(smb3_builder_ok(&out));
	if (status == STATUS_SUCCESS)
		CHECK(auth->identity && auth->key_len <= sizeof(auth->key));
	else
		CHECK(!auth->identity);
	return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct smb3_cursor c = smb3_cursor_init(data, len);
	struct smb3_auth auth = { .mech = mech, .server = server, .arena = smb3_arena_new() };
	ntstatus status = STATUS_MORE_PROCESSING_REQUIRED;

	fuzz_reset();
	proofs_hold = smb3_get_u8(&c) & 1;
	auth.state = smb3_arena_alloc(auth.arena, mech->state_size);
	while (status == STATUS_MORE_PROCESSING_REQUIRED && smb3_cursor_left(&c) >= 2) {
		size_t n = smb3_get_u16(&c), left = smb3_cursor_left(&c);

		n = n < left ? n : left;
		status = step(&auth, smb3_get_bytes(&c, n), n);
	}
	if (mech->done)
		mech->done(&auth);
	smb3_identity_unref(auth.identity);
	smb3_arena_free(auth.arena);
	return 0;
}
