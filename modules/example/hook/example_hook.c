// SPDX-License-Identifier: Apache-2.0
/*
 * example_hook.c: a hook: looks at requests before their command does, and refuses some.
 * Here: nobody renames anything on shares with keep_names. A refusal has a reason, which smb3ctl why shows.
 */
#include <smb3/smb3.h>
#include <stdio.h>

#define FILE_RENAME_INFORMATION 10 /* [MS-FSCC] 2.4 */

/* Filled by core from the group "example_hook" of smb3.conf: the global one, and those of shares. */
struct example_hook_conf {
	bool keep_names;
};

/* A counter: smb3ctl metrics. Core fills in where it is kept. */
static struct smb3_metric example_hook_refused = {
	.name = "example_hook_refused",
	.help = "renames that were refused",
	.type = SMB3_COUNTER,
};

/* The command has not been decoded yet. A copy of the cursor is read, so that the command finds its own
 * where it was. [MS-SMB2] 2.2.39 */
static bool is_rename(const struct smb3_req *req)
{
	struct smb3_cursor body = req->body;
	uint8_t type, class;

	if (req->hdr.command != SMB2_SET_INFO)
		return false;
	smb3_get_skip(&body, 2); /* StructureSize */
	type = smb3_get_u8(&body);
	class = smb3_get_u8(&body);
	return smb3_cursor_ok(&body) && type == SMB2_0_INFO_FILE &&
	       class == FILE_RENAME_INFORMATION;
}

/* On the session's worker: must not wait. Called for every request, so the cheap questions come first. */
static enum smb3_verdict example_hook_request(struct smb3_mod *mod, struct smb3_event *event)
{
	const struct example_hook_conf *conf;

	if (!is_rename(event->req) || !event->tree)
		return SMB3_PASS;
	conf = smb3_conf_of(mod, event->tree->share);
	if (!conf->keep_names)
		return SMB3_PASS;
	smb3_count(event->worker, &example_hook_refused, 1);
	event->status = STATUS_ACCESS_DENIED;
	snprintf(event->reason, sizeof(event->reason), "example_hook.keep_names of share %s",
		 event->tree->share->name);
	return SMB3_DENY;
}

/* 300: policy, before features (500) and audit (900). */
static const struct smb3_hook example_hook_row = {
	.point = SMB3_HOOK_REQUEST,
	.order = 300,
	.name = "example_hook",
	.run = example_hook_request,
};

static const struct smb3_option example_hook_options[] = {
	{ .name = "keep_names",
	  .type = SMB3_OPT_BOOL,
	  .scope = SMB3_SHARE,
	  .offset = offsetof(struct example_hook_conf, keep_names),
	  .value = "false",
	  .help = "Files and folders keep their names: renames are refused." },
	SMB3_OPTION_END,
};

static const struct smb3_provide example_hook_provides[] = {
	SMB3_METRIC(&example_hook_refused),
	SMB3_HOOK(&example_hook_row),
	SMB3_END,
};

SMB3_MODULE(example_hook, .summary = "refuses renames", .options = example_hook_options,
	    .conf_size = sizeof(struct example_hook_conf), .provides = example_hook_provides);
