// SPDX-License-Identifier: Apache-2.0
/*
 * lock.c: module lock: byte-range locks, and what they keep from happening. [MS-SMB2] 3.3.5.14,
 * [MS-FSA] 2.1.4.10
 *
 * The locks of a file and those who wait for one hang on the file, under its mutex; an open knows
 * its own. They end with the open: before its pending requests do, so that who waits is not given
 * anything by an open that is about to go.
 */
#include "lock.h"

#include <stdio.h>

static enum smb3_verdict io(struct smb3_mod *mod, struct smb3_event *event)
{
	const struct smb3_io *bytes = event->io;
	struct lock_ask ask = { event->open, bytes->offset, bytes->len,
				bytes->access & FILE_WRITE_DATA };
	const struct range *r;

	if (bytes->locked)
		return SMB3_PASS;
	smb3_file_lock(event->file);
	r = lock_in_the_way_of_io(event->file, &ask);
	if (r)
		snprintf(event->reason, sizeof(event->reason), "%llu bytes from %llu on are locked",
			 (unsigned long long)r->length, (unsigned long long)r->offset);
	smb3_file_unlock(event->file);
	event->status = r ? STATUS_FILE_LOCK_CONFLICT : STATUS_SUCCESS;
	return r ? SMB3_DENY : SMB3_PASS;
}

static enum smb3_verdict closing(struct smb3_mod *mod, struct smb3_event *event)
{
	struct lock_open *lo = smb3_slot(&lock_open_slot, event->open);

	if (!event->file)
		return SMB3_PASS;
	smb3_file_lock(event->file);
	lo->closed = true;
	posix_end(lo);
	if (!smb3_list_empty(&lo->ranges)) {
		SMB3_LIST_EACH(&lo->ranges, node)
			lock_release(event->file, SMB3_CONTAINER(node, struct range, owner_link));
		lock_wake(event->file);
	}
	smb3_file_unlock(event->file);
	return SMB3_PASS;
}

static void file_init(void *slot, void *object)
{
	struct lock_file *lf = slot;

	smb3_list_init(&lf->waiters);
}

static void open_init(void *slot, void *object)
{
	struct lock_open *lo = slot;

	smb3_list_init(&lo->ranges);
	lo->fd = -1;
}

/* Who is left behind here would point to freed memory. */
static void open_fini(void *slot, void *object)
{
	struct lock_open *lo = slot;

	assert(lo->count == 0);
}

struct smb3_slot lock_file_slot = {
	.kind = SMB3_SLOT_FILE,
	.size = sizeof(struct lock_file),
	.init = file_init,
};

struct smb3_slot lock_open_slot = {
	.kind = SMB3_SLOT_OPEN,
	.size = sizeof(struct lock_open),
	.init = open_init,
	.fini = open_fini,
};

static const struct smb3_hook lock_io = {
	.point = SMB3_HOOK_IO,
	.order = 500,
	.name = "lock",
	.run = io,
};

static const struct smb3_hook lock_closing = {
	.point = SMB3_HOOK_CLOSING,
	.order = 500,
	.name = "lock",
	.run = closing,
};

static const char *const replay_choices[] = { "off", "specified", "all", NULL };

static const struct smb3_option lock_options[] = {
	{
		.name = "per_open",
		.type = SMB3_OPT_INT,
		.scope = SMB3_GLOBAL,
		.offset = offsetof(struct lock_conf, per_open),
		.value = "16384",
		.min = 1,
		.max = 1 << 24,
		.help = "Locks that one open may hold and wait for.",
	},
	{
		.name = "per_file",
		.type = SMB3_OPT_INT,
		.scope = SMB3_GLOBAL,
		.offset = offsetof(struct lock_conf, per_file),
		.value = "262144",
		.min = 1,
		.max = 1 << 28,
		.help = "Locks on one file, of all opens together.",
	},
	{
		.name = "replay",
		.type = SMB3_OPT_ENUM,
		.scope = SMB3_GLOBAL,
		.offset = offsetof(struct lock_conf, replay),
		.value = "all",
		.choices = replay_choices,
		.help = "Which LOCK requests that are sent again are answered without being carried "
			"out again.",
	},
	{
		.name = "posix",
		.type = SMB3_OPT_BOOL,
		.scope = SMB3_SHARE,
		.offset = offsetof(struct lock_conf, posix),
		.value = "false",
		.help = "Locks are locks of the kernel too: local programs see them, and theirs "
			"count.",
	},
	SMB3_OPTION_END,
};

static const struct smb3_provide lock_provides[] = {
	SMB3_COMMAND(SMB2_LOCK, &lock_command),
	SMB3_HOOK(&lock_io),
	SMB3_HOOK(&lock_closing),
	SMB3_SLOT(&lock_file_slot),
	SMB3_SLOT(&lock_open_slot),
	SMB3_END,
};

SMB3_MODULE(lock, .summary = "byte-range locks", .options = lock_options,
	    .conf_size = sizeof(struct lock_conf), .provides = lock_provides);
