// SPDX-License-Identifier: Apache-2.0
/*
 * command.c: smb3ctl fault add, list and clear.
 */
#include "fault.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RULE_TEXT 1024

static void fault_add(struct smb3_ctl *ctl)
{
	struct smb3_mod *mod = smb3_ctl_mod(ctl);
	const char *name = smb3_ctl_arg(ctl, 0);
	struct smb3_share *share = smb3_share_find(smb3_ctl_server(ctl), name);
	bool has = share && fault_share_has(mod, share);
	struct fault_rule *rule;
	char text[RULE_TEXT] = "", why[300];
	size_t len = 0;
	uint64_t id;

	smb3_share_unref(share);
	if (!has) {
		smb3_ctl_done(ctl,
			      share ? "share %s has no faults: give it vfs_fault = { enabled = "
				      "true; };" :
				      "there is no share %s; smb3ctl share list shows them",
			      name);
		return;
	}
	for (int i = 1; i < smb3_ctl_argc(ctl) && len < sizeof(text); i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, i > 1 ? " %s" : "%s",
					smb3_ctl_arg(ctl, i));
	if (len >= sizeof(text)) {
		smb3_ctl_done(ctl, "a rule has fewer than %d characters", RULE_TEXT);
		return;
	}
	rule = fault_rule_parse(text, why, sizeof(why));
	if (!rule) {
		smb3_ctl_done(ctl, "%s", why);
		return;
	}
	id = fault_table_add(mod->data, rule, name, NULL);
	if (!id) {
		smb3_ctl_done(ctl, "there are %d rules already; smb3ctl fault clear",
			      FAULT_RULES_MAX);
		return;
	}
	smb3_ctl_row(ctl);
	smb3_ctl_number(ctl, "id", (int64_t)id);
	smb3_ctl_done(ctl, NULL);
}

static void list_row(const struct fault_rule *r, void *arg)
{
	struct smb3_ctl *ctl = arg;

	smb3_ctl_row(ctl);
	smb3_ctl_number(ctl, "id", (int64_t)r->id);
	smb3_ctl_text(ctl, "share", r->share);
	smb3_ctl_text(ctl, "rule", r->text);
	smb3_ctl_text(ctl, "from", r->owner ? "smb3.conf" : "smb3ctl");
	smb3_ctl_number(ctl, "seen", (int64_t)r->seen);
	smb3_ctl_number(ctl, "hits", (int64_t)r->hits);
}

static void fault_list(struct smb3_ctl *ctl)
{
	fault_table_each(smb3_ctl_mod(ctl)->data, list_row, ctl);
	smb3_ctl_done(ctl, NULL);
}

static void fault_clear(struct smb3_ctl *ctl)
{
	const char *what = smb3_ctl_arg(ctl, 0);
	uint64_t id = 0;
	unsigned int n;
	char *end;

	if (what && strcmp(what, "all")) {
		id = strtoull(what, &end, 10);
		if (*end || !*what)
			id = 0;
	}
	n = fault_table_clear(smb3_ctl_mod(ctl)->data, id,
			      id || !what || !strcmp(what, "all") ? NULL : what);
	if (!n && what && strcmp(what, "all")) {
		smb3_ctl_done(ctl, "no rule has the id or is for the share %s; smb3ctl fault list",
			      what);
		return;
	}
	smb3_ctl_row(ctl);
	smb3_ctl_number(ctl, "cleared", n);
	smb3_ctl_done(ctl, NULL);
}

const struct smb3_ctl_command fault_add_command = {
	.name = "fault add",
	.args = "SHARE OPERATIONS SETTING...",
	.help = "make calls to the share's files slow, fail or fall short: see smb3-vfs_fault(7)",
	.min_args = 3,
	.max_args = -1,
	.run = fault_add,
};

const struct smb3_ctl_command fault_list_command = {
	.name = "fault list",
	.help = "faults that are made, and how often they were",
	.run = fault_list,
};

const struct smb3_ctl_command fault_clear_command = {
	.name = "fault clear",
	.args = "[ID | SHARE | all]",
	.help = "make no more faults",
	.max_args = 1,
	.run = fault_clear,
};
