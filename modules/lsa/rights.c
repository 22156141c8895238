// SPDX-License-Identifier: Apache-2.0
/*
 * rights.c: who holds which rights, for administrators. [MS-LSAD] 3.1.4.5
 */
#include "lsa.h"

#include <errno.h>
#include <stdlib.h>

#define ORDER_POLICY 300 /* after who finds out what there is to be had */
#define SEE_AUDIT    "SeSecurityPrivilege"

static const struct smb3_rpc_sid admins = { 1, 2, { 0, 0, 0, 0, 0, 5 }, { 32, 544 } };

/* ---- the one right that does something: administrators see what is audited ---- */

/* They have it until it is taken from them: then their line in the file is without it. */
static void admins_default(struct lsa_holders *h)
{
	if (!lsa_holders_find(h, &admins))
		h->list[h->n++] = (struct lsa_holder){ admins, SEE_AUDIT };
}

static void take_effect(struct lsa *lsa)
{
	const struct lsa_holder *h = lsa_holders_find(&lsa->holders, &admins);

	atomic_store(&lsa->audit_seen,
		     h && lsa_rights_has(h->rights, SEE_AUDIT, strlen(SEE_AUDIT)));
}

static enum smb3_verdict access_run(struct smb3_mod *mod, struct smb3_event *event)
{
	const struct lsa *lsa = mod->data;

	if (!event->who || !event->who->admin || atomic_load(&lsa->audit_seen))
		return SMB3_PASS;
	event->access &= ~ACCESS_SYSTEM_SECURITY;
	if (!(event->wanted & ACCESS_SYSTEM_SECURITY))
		return SMB3_PASS;
	event->status = STATUS_PRIVILEGE_NOT_HELD;
	snprintf(event->reason, sizeof(event->reason),
		 SEE_AUDIT " was taken from administrators: %.80s", event->path ? event->path : "");
	return SMB3_DENY;
}

const struct smb3_hook lsa_access_hook = {
	.point = SMB3_HOOK_ACCESS,
	.order = ORDER_POLICY,
	.name = "lsa",
	.run = access_run,
};

/* ---- the file ---- */

int lsa_rights_load(struct lsa *lsa)
{
	char *text;
	size_t len;
	int err = lsa_file_read(lsa->rights_file, &text, &len);

	if (err)
		return err;
	lsa->arena = smb3_arena_new();
	err = lsa_holders_parse(lsa->arena, text, len, &lsa->holders);
	if (err)
		smb3_log(SMB3_LOG_ERROR,
			 "lsa: %s, line %u: this is not what smb3d writes: an account's SID and "
			 "the names of rights, each once",
			 lsa->rights_file, lsa->holders.line);
	lsa_text_free(text, len);
	if (!err)
		admins_default(&lsa->holders);
	take_effect(lsa);
	return err;
}

/* ---- asked ---- */

#define AT_ONCE 100

static int ask_holders(struct smb3_rpc_asking *asking)
{
	struct lsa *lsa = lsa_of(asking, &lsa_ask_holders);
	uint32_t skip = smb3_get_u32(&asking->in);
	size_t end;

	if (!smb3_cursor_ok(&asking->in))
		return -EINVAL;
	pthread_mutex_lock(&lsa->lock);
	end = skip + AT_ONCE < lsa->holders.n ? skip + AT_ONCE : lsa->holders.n;
	for (size_t i = skip; i < end && smb3_rpc_row(asking); i++) {
		smb3_put_rpc_sid(&asking->out, &lsa->holders.list[i].sid);
		smb3_put_text(&asking->out, lsa->holders.list[i].rights);
	}
	asking->cut |= end < lsa->holders.n;
	pthread_mutex_unlock(&lsa->lock);
	smb3_put_u8(&asking->out, asking->cut ? SMB3_RPC_LIST_CUT : SMB3_RPC_LIST_END);
	return 0;
}

static int ask_rights(struct smb3_rpc_asking *asking)
{
	struct lsa *lsa = lsa_of(asking, &lsa_ask_rights);
	struct smb3_rpc_sid sid = smb3_get_rpc_sid(&asking->in);
	const struct lsa_holder *h;

	if (!smb3_cursor_ok(&asking->in))
		return -EINVAL;
	pthread_mutex_lock(&lsa->lock);
	h = lsa_holders_find(&lsa->holders, &sid);
	if (h)
		smb3_put_text(&asking->out, h->rights);
	pthread_mutex_unlock(&lsa->lock);
	return h ? 0 : -ENOENT;
}

/* ---- changed ---- */

struct change {
	enum smb3_rights_change how;
	struct smb3_rpc_sid sid;
	const char *add, *remove;
};

/* A copy with room for one more, in an arena of its own: what is there stays until the file is
 * written. */
static struct lsa_holders copy(struct smb3_arena *a, const struct lsa_holders *from)
{
	struct lsa_holders h = { .n = from->n };

