// SPDX-License-Identifier: Apache-2.0
/*
 * test_auth.c: which mechanism takes a log-on, which store knows an account.
 */
#include "core.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>

/* ---- stores: "one" knows alice, "two" knows alice and bob, "broken" fails for carol ---- */

static int account_is(struct smb3_account *account, const char *name, const char *unix_name)
{
	snprintf(account->name, sizeof(account->name), "%s", name);
	snprintf(account->unix_name, sizeof(account->unix_name), "%s", unix_name);
	return 0;
}

static int one_find(struct smb3_mod *mod, const char *name, struct smb3_account *ret_account)
{
	(void)mod;
	return !strcmp(name, "alice") ? account_is(ret_account, name, "one") : -ENOENT;
}

static int two_find(struct smb3_mod *mod, const char *name, struct smb3_account *ret_account)
{
	(void)mod;
	return strcmp(name, "nobody") ? account_is(ret_account, name, "two") : -ENOENT;
}

static int broken_find(struct smb3_mod *mod, const char *name, struct smb3_account *ret_account)
{
	(void)mod;
	(void)ret_account;
	return !strcmp(name, "carol") ? -EIO : -ENOENT;
}

static int two_guest(struct smb3_mod *mod, const char *claimed, bool anonymous,
		     struct smb3_identity **ret_identity)
{
	if (!anonymous)
		return -EACCES;
	return smb3_identity_new(mod->server, claimed, "", "", ret_identity);
}

static const struct smb3_accounts one = { .name = "one", .find = one_find };
static const struct smb3_accounts broken = { .name = "broken", .find = broken_find };
static const struct smb3_accounts two = { .name = "two", .find = two_find, .guest = two_guest };

/* ---- mechanisms: tokens begin with their letter ---- */

static bool match_a(const uint8_t *token, size_t len)
{
	return len && token[0] == 'a';
}

static bool match_b(const uint8_t *token, size_t len)
{
	return len && token[0] == 'b';
}

static void done_b(struct smb3_auth *auth)
{
	int **ended = auth->state;

	if (*ended)
		**ended += 1;
}

static const struct smb3_auth_mech mech_a = { .name = "a", .match = match_a, .state_size = 16 };
static const struct smb3_auth_mech mech_b = {
	.name = "b", .match = match_b, .state_size = sizeof(int *), .done = done_b
};

static const struct smb3_provide provides[] = {
	SMB3_ACCOUNTS(&one), SMB3_ACCOUNTS(&broken), SMB3_ACCOUNTS(&two),
	SMB3_AUTH(&mech_a),  SMB3_AUTH(&mech_b),     SMB3_END,
};

static const struct smb3_module module = {
	.magic = SMB3_MODULE_MAGIC, .abi = SMB3_ABI, .name = "test", .provides = provides
};

static struct smb3_server *server;
static struct smb3_mod mod;

static void setup(void)
{
	server = smb3_alloc(sizeof(*server));
	server->magic = SMB3_SERVER_MAGIC;
	mod = (struct smb3_mod){ .magic = SMB3_MOD_MAGIC, .module = &module, .server = server };
	cr_assert_eq(smb3_registry_add(server, &mod, provides), 0);
	smb3_own_init(server);
	smb3_slots_layout(server);
	server->can_switch = false;
}

static void teardown(void)
{
	smb3_own_done(server);
	smb3_slots_free(&server->slots);
	smb3_registry_free(&server->registry);
	free(server);
}

TestSuite(auth, .init = setup, .fini = teardown);

Test(auth, stores_are_asked_in_order)
{
	struct smb3_account account = { .name = "" };

	cr_assert_eq(smb3_account_find(server, "alice", &account), 0);
	cr_assert_str_eq(account.unix_name, "one");
	cr_assert_eq(smb3_account_find(server, "bob", &account), 0);
	cr_assert_str_eq(account.unix_name, "two");
	cr_assert_eq(smb3_account_find(server, "nobody", &account), -ENOENT);
}

Test(auth, broken_store_is_not_replaced_by_another)
{
	struct smb3_account account = { .name = "" };

	cr_assert_eq(smb3_account_find(server, "carol", &account), -EIO);
	cr_assert_str_eq(account.name, "");
}

Test(auth, guests_come_from_the_store_that_grants_them)
{
	struct smb3_identity *id = NULL;

	cr_assert_eq(smb3_account_guest(server, "x", false, &id), -EACCES);
	cr_assert_null(id);
	cr_assert_eq(smb3_account_guest(server, "x", true, &id), 0);
	smb3_identity_unref(id);
}

Test(auth, mechanism_is_found_by_the_token)
{
	struct smb3_auth *auth = smb3_auth_new(server, "192.0.2.7", (const uint8_t *)"b1", 2);

	cr_assert_not_null(auth);
	cr_assert_eq(auth->mech, &mech_b);
	cr_assert_str_eq(auth->peer_name, "192.0.2.7");
	smb3_auth_free(auth);
	cr_assert_null(smb3_auth_new(server, "192.0.2.7", (const uint8_t *)"c1", 2));
	cr_assert_null(smb3_auth_new(server, "192.0.2.7", NULL, 0));
	smb3_auth_free(NULL);
}

Test(auth, nested_logon_ends_and_gives_its_identity_back)
{
	struct smb3_auth *outer = smb3_auth_new(server, "192.0.2.7", (const uint8_t *)"a", 1);
	struct smb3_auth *inner = smb3_auth_new_mech(outer, &mech_b);
	struct smb3_identity *id = NULL;
	int ended = 0;

	cr_assert_str_eq(inner->peer_name, "192.0.2.7");
	cr_assert_eq(smb3_identity_new(server, "alice", "", "", &id), 0);
	*(int **)inner->state = &ended;
	inner->identity = smb3_identity_ref(id);
	memset(inner->key, 0x55, sizeof(inner->key));
	smb3_auth_free(inner);
	cr_assert_eq(ended, 1);
	cr_assert_eq(atomic_load(&id->refs), 1);
	for (size_t i = 0; i < sizeof(inner->key); i++)
		cr_assert_eq(inner->key[i], 0, "the key lives on in the arena");
	smb3_auth_free(outer);
	smb3_identity_unref(id);
}
