// SPDX-License-Identifier: Apache-2.0
/*
 * ctl.c: smb3ctl snapshot list, take and delete, for the shares of any module that has versions or
 * takes them.
 */
#include "take.h"

#include <smb3/snapshot.h>
#include <stdlib.h>
#include <string.h>

struct task {
	struct smb3_job job;
	struct smb3_ctl *ctl;
	struct smb3_share *share;
	int (*work)(struct task *task);
	smb3_nttime when;
	smb3_nttime *times; /* that were found */
	size_t n;
	char name[128];
	int err;
};

static void task_work(struct smb3_job *job)
{
	struct task *task = SMB3_CONTAINER(job, struct task, job);

	task->err = task->work(task);
}

static void task_done(struct smb3_worker *w, struct smb3_job *job)
{
	struct task *task = SMB3_CONTAINER(job, struct task, job);
	struct smb3_ctl *ctl = task->ctl;
	struct smb3_share *share = task->share;
	char name[SMB3_VERSION_NAME];

	(void)w;
	for (size_t i = 0; i < task->n; i++) {
		smb3_version_name(task->times[i], name);
		smb3_ctl_row(ctl);
		smb3_ctl_text(ctl, "version", name);
	}
	if (*task->name) {
		smb3_ctl_row(ctl);
		smb3_ctl_text(ctl, "version", task->name);
	}
	free(task->times);
	/* The task ends with the command. */
	if (task->err == -EOPNOTSUPP)
		smb3_ctl_done(ctl, "share %s: no module does that for it; see smb3-vfs_snapshot(7)",
			      share->name);
	else if (task->err == -EBUSY)
		smb3_ctl_done(ctl, "share %s: a snapshot is being taken or removed", share->name);
	else if (task->err)
		smb3_ctl_done(ctl, "share %s: %s", share->name, strerror(-task->err));
	else
		smb3_ctl_done(ctl, NULL);
	smb3_share_unref(share);
}

/* NULL: the command has ended. */
static struct task *task_new(struct smb3_ctl *ctl, int (*work)(struct task *task))
{
	struct task *task = smb3_ctl_state(ctl, sizeof(*task));
	const char *name = smb3_ctl_arg(ctl, 0);

	task->ctl = ctl;
	task->work = work;
	task->share = smb3_share_find(smb3_ctl_server(ctl), name);
	if (task->share)
		return task;
	smb3_ctl_done(ctl, "there is no share \"%s\"; smb3ctl share list tells which there are",
		      name);
	return NULL;
}

static void task_start(struct task *task)
{
	task->job.work = task_work;
	task->job.done = task_done;
	smb3_job_start(smb3_server_worker(smb3_ctl_server(task->ctl), 0), &task->job);
}

/* ---- list ---- */

static bool list_add(void *arg, smb3_nttime when)
{
	struct task *task = arg;

	task->times = smb3_realloc(task->times, (task->n + 1) * sizeof(*task->times));
	task->times[task->n++] = when;
	return true;
}

static int list_work(struct task *task)
{
	const struct smb3_ctx ctx = { 0 };
	struct smb3_mount *mount;
	struct smb3_vfs *layer;
	int err = smb3_share_mount(task->share, &mount);

	if (err)
		return err;
	layer = smb3_vfs_versioned(mount);
	return layer ? layer->ops->versions(layer, &ctx, list_add, task) : -EOPNOTSUPP;
}

static void list_run(struct smb3_ctl *ctl)
{
	struct task *task = task_new(ctl, list_work);

	if (task)
		task_start(task);
}

const struct smb3_ctl_command snap_ctl_list = {
	.name = "snapshot list",
	.args = "SHARE",
	.help = "the previous versions of a share",
	.min_args = 1,
	.max_args = 1,
	.run = list_run,
};

/* ---- take ---- */

static int take_work(struct task *task)
{
	struct smb3_server *server = task->share->server;
	const struct smb3_snapshots *row = smb3_snapshots_of(server, task->share);
	const char *label = smb3_ctl_arg(task->ctl, 1);

	if (!row)
		return -EOPNOTSUPP;
	return row->take(smb3_module_of(server, row), task->share, label ? label : "smb3ctl",
			 task->name, sizeof(task->name));
}

static void take_run(struct smb3_ctl *ctl)
{
	struct task *task = task_new(ctl, take_work);

	if (task)
		task_start(task);
}

const struct smb3_ctl_command snap_ctl_take = {
	.name = "snapshot take",
	.args = "SHARE [LABEL]",
	.help = "take a snapshot of a share",
	.min_args = 1,
	.max_args = 2,
	.run = take_run,
};

/* ---- delete ---- */

static int delete_work(struct task *task)
{
	struct smb3_server *server = task->share->server;
	const struct smb3_snapshots *row = smb3_snapshots_of(server, task->share);

	if (!row || !row->remove)
		return -EOPNOTSUPP;
	return row->remove(smb3_module_of(server, row), task->share, task->when);
}

static void delete_run(struct smb3_ctl *ctl)
{
	const char *name = smb3_ctl_arg(ctl, 1);
	smb3_nttime when = smb3_version_parse(name, strlen(name));
	struct task *task;

	if (!when) {
		smb3_ctl_done(ctl, "\"%s\" is no version: @GMT-YYYY.MM.DD-HH.MM.SS", name);
		return;
	}
	task = task_new(ctl, delete_work);
	if (!task)
		return;
	task->when = when;
	task_start(task);
}

const struct smb3_ctl_command snap_ctl_delete = {
	.name = "snapshot delete",
	.args = "SHARE VERSION",
	.help = "remove a snapshot of a share",
	.min_args = 2,
	.max_args = 2,
	.run = delete_run,
};
