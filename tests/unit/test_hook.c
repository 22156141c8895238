// SPDX-License-Identifier: Apache-2.0
/*
 * test_hook.c: the order of hooks and whose word counts.
 */
#include "core.h"

#include <criterion/criterion.h>
#include <smb3/fscc.h>
#include <string.h>

/* Each hook adds its letter to the module's trace and gives the verdict that was set for it. */
static char trace[32];
static enum smb3_verdict answers[128];
static ntstatus seen_by_audit, denied_with;

static enum smb3_verdict said(char letter, struct smb3_event *event)
{
	size_t len = strlen(trace);

	trace[len] = letter;
	trace[len + 1] = '\0';
	if (letter == 'z')
		seen_by_audit = event->status;
	if (answers[(int)letter] == SMB3_DENY)
		event->status = denied_with;
	return answers[(int)letter];
}

#define HOOK(letter, ord)                                                                        \
	static enum smb3_verdict run_##letter(struct smb3_mod *m, struct smb3_event *e)          \
	{                                                                                        \
		(void)m;                                                                         \
		return said(#letter[0], e);                                                      \
	}                                                                                        \
	static const struct smb3_hook hook_##letter = {                                          \
		.point = SMB3_HOOK_REQUEST, .order = (ord), .name = #letter, .run = run_##letter \
	};

HOOK(g, 100)
HOOK(p, 300)
HOOK(q, 300)
HOOK(r, 400)
HOOK(f, 500)
HOOK(z, 900)

static struct smb3_event changed;

static enum smb3_verdict run_changed(struct smb3_mod *m, struct smb3_event *e)
{
	changed = *e;
	return SMB3_PASS;
}

static const struct smb3_hook hook_changed = {
	.point = SMB3_HOOK_CHANGED, .order = 500, .name = "c", .run = run_changed
};

/* Not in order, to see that core sorts; equal orders keep this one. */
static const struct smb3_provide rows[] = {
	SMB3_HOOK(&hook_z), SMB3_HOOK(&hook_p), SMB3_HOOK(&hook_f),       SMB3_HOOK(&hook_q),
	SMB3_HOOK(&hook_r), SMB3_HOOK(&hook_g), SMB3_HOOK(&hook_changed), SMB3_END,
};

static const struct smb3_module module = { .name = "m" };
static struct smb3_mod mod = { .module = &module };
static struct smb3_server server;
static struct smb3_event event;

static void setup(void)
{
	cr_assert_eq(smb3_registry_add(&server, &mod, rows), 0);
	smb3_hooks_build(&server);
	event = (struct smb3_event){ .point = SMB3_HOOK_REQUEST, .server = &server };
}

static void teardown(void)
{
	smb3_hooks_free(&server.hooks);
	smb3_registry_free(&server.registry);
}

TestSuite(hook, .init = setup, .fini = teardown);

static void expect(enum smb3_verdict verdict, const char *order)
{
	cr_expect_eq(smb3_hook_run(&event), verdict);
	cr_expect_str_eq(trace, order);
}

Test(hook, hooked)
{
	cr_expect(smb3_hooked(&server, SMB3_HOOK_REQUEST));
	cr_expect_not(smb3_hooked(&server, SMB3_HOOK_TICK));
}

Test(hook, all_pass_in_order)
{
	expect(SMB3_PASS, "gpqrfz");
	cr_expect_eq(event.status, 0);
}

Test(hook, allow_ends_policy_only)
{
	answers['p'] = SMB3_ALLOW;
	expect(SMB3_ALLOW, "gpfz");
}

Test(hook, feature_may_deny_what_policy_allows)
{
	answers['p'] = SMB3_ALLOW;
	answers['f'] = SMB3_DENY;
	expect(SMB3_DENY, "gpfz");
}

Test(hook, deny_ends_all_but_audit)
{
	answers['q'] = SMB3_DENY;
	denied_with = STATUS_MEDIA_WRITE_PROTECTED;
	expect(SMB3_DENY, "gpqz");
	cr_expect_eq(seen_by_audit, STATUS_MEDIA_WRITE_PROTECTED);
}

Test(hook, deny_has_a_status)
{
	answers['g'] = SMB3_DENY;
	expect(SMB3_DENY, "gz");
	cr_expect_eq(event.status, STATUS_ACCESS_DENIED);
	cr_expect_eq(seen_by_audit, STATUS_ACCESS_DENIED);
}

Test(hook, wait_ends_all_but_audit)
{
	answers['f'] = SMB3_WAIT;
	expect(SMB3_WAIT, "gpqrfz");
	cr_expect_eq(event.status, 0);
}

Test(hook, audit_only_watches)
{
	answers['z'] = SMB3_DENY;
	expect(SMB3_PASS, "gpqrfz");
}

Test(hook, an_idle_one_is_not_asked)
{
	smb3_hook_enable(&server, &hook_q, false);
	smb3_hook_enable(&server, &hook_q, false);
	expect(SMB3_PASS, "gprfz");
	smb3_hook_enable(&server, &hook_q, true);
	*trace = '\0';
	expect(SMB3_PASS, "gpqrfz");
}

Test(hook, a_point_whose_hooks_are_idle_has_none)
{
	cr_assert(smb3_hooked(&server, SMB3_HOOK_CHANGED));
	smb3_hook_enable(&server, &hook_changed, false);
	cr_assert_not(smb3_hooked(&server, SMB3_HOOK_CHANGED));
	smb3_hook_enable(&server, &hook_changed, true);
	cr_assert(smb3_hooked(&server, SMB3_HOOK_CHANGED));
}

Test(hook, a_changed_name_is_told)
{
	struct smb3_share share = { .server = &server };

	smb3_name_changed(&share, "a/b", FILE_ACTION_ADDED, FILE_NOTIFY_CHANGE_FILE_NAME);
	cr_expect_eq(changed.share, &share);
	cr_expect_str_eq(changed.path, "a/b");
	cr_expect_eq(changed.action, FILE_ACTION_ADDED);
	cr_expect_eq(changed.filter, FILE_NOTIFY_CHANGE_FILE_NAME);
}
