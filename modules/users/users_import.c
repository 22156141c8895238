// SPDX-License-Identifier: Apache-2.0
/*
 * users_import.c: smb3ctl user import: accounts of another server, all at once or none.
 */
#include "users_ctl.h"

#include "import.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TOLD_MOST 5 /* wrong lines in one answer */

struct line {
	struct line *next;
	struct smb3_hash_node node; /* of an account, by smb3_name_hash() of its name */
	unsigned int number;
	enum import_kind kind;
	const char *why, *result;
	struct smb3_account account;
};

struct import {
	struct task task; /* the command's state begins with it */
	enum import_format format;
	bool dry_run, overwrite, skip_wrong, changed;
	struct line *first, **last;
	struct smb3_hash names;
	unsigned int wrong;
};

static void lines_free(struct import *im)
{
	for (struct line *l = im->first, *next; l; l = next) {
		next = l->next;
		smb3_wipe(l, sizeof(*l));
		free(l);
	}
	smb3_hash_done(&im->names);
}

/* ---- reading ---- */

static bool is_twice(const struct import *im, const char *name)
{
	struct smb3_hash_node *node = smb3_hash_find(&im->names, smb3_name_hash(name));

	for (; node; node = smb3_hash_next_same(node))
		if (smb3_name_equal(SMB3_CONTAINER(node, struct line, node)->account.name, name))
			return true;
	return false;
}

static void line_add(struct import *im, unsigned int number, char *text)
{
	struct line *l = smb3_alloc(sizeof(*l));

	if (im->format == IMPORT_AUTO)
		im->format = import_guess(text);
	l->number = number;
	l->kind = import_line(im->format, text, &l->account, &l->why);
	if (l->kind == IMPORT_EMPTY) {
		free(l);
		return;
	}
	if (l->kind == IMPORT_ACCOUNT && is_twice(im, l->account.name)) {
		l->kind = IMPORT_WRONG;
		l->why = "another line above has an account of that name: take one of them out";
	}
	if (l->kind == IMPORT_ACCOUNT)
		smb3_hash_add(&im->names, &l->node, smb3_name_hash(l->account.name));
	im->wrong += l->kind == IMPORT_WRONG;
	*im->last = l;
	im->last = &l->next;
}

static void text_read(struct import *im)
{
	const char *text = smb3_ctl_secret(im->task.ctl);
	char *copy = smb3_strdup(text ? text : ""), *rest = copy, *line;
	size_t len = strlen(copy);

	for (unsigned int number = 1; (line = strsep(&rest, "\n")); number++)
		line_add(im, number, line);
	smb3_wipe(copy, len);
	free(copy);
}

static int tell_wrong(struct import *im)
{
	size_t len = 0, size = sizeof(im->task.why);
	char *why = im->task.why;
	unsigned int told = 0;

	for (const struct line *l = im->first; l && len < size; l = l->next)
		if (l->kind == IMPORT_WRONG && told++ < TOLD_MOST)
			len += (size_t)snprintf(why + len, size - len, "line %u: %s\n", l->number,
						l->why);
	if (len < size)
		snprintf(why + len, size - len,
			 "%u wrong; nothing was imported: mend %s, or say "
			 "skip-wrong",
			 im->wrong, im->wrong == 1 ? "it" : "them");
	return -EINVAL;
}

/* ---- taking over ---- */

static bool unix_is_there(const struct import *im, const struct smb3_account *a)
{
	return !im->task.check_unix || unix_user_exists(a->unix_name[0] ? a->unix_name : a->name);
}

/* Of an account that is there its name, whom it acts as, and what it may stay as they are. */
static void take_over(struct import *im, struct store_edit *edit, struct line *l)
{
	const struct smb3_account *there = edit_find(edit, l->account.name);
	struct smb3_account a = there ? *there : l->account;

	if (!there && edit_is_group(edit, l->account.name)) {
		l->result = "skipped: a group is called so";
	} else if (there && !im->overwrite) {
		l->result = "kept: there is one already (say overwrite to replace its password)";
	} else {
		memcpy(a.nt_hash, l->account.nt_hash, sizeof(a.nt_hash));
		a.has_password = l->account.has_password;
		a.changed = l->account.changed;
		/* ksmbd has no such thing: an account that was disabled here stays so. */
		if (im->format != IMPORT_KSMBD) {
			a.disabled = l->account.disabled;
			a.locked = l->account.locked;
		}
		if (im->task.account.unix_name[0] && !there)
			memcpy(a.unix_name, im->task.account.unix_name, sizeof(a.unix_name));
		im->changed = true;
		edit_put(edit, &a, STORE_PUT);
		l->result = there ? "overwritten" : "new";
		if (!l->why && !unix_is_there(im, &a))
			l->why = "there is no such Unix user: make one, or name another with user "
				 "set";
	}
	smb3_wipe(&a, sizeof(a));
}

