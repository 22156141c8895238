// SPDX-License-Identifier: Apache-2.0
/*
 * slpack.c: values of Spotlight's packets: looking at them, and making them.
 */
#include "slpack.h"

/* Dates count 2^-24 seconds from a day that is this much before 1970. */
#define SL_EPOCH 280878921600u
#define SL_SHIFT 24

const struct sl_value *sl_at(const struct sl_value *list, uint32_t index, enum sl_type type)
{
	const struct sl_value *v = list ? list->first : NULL;

	while (v && index--)
		v = v->next;
	return v && v->type == type ? v : NULL;
}

const struct sl_value *sl_get(const struct sl_value *dict, const char *key, enum sl_type type)
{
	const struct sl_value *v = dict && dict->type == SL_DICT ? dict->first : NULL;

	for (; v && v->next; v = v->next->next)
		if (v->type == SL_TEXT && !strcmp(v->text, key))
			return v->next->type == type ? v->next : NULL;
	return NULL;
}

struct sl_value *sl_add(struct smb3_arena *a, struct sl_value *list, enum sl_type type)
{
	struct sl_value *v = smb3_arena_alloc(a, sizeof(*v));

	v->type = type;
	if (list->last)
		list->last->next = v;
	else
		list->first = v;
	list->last = v;
	list->count++;
	return v;
}

struct sl_value *sl_add_number(struct smb3_arena *a, struct sl_value *list, enum sl_type type,
			       uint64_t number)
{
	struct sl_value *v = sl_add(a, list, type);

	v->number = number;
	return v;
}

struct sl_value *sl_add_text(struct smb3_arena *a, struct sl_value *list, const char *text)
{
	struct sl_value *v = sl_add(a, list, SL_TEXT);

	v->text = text;
	return v;
}

uint64_t sl_date(smb3_nttime when)
{
	struct timespec ts = smb3_nttime_to_timespec(when);

	return ((uint64_t)ts.tv_sec + SL_EPOCH) << SL_SHIFT;
}
