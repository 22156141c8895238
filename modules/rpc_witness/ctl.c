// SPDX-License-Identifier: Apache-2.0
/*
 * ctl.c: smb3ctl move-client and witnesses.
 */
#include "witness.h"

static int64_t seconds_since(uint64_t then)
{
	return (int64_t)((smb3_clock() - then) / 1000000000u);
}

static void list_run(struct smb3_ctl *ctl)
{
	const struct witness *w = smb3_ctl_mod(ctl)->data;

	SMB3_LIST_EACH(&w->registry.list, node) {
		const struct witness_registration *reg =
			SMB3_CONTAINER(node, struct witness_registration, link);

		smb3_ctl_row(ctl);
		smb3_ctl_text(ctl, "client", reg->client);
		smb3_ctl_text(ctl, "from", reg->peer);
		smb3_ctl_text(ctl, "user", reg->who->name);
		smb3_ctl_text(ctl, "name", reg->net_name);
		smb3_ctl_text(ctl, "share", reg->share);
		smb3_ctl_text(ctl, "address", reg->address_text);
		smb3_ctl_number(ctl, "version", reg->version >> 16);
		smb3_ctl_bool(ctl, "waits", reg->waiting);
		smb3_ctl_number(ctl, "age_s", seconds_since(reg->born));
	}
	smb3_ctl_done(ctl, NULL);
}

struct wish {
	struct witness_whom whom;
	const char *to;
};

/* [--share NAME] CLIENT|--all ADDRESS */
static bool wish_read(struct smb3_ctl *ctl, struct wish *ret_wish)
{
	const char *first = smb3_ctl_arg(ctl, 0);
	int at = 0;

	*ret_wish = (struct wish){ .to = NULL };
	if (!strcmp(first, "--share")) {
		ret_wish->whom.share = smb3_ctl_arg(ctl, 1);
		at = 2;
	}
	if (smb3_ctl_argc(ctl) != at + 2)
		return false;
	ret_wish->whom.client = smb3_ctl_arg(ctl, at);
	ret_wish->to = smb3_ctl_arg(ctl, at + 1);
	if (!strcmp(ret_wish->whom.client, "--all"))
		ret_wish->whom.client = NULL;
	return !ret_wish->whom.client || ret_wish->whom.client[0] != '-';
}

static void move_run(struct smb3_ctl *ctl)
{
	struct witness *w = smb3_ctl_mod(ctl)->data;
	struct witness_address to;
	struct wish wish;
	size_t n, at_once;

	if (!wish_read(ctl, &wish)) {
		smb3_ctl_done(ctl, "say whom to move: CLIENT or --all, and the ADDRESS to move to");
		return;
	}
	if (!witness_address_parse(wish.to, &to)) {
		smb3_ctl_done(ctl, "\"%s\" is no numeric address of a machine", wish.to);
		return;
	}
	n = witness_move(&w->registry, &wish.whom, &to, &at_once);
	if (!n && wish.whom.client) {
		smb3_ctl_done(ctl,
			      "no client \"%s\" has registered%s; smb3ctl witnesses lists them",
			      wish.whom.client, wish.whom.share ? " for that share" : "");
		return;
	}
	smb3_ctl_row(ctl);
	smb3_ctl_number(ctl, "told", (int64_t)at_once);
	smb3_ctl_number(ctl, "will_be_told", (int64_t)(n - at_once));
	smb3_ctl_done(ctl, NULL);
}

const struct smb3_ctl_command witness_ctl_list = {
	.name = "witnesses",
	.help = "clients that want to be told where to move, and when addresses change",
	.run = list_run,
};
const struct smb3_ctl_command witness_ctl_move = {
	.name = "move-client",
	.args = "[--share SHARE] CLIENT|--all ADDRESS",
	.help = "tell clients that have registered to go on at another address",
	.min_args = 2,
	.max_args = 4,
	.run = move_run,
};