static int take_all(struct store_edit *edit, void *arg)
{
	struct import *im = arg;

	for (struct line *l = im->first; l; l = l->next) {
		if (l->kind == IMPORT_ACCOUNT)
			take_over(im, edit, l);
		else
			l->result = l->kind == IMPORT_SKIPPED ? "skipped" : "wrong";
	}
	return im->dry_run || !im->changed;
}

static void line_rows(struct import *im)
{
	for (const struct line *l = im->first; l; l = l->next) {
		smb3_ctl_row(im->task.ctl);
		smb3_ctl_number(im->task.ctl, "line", l->number);
		smb3_ctl_text(im->task.ctl, "user", l->account.name);
		smb3_ctl_printf(im->task.ctl, "state", "%s%s",
				l->account.disabled ? "disabled " : "",
				l->account.locked ? "locked" : "");
		smb3_ctl_printf(im->task.ctl, "result", "%s%s", im->dry_run ? "would be " : "",
				l->result);
		smb3_ctl_text(im->task.ctl, "note", l->why);
	}
}

static int import_work(struct task *task)
{
	struct import *im = SMB3_CONTAINER(task, struct import, task);
	int err = 0;

	im->last = &im->first;
	smb3_hash_init(&im->names);
	text_read(im);
	if (im->wrong && !im->skip_wrong)
		err = tell_wrong(im);
	else
		err = store_edit(task->store, take_all, im, task->why);
	if (!err)
		line_rows(im);
	lines_free(im);
	return err;
}

/* ---- the command ---- */

static bool format_take(struct import *im, const char *name)
{
	for (int i = 0; import_formats[i]; i++) {
		if (strcmp(name, import_formats[i]) != 0)
			continue;
		im->format = (enum import_format)i;
		return true;
	}
	smb3_ctl_done(im->task.ctl, "no format \"%s\"; there are auto, smb3, smbpasswd and ksmbd",
		      name);
	return false;
}

/* With or without two dashes. */
static bool import_word(struct import *im, const char *word)
{
	if (!strncmp(word, "--", 2))
		word += 2;
	if (!strncmp(word, "format=", 7))
		return format_take(im, word + 7);
	if (!strncmp(word, "unix=", 5))
		return task_unix(&im->task, word + 5);
	if (!strcmp(word, "dry-run"))
		return im->dry_run = true;
	if (!strcmp(word, "overwrite"))
		return im->overwrite = true;
	if (!strcmp(word, "skip-wrong"))
		return im->skip_wrong = true;
	smb3_ctl_done(im->task.ctl,
		      "\"%s\": say format=NAME, dry-run, overwrite, skip-wrong or unix=USER", word);
	return false;
}

static void import_run(struct smb3_ctl *ctl)
{
	struct import *im = smb3_ctl_state(ctl, sizeof(*im));
	const char *file = NULL;

	im->task.ctl = ctl;
	im->task.store = smb3_ctl_mod(ctl)->data;
	im->task.check_unix = smb3_server_can_switch(smb3_ctl_server(ctl));
	for (int i = 0; i < smb3_ctl_argc(ctl); i++) {
		const char *word = smb3_ctl_arg(ctl, i);

		if (!file && strncmp(word, "--", 2) != 0)
			file = word; /* smb3ctl has read it */
		else if (!import_word(im, word))
			return;
	}
	task_start(&im->task, import_work);
}

const struct smb3_ctl_command users_import = {
	.name = "user import",
	.args = "FILE | - [format=smbpasswd | ksmbd | smb3] [dry-run] [overwrite] [skip-wrong] "
		"[unix=USER]",
	.help = "Takes accounts over from Samba (pdbedit -L -w, smbpasswd), ksmbd, or user export.",
	.min_args = 1,
	.max_args = 6,
	.offline = true,
	.file = true,
	.run = import_run,
};
