// SPDX-License-Identifier: Apache-2.0
/*
 * keep.c: in smb3d: exposed sets outlast the server, in a file of server.state_dir:
 *
 *   set 00112233445566778899aabbccddeeff 4
 *   copy 00112233445566778899aabbccddeeff @GMT-2026.11.23-05.30.00 docs
 *
 * A set with its status, then its copies. GUIDs stand as on the wire.
 */
#include "fsrvp.h"

#include <errno.h>
#include <smb3/disk.h>
#include <smb3/snapshot.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_LIMIT (4u << 20)
#define KEEP_AGAIN (60ull * 1000000000) /* ns */

/* ---- writing ---- */

static void put_guid(FILE *out, const char *word, const struct smb3_guid *id)
{
	fprintf(out, "%s ", word);
	for (size_t i = 0; i < sizeof(id->bytes); i++)
		fprintf(out, "%02x", id->bytes[i]);
}

static void put_set(FILE *out, const struct fsrvp_set *set)
{
	put_guid(out, "set", &set->id);
	fprintf(out, " %d\n", (int)set->status);
	SMB3_LIST_EACH(&set->copies, node) {
		const struct fsrvp_copy *copy = SMB3_CONTAINER(node, struct fsrvp_copy, link);
		char version[SMB3_VERSION_NAME];

		smb3_version_name(copy->when, version);
		put_guid(out, "copy", &copy->id);
		fprintf(out, " %s %s\n", version, copy->share);
	}
}

char *fsrvp_build(const struct smb3_list *sets)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	SMB3_LIST_EACH(sets, node)
		put_set(out, SMB3_CONTAINER(node, struct fsrvp_set, link));
	return fclose(out) ? NULL : text;
}

void fsrvp_keep(struct fsrvp *f)
{
	char *text = NULL;
	bool changed;
	int err;

	pthread_mutex_lock(&f->keeping);
	pthread_mutex_lock(&f->lock);
	changed = f->changed;
	f->changed = false;
	if (changed)
		text = fsrvp_build(&f->sets);
	pthread_mutex_unlock(&f->lock);
	err = !changed ? 0 : !text ? -ENOMEM : smb3_disk_replace(f->file, 0600, text, strlen(text));
	if (err) {
		pthread_mutex_lock(&f->lock);
		f->changed = true;
		f->keep_again = smb3_clock() + KEEP_AGAIN;
		pthread_mutex_unlock(&f->lock);
	}
	pthread_mutex_unlock(&f->keeping);
	free(text);
	if (err)
		smb3_log(SMB3_LOG_ERROR,
			 "rpc_fsrvp: %s: %s; shadow copies that are exposed will be forgotten if "
			 "the server ends before it can be written",
			 f->file, strerror(-err));
}

/* ---- reading ---- */

static bool get_word(const char **p, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(*p, word, len) != 0)
		return false;
	*p += len;
	return true;
}

static bool get_guid(const char **p, struct smb3_guid *ret_id)
{
	static const char digits[] = "0123456789abcdef";
	struct smb3_guid id = { { 0 } };

	for (size_t i = 0; i < 2 * sizeof(id.bytes); i++, ++*p) {
		const char *digit = **p ? strchr(digits, **p) : NULL;

		if (!digit)
			return false;
		id.bytes[i / 2] = (uint8_t)(id.bytes[i / 2] << 4 | (digit - digits));
	}
	*ret_id = id;
	return get_word(p, " ");
}

static bool get_copy(const char *p, struct fsrvp_set *set)
{
	struct smb3_guid id;
	smb3_nttime when;

	if (!set || !get_guid(&p, &id) || strlen(p) < SMB3_VERSION_NAME)
		return false;
	when = smb3_version_parse(p, SMB3_VERSION_NAME - 1);
	p += SMB3_VERSION_NAME - 1;
	if (!when || !get_word(&p, " ") || !*p || !smb3_utf8_valid(p) || fsrvp_copy_find(set, &id))
		return false;
	fsrvp_copy_add(set, p, &id)->when = when;
	return true;
}

static struct fsrvp_set *get_set(const char *p, struct smb3_list *sets)
{
	struct fsrvp_set *set;
	struct smb3_guid id;
	int status;

	if (!get_guid(&p, &id))
		return NULL;
	status = *p - '0';
	if ((status != SET_EXPOSED && status != SET_RECOVERED) || p[1])
		return NULL;
	set = fsrvp_set_new(&id);
	set->status = (enum fsrvp_status)status;
	smb3_list_add(sets, &set->link);
	return set;
}

bool fsrvp_parse(const char *text, size_t len, struct smb3_list *sets)
{
	struct fsrvp_set *set = NULL;
	const char *end = text + len;
	bool good = true;

	while (good && text < end) {
		const char *stop = memchr(text, '\n', (size_t)(end - text)), *p;
		char *line;

		if (!stop || memchr(text, '\0', (size_t)(stop - text)))
			return false;
		line = strndup(text, (size_t)(stop - text));
		p = line;
		if (!line)
			return false;
		if (get_word(&p, "set "))
			good = (set = get_set(p, sets)) != NULL;
		else
			good = get_word(&p, "copy ") && get_copy(p, set);
		free(line);
		text = stop + 1;
	}
	return good;
}

int fsrvp_load(struct fsrvp *f)
{
	FILE *in = fopen(f->file, "re");
	char *text;
	size_t len;

	if (!in)
		return errno == ENOENT ? 0 : -errno;
	text = smb3_alloc(FILE_LIMIT);
	len = fread(text, 1, FILE_LIMIT, in);
	fclose(in);
	if (!fsrvp_parse(text, len, &f->sets))
		smb3_log(SMB3_LOG_ERROR,
			 "rpc_fsrvp: %s is not what smb3d wrote: shadow copies in what follows are "
			 "not exposed any more",
			 f->file);
	free(text);
	SMB3_LIST_EACH(&f->sets, node)
		f->n_copies += fsrvp_set_count(SMB3_CONTAINER(node, struct fsrvp_set, link));
	return 0;
}
