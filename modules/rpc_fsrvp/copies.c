// SPDX-License-Identifier: Apache-2.0
/*
 * copies.c: sets of shadow copies, and the snapshots behind them, which whatever module takes them of
 * a share makes and removes. [MS-FSRVP] 3.1.1.2, 3.1.1.3
 */
#include "fsrvp.h"

#include <errno.h>
#include <smb3/snapshot.h>
#include <stdio.h>
#include <stdlib.h>

#define MS 1000000u

/* ---- sets ---- */

struct fsrvp_set *fsrvp_set_new(const struct smb3_guid *id)
{
	struct fsrvp_set *set = smb3_alloc(sizeof(*set));

	smb3_list_init(&set->link);
	smb3_list_init(&set->copies);
	set->id = *id;
	return set;
}

/* "docs@{01234567-89AB-...}": a name that nobody guesses, and no share of smb3.conf has. */
static char *name_of(const char *share, const struct smb3_guid *id)
{
	const uint8_t *b = id->bytes;
	char *name;

	if (asprintf(&name,
		     "%s@{%02X%02X%02X%02X-%02X%02X-%02X%02X-%02X%02X-%02X%02X%02X%02X%02X%02X}",
		     share, b[3], b[2], b[1], b[0], b[5], b[4], b[7], b[6], b[8], b[9], b[10],
		     b[11], b[12], b[13], b[14], b[15]) < 0)
		abort();
	return name;
}

struct fsrvp_copy *fsrvp_copy_add(struct fsrvp_set *set, const char *share,
				  const struct smb3_guid *id)
{
	struct fsrvp_copy *copy = smb3_alloc(sizeof(*copy));

	copy->id = *id;
	copy->share = smb3_strdup(share);
	copy->name = name_of(share, id);
	smb3_list_add(&set->copies, &copy->link);
	return copy;
}

void fsrvp_copy_free(struct fsrvp_copy *copy)
{
	smb3_list_remove(&copy->link);
	free(copy->share);
	free(copy->name);
	free(copy);
}

void fsrvp_set_free(struct fsrvp_set *set)
{
	SMB3_LIST_EACH(&set->copies, node)
		fsrvp_copy_free(SMB3_CONTAINER(node, struct fsrvp_copy, link));
	free(set);
}

size_t fsrvp_set_count(const struct fsrvp_set *set)
{
	size_t n = 0;

	SMB3_LIST_EACH(&set->copies, node)
		n++;
	return n;
}

struct fsrvp_copy *fsrvp_copy_find(const struct fsrvp_set *set, const struct smb3_guid *id)
{
	SMB3_LIST_EACH(&set->copies, node) {
		struct fsrvp_copy *copy = SMB3_CONTAINER(node, struct fsrvp_copy, link);

		if (fsrvp_same(&copy->id, id))
			return copy;
	}
	return NULL;
}

/* ---- snapshots ---- */

uint32_t fsrvp_supported(struct smb3_server *server, const char *name)
{
	struct smb3_share *share = smb3_share_find(server, name);
	const struct smb3_snapshots *row =
		share && !share->pipe ? smb3_snapshots_of(server, share) : NULL;
	/* A folder for each user is no folder to take a snapshot of. */
	bool good = row && row->remove && !strchr(share->path, '%') &&
		    smb3_utf16_size(share->name) / 2 + FSRVP_TAIL <= FSRVP_NAME_MAX;
	uint32_t missing = share && !share->pipe ? FSRVP_NOT_SUPPORTED : FSRVP_OBJECT_NOT_FOUND;

	smb3_share_unref(share);
	return good ? FSRVP_OK : missing;
}

static int take_one(struct smb3_server *server, struct fsrvp_copy *copy, const char *label)
{
	struct smb3_share *share = smb3_share_find(server, copy->share);
	const struct smb3_snapshots *row = share ? smb3_snapshots_of(server, share) : NULL;
	char version[128] = "";
	int err = row ? row->take(smb3_module_of(server, row), share, label, version,
				  sizeof(version)) :
			-EOPNOTSUPP;

	if (!err)
		copy->when = smb3_version_parse(version, strlen(version));
	if (!err && !copy->when)
		err = -EBADMSG;
	if (err)
		smb3_log(SMB3_LOG_ERROR, "rpc_fsrvp: share %s: no snapshot is taken: %s",
			 copy->share, strerror(-err));
	smb3_share_unref(share);
	return err;
}

int fsrvp_untake(struct smb3_server *server, const struct fsrvp_copy *copy)
{
	struct smb3_share *share = copy->when ? smb3_share_find(server, copy->share) : NULL;
	const struct smb3_snapshots *row = share ? smb3_snapshots_of(server, share) : NULL;
	int err = row && row->remove ? row->remove(smb3_module_of(server, row), share, copy->when) :
				       0;

	if (err == -ENOENT)
		err = 0;
	if (err)
		smb3_log(err == -EBUSY ? SMB3_LOG_INFO : SMB3_LOG_WARNING,
			 "rpc_fsrvp: the snapshot behind %s stays%s: %s", copy->name,
			 err == -EBUSY ? " for now" : "", strerror(-err));
	smb3_share_unref(share);
	return err;
}

struct fsrvp_set *fsrvp_untake_all(struct smb3_server *server, struct fsrvp_set *set)
{
	struct fsrvp_set *left = NULL;

	SMB3_LIST_EACH(&set->copies, node) {
		struct fsrvp_copy *copy = SMB3_CONTAINER(node, struct fsrvp_copy, link);

		if (fsrvp_untake(server, copy) == -EBUSY) {
			if (!left)
				left = fsrvp_set_new(&set->id);
			fsrvp_copy_add(left, copy->share, &copy->id)->when = copy->when;
		}
		copy->when = 0;
	}
	return left;
}

uint32_t fsrvp_take(struct smb3_server *server, struct fsrvp_set *set, uint32_t ms,
		    const char *label)
{
	uint64_t began = smb3_clock();
	uint32_t status = FSRVP_OK;

	SMB3_LIST_EACH(&set->copies, node) {
		if (take_one(server, SMB3_CONTAINER(node, struct fsrvp_copy, link), label))
			status = E_FAIL;
		else if (ms && smb3_clock() - began > (uint64_t)ms * MS)
			status = FSRVP_WAIT_TIMEOUT;
		if (status)
			break;
	}
	return status;
}

struct fsrvp_set *fsrvp_set_drop(struct smb3_server *server, struct fsrvp_set *set)
{
	struct fsrvp_set *left = fsrvp_untake_all(server, set);

	fsrvp_set_free(set);
	return left;
}