	h.list = smb3_arena_alloc(a, (from->n + 1) * sizeof(*h.list));
	for (size_t i = 0; i < from->n; i++)
		h.list[i] = (struct lsa_holder){ from->list[i].sid,
						 smb3_arena_strdup(a, from->list[i].rights) };
	return h;
}

static int make(const struct lsa *lsa, const struct change *c, struct lsa_holders *h)
{
	/* Administrators are always there, and do not count. */
	if (h->n > (size_t)lsa_conf(lsa)->accounts_max) {
		smb3_log(SMB3_LOG_WARNING, "lsa: there are as many accounts with rights as "
					   "lsa.accounts_max says");
		return -ENOSPC;
	}
	h->list[h->n++] = (struct lsa_holder){ c->sid, "" };
	return 0;
}

static void gone(struct lsa_holders *h, struct lsa_holder *holder)
{
	memmove(holder, holder + 1, (size_t)(h->list + h->n - holder - 1) * sizeof(*holder));
	h->n--;
}

static int apply(const struct lsa *lsa, struct smb3_arena *a, const struct change *c,
		 struct lsa_holders *h)
{
	struct lsa_holder *holder = lsa_holders_find(h, &c->sid);
	bool stays = smb3_rpc_sid_equal(&c->sid, &admins);
	bool makes = c->how == SMB3_RIGHTS_MAKE || (c->how == SMB3_RIGHTS_PUT && *c->add);
	int err = 0;

	if (holder && c->how == SMB3_RIGHTS_MAKE)
		return -EEXIST;
	if (stays && c->how == SMB3_RIGHTS_DELETE)
		return -EINVAL;
	if (!holder && makes)
		err = make(lsa, c, h);
	else if (!holder)
		err = -ENOENT;
	if (err)
		return err;
	holder = lsa_holders_find(h, &c->sid);
	if (c->how != SMB3_RIGHTS_DELETE) {
		holder->rights = lsa_rights_remove(a, holder->rights, c->remove);
		holder->rights = lsa_rights_add(a, holder->rights, c->add);
		if (!holder->rights)
			return -EINVAL;
	}
	if (c->how == SMB3_RIGHTS_DELETE ||
	    (c->how == SMB3_RIGHTS_PUT && !*holder->rights && !stays))
		gone(h, holder);
	return 0;
}

static int change(struct lsa *lsa, const struct change *c)
{
	struct smb3_arena *a = smb3_arena_new();
	struct lsa_holders h = copy(a, &lsa->holders);
	struct smb3_builder text = smb3_builder_arena(a, LSA_FILE_MAX);
	int err = apply(lsa, a, c, &h);

	if (!err) {
		lsa_holders_build(&h, &text);
		err = lsa_file_write(lsa->rights_file, &text);
	}
	if (err) {
		smb3_arena_free(a);
		return err;
	}
	smb3_arena_free(lsa->arena);
	lsa->arena = a;
	lsa->holders = h;
	take_effect(lsa);
	return 0;
}

static void tell(const struct smb3_rpc_asking *asking, const struct change *c)
{
	static const char *const verbs[] = { [SMB3_RIGHTS_MAKE] = "has made",
					     [SMB3_RIGHTS_CHANGE] = "has changed",
					     [SMB3_RIGHTS_PUT] = "has changed",
					     [SMB3_RIGHTS_DELETE] = "has removed" };
	char sid[LSA_SID_TEXT];

	smb3_log(SMB3_LOG_NOTICE, "lsa: %s [%s] %s the account %s%s%s%s%s", asking->who->name,
		 asking->address, verbs[c->how], lsa_sid_text(&c->sid, sid),
		 *c->add ? "; given: " : "", c->add, *c->remove ? "; taken: " : "", c->remove);
}

static int ask_change(struct smb3_rpc_asking *asking)
{
	struct lsa *lsa = lsa_of(asking, &lsa_ask_change);
	struct change c = { .how = smb3_get_u8(&asking->in) };
	int err;

	c.sid = smb3_get_rpc_sid(&asking->in);
	c.add = smb3_get_text(&asking->in, asking->arena);
	c.remove = smb3_get_text(&asking->in, asking->arena);
	if (!smb3_cursor_ok(&asking->in) || c.how > SMB3_RIGHTS_DELETE ||
	    !lsa_rights_sound(c.add) || !lsa_rights_sound(c.remove))
		return -EINVAL;
	pthread_mutex_lock(&lsa->lock);
	err = change(lsa, &c);
	pthread_mutex_unlock(&lsa->lock);
	if (!err)
		tell(asking, &c);
	return err;
}

#define QUESTION(words, fn)                                                                \
	{                                                                                  \
		.name = words, .flags = SMB3_ASK_WORK | SMB3_ASK_ADMIN, .answer = ask_##fn \
	}

const struct smb3_rpc_question lsa_ask_holders = QUESTION("who holds rights", holders);
const struct smb3_rpc_question lsa_ask_rights = QUESTION("rights of an account", rights);
const struct smb3_rpc_question lsa_ask_change = QUESTION("give and take rights", change);
