// SPDX-License-Identifier: Apache-2.0
/*
 * example.c: a module to copy. It counts the opens of each user, answers a control code of its own
 * over SMB, and adds the admin command `smb3ctl greet`. It uses nothing but the installed headers,
 * so it is built in this tree and outside of it.
 */
#include <smb3/smb3.h>
#include <string.h>

/* A code that no specification uses: CTL_CODE(FILE_DEVICE_NETWORK_FILE_SYSTEM, 0x800, ...). */
#define FSCTL_EXAMPLE_GREET 0x00142000u

/* Filled by core from the group "example" of smb3.conf before init. */
struct example_conf {
	const char *greeting;
	int64_t max_length;
};

/* ---- a slot: what the module remembers on each session ---- */

struct example_session {
	uint64_t opens;
};

static struct smb3_slot example_session_slot = {
	.kind = SMB3_SLOT_SESSION,
	.size = sizeof(struct example_session),
};

static struct smb3_metric example_greetings = {
	.name = "example_greetings",
	.help = "greetings given to clients",
	.type = SMB3_COUNTER,
};

/* ---- a hook: runs when an open has succeeded, on the session's worker ---- */

static enum smb3_verdict example_opened(struct smb3_mod *mod, struct smb3_event *event)
{
	struct example_session *s = smb3_slot(&example_session_slot, event->session);

	s->opens++;
	return SMB3_PASS;
}

static const struct smb3_hook example_opened_hook = {
	.point = SMB3_HOOK_OPENED,
	.order = 900,
	.name = "example",
	.run = example_opened,
};

/* ---- a control code: "GREETING, USER: N opens" as UTF-16 ---- */

static ntstatus example_greet(struct smb3_fsctl_call *call)
{
	const struct example_conf *conf =
		smb3_module_of(call->req->server, &example_greetings)->conf;
	struct smb3_session *session = call->req->session;
	struct example_session *s = smb3_slot(&example_session_slot, session);
	const char *text = smb3_arena_printf(call->req->arena, "%s, %s: %llu opens", conf->greeting,
					     session->identity->name, (unsigned long long)s->opens);

	if (smb3_utf16_size(text) > call->max_out)
		return STATUS_BUFFER_TOO_SMALL;
	smb3_put_utf16(call->out, text);
	smb3_count(call->req->worker, &example_greetings, 1);
	return STATUS_SUCCESS;
}

static const struct smb3_fsctl example_greet_fsctl = {
	.name = "EXAMPLE_GREET",
	.flags = SMB3_FSCTL_NO_OPEN,
	.run = example_greet,
};

/* ---- an admin command: smb3ctl greet NAME ---- */

static void example_ctl(struct smb3_ctl *ctl)
{
	const struct example_conf *conf = smb3_ctl_mod(ctl)->conf;
	const char *name = smb3_ctl_arg(ctl, 0);

	if (strlen(name) > (size_t)conf->max_length) {
		smb3_ctl_done(ctl, "a name has at most %lld bytes; example.max_length says so",
			      (long long)conf->max_length);
		return;
	}
	smb3_ctl_row(ctl);
	smb3_ctl_printf(ctl, "greeting", "%s, %s", conf->greeting, name);
	smb3_ctl_done(ctl, NULL);
}

static const struct smb3_ctl_command example_greet_command = {
	.name = "greet",
	.args = "NAME",
	.help = "Greets somebody.",
	.min_args = 1,
	.max_args = 1,
	.offline = true,
	.run = example_ctl,
};

/* ---- the tables ---- */

static const struct smb3_option example_options[] = {
	{ .name = "greeting",
	  .type = SMB3_OPT_STRING,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct example_conf, greeting),
	  .value = "Hello",
	  .help = "What the module says." },
	{ .name = "max_length",
	  .type = SMB3_OPT_INT,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct example_conf, max_length),
	  .value = "64",
	  .min = 1,
	  .max = 1024,
	  .help = "The longest name that is greeted, in bytes." },
	SMB3_OPTION_END,
};

static const struct smb3_provide example_provides[] = {
	SMB3_SLOT(&example_session_slot), SMB3_METRIC(&example_greetings),
	SMB3_HOOK(&example_opened_hook),  SMB3_FSCTL(FSCTL_EXAMPLE_GREET, &example_greet_fsctl),
	SMB3_CTL(&example_greet_command), SMB3_END,
};

SMB3_MODULE(example, .summary = "a module to copy", .options = example_options,
	    .conf_size = sizeof(struct example_conf), .provides = example_provides);
