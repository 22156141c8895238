// SPDX-License-Identifier: Apache-2.0
/*
 * test_logon.c: see test_logon.h.
 */
#include "test_logon.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct realm *realm;
struct test_mods *mods;

void serve(const char *options, const char *groups)
{
	char text[1024];

	snprintf(text, sizeof(text), "krb5 = { keytab = \"%s\"; %s };\n%s", realm_keytab(realm),
		 options, groups);
	mods = test_mods_start("\"krb5\", \"spnego\", \"ntlm\", \"users\"", text);
}

void account(const char *name, bool disabled)
{
	const struct smb3_accounts *users =
		smb3_row_name(mods->server, SMB3_KIND_ACCOUNTS, "users");
	struct smb3_account a = { .disabled = disabled };

	snprintf(a.name, sizeof(a.name), "%s", name);
	snprintf(a.unix_name, sizeof(a.unix_name), "%s", test_mods_user());
	cr_assert_eq(users->put(smb3_module_of(mods->server, users), &a), 0);
}

void serve_alice(const char *options)
{
	serve(options, "");
	cr_assert_not_null(mods->server);
	account("alice", false);
}

void logon_setup(void)
{
	realm = realm_new();
}

void logon_teardown(void)
{
	if (mods)
		test_mods_stop(mods);
	realm_free(realm);
}

void step(struct attempt *a, const void *data, size_t len)
{
	/* On the heap, so that a sanitizer sees each byte too far. */
	uint8_t *copy = memcpy(smb3_alloc(len + 1), data, len);

	copy = smb3_realloc(copy, len ? len : 1);
	if (!a->auth)
		a->auth = smb3_auth_new(mods->server, "test", copy, len);
	a->status = STATUS_NOT_FOUND;
	if (a->auth) {
		a->out = smb3_builder_arena(a->auth->arena, 65535);
		a->status = a->auth->mech->step(a->auth, copy, len, &a->out);
	}
	free(copy);
}

struct attempt attempt(const struct ticket_plan *plan)
{
	struct attempt a = { 0 };
	struct bytes token = ticket_request(realm, plan);

	step(&a, token.data, token.len);
	bytes_free(&token);
	return a;
}

void done(struct attempt *a)
{
	smb3_auth_free(a->auth);
}
