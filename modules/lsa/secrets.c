// SPDX-License-Identifier: Apache-2.0
/*
 * secrets.c: secrets that administrators keep here. They are read from their file when they are asked
 * for, and are in memory only meanwhile. [MS-LSAD] 3.1.4.6
 */
#include "lsa.h"

#include <errno.h>
#include <stdlib.h>

/* All of them, while something is done with them. */
struct work {
	struct lsa *lsa;
	struct smb3_rpc_asking *asking;
	struct smb3_arena *arena; /* of secrets */
	struct lsa_secrets secrets;
	const char *name; /* of the one that is asked about */
};

/* ---- the file ---- */

static int load(const struct lsa *lsa, struct smb3_arena *a, struct lsa_secrets *ret_secrets)
{
	char *text;
	size_t len;
	int err = lsa_file_read(lsa->secrets_file, &text, &len);

	if (err)
		return err;
	err = lsa_secrets_parse(a, text, len, ret_secrets);
	if (err)
		smb3_log(SMB3_LOG_ERROR, "lsa: %s, line %u: this is not what smb3d writes",
			 lsa->secrets_file, ret_secrets->line);
	lsa_text_free(text, len);
	return err ? -EIO : 0;
}

int lsa_secrets_check(const struct lsa *lsa)
{
	struct smb3_arena *a = smb3_arena_new();
	struct lsa_secrets s;
	int err = load(lsa, a, &s);

	if (!err)
		lsa_secrets_wipe(&s);
	smb3_arena_free(a);
	return err;
}

static int save(const struct work *w)
{
	size_t size = lsa_secrets_size(&w->secrets);
	uint8_t *text = smb3_alloc(size);
	struct smb3_builder out = smb3_builder_init(text, size);
	int err;

	lsa_secrets_build(&w->secrets, &out);
	err = lsa_file_write(w->lsa->secrets_file, &out);
	smb3_wipe(text, size);
	free(text);
	return err;
}

/* ---- with all of them at hand ---- */

static int with_secrets(struct smb3_rpc_asking *asking, const struct smb3_rpc_question *question,
			int (*fn)(struct work *w))
{
	struct work w = { .lsa = lsa_of(asking, question), .asking = asking };
	int err;

	w.name = smb3_get_text(&asking->in, asking->arena);
	if (!lsa_conf(w.lsa)->secrets || !w.lsa->cipher || asking->key_len < LSA_KEY_SIZE)
		return -ENOSYS;
	if (!w.name || !lsa_secret_name_sound(w.name))
		return -EINVAL;
	w.arena = smb3_arena_new();
	pthread_mutex_lock(&w.lsa->lock);
	err = load(w.lsa, w.arena, &w.secrets);
	if (!err) {
		err = fn(&w);
		lsa_secrets_wipe(&w.secrets);
	}
	pthread_mutex_unlock(&w.lsa->lock);
	smb3_arena_free(w.arena);
	return err;
}

static void tell(const struct work *w, const char *what)
{
	smb3_log(SMB3_LOG_NOTICE, "lsa: %s [%s] %s the secret \"%s\"", w->asking->who->name,
		 w->asking->address, what, w->name);
}

static int make(struct work *w)
{
	uint64_t now = smb3_now();
	int err;

	if (lsa_secrets_find(&w->secrets, w->name))
		return -EEXIST;
	if (w->secrets.n >= (size_t)lsa_conf(w->lsa)->secrets_max) {
		smb3_log(SMB3_LOG_WARNING,
			 "lsa: there are as many secrets as lsa.secrets_max says");
		return -ENOSPC;
	}
	w->secrets.list[w->secrets.n++] =
		(struct lsa_secret){ .name = w->name, .now.time = now, .old.time = now };
	err = save(w);
	if (!err)
		tell(w, "has made");
	return err;
}

static int find(struct work *w)
{
	return lsa_secrets_find(&w->secrets, w->name) ? 0 : -ENOENT;
}

static int remove_it(struct work *w)
{
	struct lsa_secret *s = lsa_secrets_find(&w->secrets, w->name), gone;
	struct lsa_secrets one = { .list = &gone, .n = 1 };
	int err;

	if (!s)
		return -ENOENT;
	gone = *s;
	*s = w->secrets.list[--w->secrets.n];
	err = save(w);
	lsa_secrets_wipe(&one);
	if (!err)
		tell(w, "has removed");
	return err;
}

