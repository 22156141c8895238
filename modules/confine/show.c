// SPDX-License-Identifier: Apache-2.0
/*
 * show.c: smb3ctl confine: what the process may still do, as the kernel says where it can be asked.
 */
#include "confine.h"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>

static void row(struct smb3_ctl *ctl, const char *what, const char *state, const char *detail)
{
	smb3_ctl_row(ctl);
	smb3_ctl_text(ctl, "what", what);
	smb3_ctl_text(ctl, "state", state);
	smb3_ctl_text(ctl, "detail", detail);
}

static void show_caps(struct smb3_ctl *ctl, const struct confine *c)
{
	struct confine_caps held = { 0 };
	char text[1024];

	confine_caps_held(&held);
	confine_caps_text(held.effective, text, sizeof(text));
	row(ctl, "capabilities", c->caps ? "confined" : "not confined", text);
	confine_caps_text(held.permitted & ~held.effective, text, sizeof(text));
	row(ctl, "capabilities for a moment", c->caps ? "confined" : "not confined", text);
}

static void show_calls(struct smb3_ctl *ctl, const struct confine *c)
{
	char text[80];

	snprintf(text, sizeof(text), "%u are allowed", c->n_calls);
	if (c->n_calls)
		row(ctl, "system calls", "confined", text);
	else
		row(ctl, "system calls", "not confined", "confine.calls is \"off\"");
}

static void show_place(struct smb3_ctl *ctl, const struct confine_place *p)
{
	smb3_ctl_row(ctl);
	smb3_ctl_text(ctl, "what", p->path);
	smb3_ctl_printf(ctl, "state", "%s%s%s%s%s",
			p->there ? "" : "missing: ", p->may & PLACE_READ ? "r" : "",
			p->may & PLACE_WRITE ? "w" : "", p->may & PLACE_APPEND ? "a" : "",
			p->may & PLACE_EXEC ? "x" : "");
	smb3_ctl_text(ctl, "detail", p->what);
}

static void show_files(struct smb3_ctl *ctl, const struct confine *c)
{
	char text[80];

	snprintf(text, sizeof(text), "Landlock, version %d", c->abi);
	row(ctl, "files", c->abi ? "confined" : "not confined", c->abi ? text : c->why_not);
	for (size_t i = 0; c->abi && i < c->places.n; i++)
		show_place(ctl, &c->places.list[i]);
}

static void show(struct smb3_ctl *ctl)
{
	const struct confine *c = smb3_ctl_mod(ctl)->data;
	struct rlimit core = { 0 };

	getrlimit(RLIMIT_CORE, &core);
	show_caps(ctl, c);
	row(ctl, "new privileges",
	    prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) > 0 ? "refused" : "possible", "");
	show_calls(ctl, c);
	row(ctl, "core dumps", core.rlim_cur <= 1 ? "refused" : "possible", "");
	show_files(ctl, c);
	smb3_ctl_done(ctl, NULL);
}

const struct smb3_ctl_command confine_command = {
	.name = "confine",
	.help = "What the server may still do: capabilities, system calls, files.",
	.run = show,
};
