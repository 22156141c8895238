// SPDX-License-Identifier: Apache-2.0
/*
 * example_ctl.c: an admin command: a command of smb3ctl that asks every worker.
 * Here: smb3ctl example_ctl [USER] counts what each session has open.
 */
#include <smb3/smb3.h>

static bool count_session(struct smb3_session *s, void *arg)
{
	struct smb3_ctl *ctl = arg;
	const char *wanted = smb3_ctl_arg(ctl, 0);

	if (!s->identity || (wanted && !smb3_name_equal(wanted, s->identity->name)))
		return true;
	*(int64_t *)smb3_ctl_state(ctl, sizeof(int64_t)) += 1;
	smb3_ctl_row(ctl);
	smb3_ctl_text(ctl, "user", s->identity->name);
	smb3_ctl_number(ctl, "opens", (int64_t)s->opens.count);
	return true;
}

/* On the worker that the sessions live on: one after the other, so that all may add rows. */
static void count_worker(struct smb3_ctl *ctl, struct smb3_worker *w)
{
	smb3_worker_each_session(w, count_session, ctl);
}

static void count_done(struct smb3_ctl *ctl)
{
	const char *wanted = smb3_ctl_arg(ctl, 0);
	const int64_t *found = smb3_ctl_state(ctl, sizeof(int64_t));

	/* What was wrong, and what to do. */
	if (wanted && !*found)
		smb3_ctl_done(ctl, "%s is not logged on; smb3ctl sessions lists who is", wanted);
	else
		smb3_ctl_done(ctl, NULL);
}

/* On worker 0. The command ends with smb3_ctl_done(), now or later. */
static void example_ctl_run(struct smb3_ctl *ctl)
{
	smb3_ctl_each_worker(ctl, count_worker, count_done);
}

static const struct smb3_ctl_command example_ctl_command = {
	.name = "example_ctl",
	.args = "[USER]",
	.help = "Counts what each session has open.",
	.max_args = 1,
	.run = example_ctl_run,
};

static const struct smb3_provide example_ctl_provides[] = {
	SMB3_CTL(&example_ctl_command),
	SMB3_END,
};

SMB3_MODULE(example_ctl, .summary = "counts what sessions have open",
	    .provides = example_ctl_provides);