/* ---- values ---- */

/* Into memory that w's arena has, and that is wiped with the secret that it becomes part of. */
static ntstatus value_open(struct work *w, struct lsa_value *v)
{
	uint32_t len = smb3_get_u32(&w->asking->in);
	const uint8_t *sealed = smb3_get_bytes(&w->asking->in, len);
	uint64_t most = lsa_conf(w->lsa)->secret_size;
	ntstatus status;
	uint8_t *data;

	if (!sealed || len > lsa_sealed_size(most))
		return STATUS_INVALID_PARAMETER;
	data = smb3_arena_alloc(w->arena, len + 1u);
	v->data = data;
	v->time = smb3_now();
	status = lsa_unseal(w->lsa->cipher, w->asking->key, sealed, len, data, &v->len);
	return !status && v->len > most ? STATUS_INVALID_PARAMETER : status;
}

/* What is not given: now becomes none, and the one of before is the old one. */
static ntstatus values_set(struct work *w, struct lsa_secret *s)
{
	uint8_t which = smb3_get_u8(&w->asking->in);
	struct lsa_secret new = { .name = s->name, .now.time = smb3_now(), .old = s->now };
	struct lsa_secrets both = { .list = &new, .n = 1 };
	ntstatus status = STATUS_SUCCESS;

	if (which & SMB3_SECRET_NOW)
		status = value_open(w, &new.now);
	if (!status && which & SMB3_SECRET_OLD) {
		new.old = (struct lsa_value){ .data = NULL };
		status = value_open(w, &new.old);
		new.now.time = new.old.time;
	}
	if (!status && !smb3_cursor_ok(&w->asking->in))
		status = STATUS_INVALID_PARAMETER;
	if (status) {
		lsa_secrets_wipe(&both);
		return status;
	}
	if (new.old.data != s->now.data)
		lsa_secrets_wipe(&(struct lsa_secrets){ .list = s, .n = 1 });
	else if (s->old.data)
		smb3_wipe((void *)(uintptr_t)s->old.data, s->old.len);
	*s = new;
	return STATUS_SUCCESS;
}

static int set(struct work *w)
{
	struct lsa_secret *s = lsa_secrets_find(&w->secrets, w->name);
	ntstatus status;
	int err = 0;

	if (!s)
		return -ENOENT;
	status = values_set(w, s);
	if (!status)
		err = save(w);
	if (!status && !err)
		tell(w, "has changed");
	smb3_put_u32(&w->asking->out, status);
	return err;
}

static bool value_put(struct work *w, const struct lsa_value *v)
{
	size_t size = lsa_sealed_size(v->len);
	uint8_t *sealed = smb3_arena_alloc(w->asking->arena, size);

	smb3_put_u8(&w->asking->out, v->data != NULL);
	smb3_put_u64(&w->asking->out, v->time);
	if (!v->data)
		return true;
	if (!lsa_seal(w->lsa->cipher, w->asking->key, v->data, v->len, sealed))
		return false;
	smb3_put_u32(&w->asking->out, (uint32_t)size);
	smb3_put_bytes(&w->asking->out, sealed, size);
	return true;
}

static int get(struct work *w)
{
	const struct lsa_secret *s = lsa_secrets_find(&w->secrets, w->name);

	if (!s)
		return -ENOENT;
	if (!value_put(w, &s->now) || !value_put(w, &s->old))
		return -EIO;
	tell(w, "has read");
	return 0;
}

/* ---- questions ---- */

#define ANSWER(what, fn)                                                                    \
	static int ask_##what(struct smb3_rpc_asking *asking)                               \
	{                                                                                   \
		return with_secrets(asking, &lsa_ask_secret_##what, fn);                    \
	}                                                                                   \
	const struct smb3_rpc_question lsa_ask_secret_##what = { .name = #what " a secret", \
								 .flags = SMB3_ASK_WORK |   \
									  SMB3_ASK_ADMIN,   \
								 .answer = ask_##what }

ANSWER(make, make);
ANSWER(find, find);
ANSWER(set, set);
ANSWER(get, get);
ANSWER(delete, remove_it);
