// SPDX-License-Identifier: Apache-2.0
/*
 * queue.c: the changes that an open has not been told yet, and their form on the wire.
 * [MS-FSCC] 2.7.1 FILE_NOTIFY_INFORMATION, [MS-FSA] 2.1.4.1
 */
#include "notify.h"

#include <stdlib.h>
#include <string.h>

#define ENTRY_HEADER 12 /* NextEntryOffset, Action, FileNameLength */

struct change {
	struct change *next;
	uint32_t action;
	char name[];
};

void queue_clear(struct queue *q)
{
	while (q->first) {
		struct change *c = q->first;

		q->first = c->next;
		free(c);
	}
	memset(q, 0, sizeof(*q));
}

void queue_overflow(struct queue *q)
{
	queue_clear(q);
	q->overflow = true;
}

static size_t aligned(size_t size)
{
	return (size + 3) & ~(size_t)3;
}

static bool add_one(struct queue *q, uint32_t action, const char *name, const struct watch *w)
{
	size_t len = strlen(name), size = aligned(q->size) + ENTRY_HEADER + smb3_utf16_size(name);
	struct change *c;

	/* Who is told once that a file was written need not be told twice. */
	if (q->last && q->last->action == action && !strcmp(q->last->name, name))
		return true;
	if (size > w->room || q->count == w->max_count)
		return false;
	c = smb3_alloc(sizeof(*c) + len + 1);
	c->action = action;
	memcpy(c->name, name, len);
	if (q->last)
		q->last->next = c;
	else
		q->first = c;
	q->last = c;
	q->size = size;
	q->count++;
	return true;
}

bool queue_add(struct queue *q, const struct told *told, size_t depth, const struct watch *w)
{
	if (q->overflow)
		return false;
	if (add_one(q, told->action, told->path + depth, w) &&
	    (!told->second || add_one(q, FILE_ACTION_RENAMED_NEW_NAME, told->second + depth, w)))
		return true;
	queue_overflow(q);
	return false;
}

static void put_one(struct smb3_builder *out, const struct change *c)
{
	size_t start = out->len, end;

	smb3_put_u32(out, 0);
	smb3_put_u32(out, c->action);
	smb3_put_u32(out, (uint32_t)smb3_utf16_size(c->name));
	smb3_put_utf16(out, c->name);
	for (size_t i = start + ENTRY_HEADER; i + 1 < out->len; i += 2)
		if (out->data[i] == '/' && !out->data[i + 1])
			out->data[i] = '\\';
	end = out->len;
	if (!c->next)
		return;
	smb3_put_zero(out, aligned(end - start) - (end - start));
	smb3_set_u32(out, start, (uint32_t)(out->len - start));
}

ntstatus queue_put(struct queue *q, struct smb3_builder *out, size_t max)
{
	bool fits = !q->overflow && q->size <= max;

	for (struct change *c = q->first; c && fits; c = c->next)
		put_one(out, c);
	queue_clear(q);
	return fits ? STATUS_SUCCESS : STATUS_NOTIFY_ENUM_DIR;
}
