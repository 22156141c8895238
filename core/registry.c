// SPDX-License-Identifier: Apache-2.0
/*
 * registry.c: who owns which identifier. There are at most some dozen rows of a kind, so they are
 * searched one by one; commands, which every request needs, have a table of their own.
 */
#include "core.h"

#include <string.h>
#include <strings.h>

/* How rows of a kind are found, and what they are called. */
struct kind_info {
	const char *name;
	bool keyed, named;
	size_t label; /* offset of the row's const char *name */
	size_t must;  /* of the function that no such row can do without; 0: none */
};

#define LABEL(type)     offsetof(struct type, name), 0
#define MUST(type, run) offsetof(struct type, name), offsetof(struct type, run)

static const struct kind_info kinds[SMB3_KINDS] = {
	[SMB3_KIND_TRANSPORT] = { "transport", true, true, offsetof(struct smb3_transport, scheme),
				  0 },
	[SMB3_KIND_DIALECT] = { "dialect", true, false, LABEL(smb3_dialect) },
	[SMB3_KIND_NEGCTX] = { "negotiate context", true, false, MUST(smb3_negctx, parse) },
	[SMB3_KIND_COMMAND] = { "command", true, false, MUST(smb3_command, run) },
	[SMB3_KIND_CREATECTX] = { "create context", true, true, MUST(smb3_createctx, parse) },
	[SMB3_KIND_FSCTL] = { "fsctl", true, false, MUST(smb3_fsctl, run) },
	[SMB3_KIND_INFO] = { "info", true, false, LABEL(smb3_info) },
	[SMB3_KIND_SIGN] = { "sign", true, false, MUST(smb3_sign, sign) },
	[SMB3_KIND_LAYER] = { "layer", true, false, MUST(smb3_layer, unwrap) },
	[SMB3_KIND_AUTH] = { "auth", true, true, LABEL(smb3_auth_mech) },
	[SMB3_KIND_ACCOUNTS] = { "accounts", true, true, LABEL(smb3_accounts) },
	[SMB3_KIND_VFS] = { "vfs", true, true, LABEL(smb3_vfs_ops) },
	[SMB3_KIND_PIPE] = { "pipe", true, true, MUST(smb3_pipe_service, read) },
	[SMB3_KIND_HOOK] = { "hook", false, true, MUST(smb3_hook, run) },
	[SMB3_KIND_SLOT] = { "slot", false, false, 0, 0 },
	[SMB3_KIND_CTL] = { "ctl", true, true, MUST(smb3_ctl_command, run) },
	[SMB3_KIND_METRIC] = { "metric", true, true, LABEL(smb3_metric) },
	[SMB3_KIND_RPC] = { "rpc interface", true, true, LABEL(smb3_rpc_interface) },
	[SMB3_KIND_ASK] = { "question", true, false, MUST(smb3_rpc_question, answer) },
	[SMB3_KIND_SNAPSHOTS] = { "snapshots", true, true, LABEL(smb3_snapshots) },
	[SMB3_KIND_SPOTLIGHT] = { "spotlight", true, true, MUST(smb3_spotlight, more) },
};

static const char *row_label(const struct smb3_provide *p)
{
	const char *label;

	if (p->kind == SMB3_KIND_SLOT)
		return "";
	memcpy(&label, (const char *)p->row + kinds[p->kind].label, sizeof(label));
	return label;
}

/* What a row is looked for by: a number, or text if there is one. */
struct row_key {
	uint64_t number;
	const char *text;
	size_t len;
};

static struct row_key row_key(const struct smb3_provide *p)
{
	const struct smb3_createctx *ctx = p->row;

	if (!kinds[p->kind].named)
		return (struct row_key){ .number = p->key };
	if (p->kind == SMB3_KIND_CREATECTX)
		return (struct row_key){ .text = ctx->tag, .len = ctx->tag_len };
	return (struct row_key){ .text = row_label(p), .len = strlen(row_label(p)) };
}

/* Tags of create contexts are bytes; all other names ignore case. */
static bool key_same(enum smb3_kind kind, const struct row_key *a, const struct row_key *b)
{
	if (!a->text)
		return a->number == b->number;
	if (a->len != b->len)
		return false;
	return kind == SMB3_KIND_CREATECTX ? !memcmp(a->text, b->text, a->len) :
					     !strncasecmp(a->text, b->text, a->len);
}

/* The place among the rows of its kind, or their number when there is none. */
static size_t row_find(const struct smb3_registry *r, enum smb3_kind kind,
		       const struct row_key *wanted)
{
	size_t i = 0;

	for (; i < r->count[kind]; i++) {
		struct row_key key = row_key(r->rows[kind][i]);

		if (key_same(kind, &key, wanted))
			break;
	}
	return i;
}

static int row_unique(const struct smb3_registry *r, const struct smb3_mod *mod,
		      const struct smb3_provide *p)
{
	struct row_key key = row_key(p);
	size_t at = row_find(r, p->kind, &key);
	struct smb3_row_text text;

	if (!kinds[p->kind].keyed || at == r->count[p->kind])
		return 0;
	smb3_row_describe(p, &text);
	if (r->owners[p->kind][at] == mod)
		return smb3_fail(-EEXIST, "module %s provides %s %s %s twice", mod->module->name,
				 text.kind, text.key, text.name);
	return smb3_fail(-EEXIST,
			 "modules %s and %s both provide %s %s %s: take one of them out of modules",
			 r->owners[p->kind][at]->module->name, mod->module->name, text.kind,
			 text.key, text.name);
}

/* NULL, or what its author has to mend. */
static const char *row_fault(const struct smb3_provide *p)
{
	const struct smb3_createctx *ctx = p->row;
	void *must = NULL;

	if (p->kind >= SMB3_KINDS)
		return "there is no such kind: does the table end with SMB3_END?";
	if (!p->row || !row_label(p) || (kinds[p->kind].named && !*row_label(p)))
		return "it has no row, or the row no name";
	memcpy(&must, (const char *)p->row + kinds[p->kind].must, sizeof(must));
	if ((kinds[p->kind].must && !must) || (p->kind == SMB3_KIND_CREATECTX && !ctx->tag))
		return "what such a row must have is NULL: its header says what";
	if (p->kind == SMB3_KIND_CREATECTX && ctx->tag_len != 4 && ctx->tag_len != 16)
		return "its tag must have 4 or 16 bytes";
	if ((p->kind == SMB3_KIND_COMMAND && p->key >= SMB2_COMMANDS) ||
	    (p->kind == SMB3_KIND_HOOK &&
	     ((const struct smb3_hook *)p->row)->point >= SMB3_HOOK_POINTS) ||
	    (p->kind == SMB3_KIND_SLOT &&
	     ((const struct smb3_slot *)p->row)->kind >= SMB3_SLOT_KINDS))
		return "there is no such command, point, or object";
	return NULL;
}

static int metric_add(struct smb3_server *server, const struct smb3_metric *m)
{
	if (server->n_metrics == SMB3_METRICS_MAX)
		return smb3_fail(-ENOSPC, "more than %d metrics", SMB3_METRICS_MAX);
	/* Like a slot, a row that core writes to. */
	((struct smb3_metric *)(uintptr_t)m)->index = server->n_metrics;
	server->metrics[server->n_metrics++] = m;
	return 0;
}

static int row_add(struct smb3_server *server, struct smb3_mod *mod, const struct smb3_provide *p)
{
	struct smb3_registry *r = &server->registry;
	const char *fault = row_fault(p);
	size_t n;
	int err;

	if (fault)
		return smb3_fail(-EINVAL, "module %s: a row of kind %s (%s): %s", mod->module->name,
				 p->kind < SMB3_KINDS ? kinds[p->kind].name : "?",
				 p->kind < SMB3_KINDS && p->row && row_label(p) ? row_label(p) : "",
				 fault);
	err = row_unique(r, mod, p);
	if (!err && p->kind == SMB3_KIND_METRIC)
		err = metric_add(server, p->row);
	if (err)
		return err;
	n = r->count[p->kind]++;
	r->rows[p->kind] = smb3_realloc(r->rows[p->kind], (n + 1) * sizeof(*r->rows[0]));
	r->owners[p->kind] = smb3_realloc(r->owners[p->kind], (n + 1) * sizeof(*r->owners[0]));
	r->rows[p->kind][n] = p;
	r->owners[p->kind][n] = mod;
	if (p->kind == SMB3_KIND_COMMAND)
		r->commands[p->key] = p->row;
	return 0;
}

int smb3_registry_add(struct smb3_server *server, struct smb3_mod *mod,
		      const struct smb3_provide *provides)
{
	int result = 0;

	for (; provides && provides->kind != SMB3_KIND_END; provides++) {
		int err = row_add(server, mod, provides);

		if (err)
			result = err;
	}
	return result;
}

int smb3_ctl_add(struct smb3_mod *mod, const struct smb3_provide *row)
{
	struct row_key key = row_key(row);

	if (row_find(&mod->server->registry, row->kind, &key) <
	    mod->server->registry.count[row->kind])
		return -EEXIST;
	return row_add(mod->server, mod, row);
}

void smb3_ctl_remove(struct smb3_mod *mod, const struct smb3_provide *row)
{
	struct smb3_registry *r = &mod->server->registry;
	size_t i = 0, left;

	while (i < r->count[row->kind] && r->rows[row->kind][i] != row)
		i++;
	if (i == r->count[row->kind])
		return;
	left = --r->count[row->kind] - i;
	memmove(&r->rows[row->kind][i], &r->rows[row->kind][i + 1], left * sizeof(r->rows[0][0]));
	memmove(&r->owners[row->kind][i], &r->owners[row->kind][i + 1],
		left * sizeof(r->owners[0][0]));
}

void smb3_registry_free(struct smb3_registry *r)
{
	for (int kind = 0; kind < SMB3_KINDS; kind++) {
		free(r->rows[kind]);
		free(r->owners[kind]);
	}
	*r = (struct smb3_registry){ .rows = { NULL } };
}

static const void *row_get(const struct smb3_registry *r, enum smb3_kind kind,
			   const struct row_key *key)
{
	size_t at = row_find(r, kind, key);

	assert(kinds[kind].keyed && kinds[kind].named == (key->text != NULL));
	return at < r->count[kind] ? r->rows[kind][at]->row : NULL;
}

const void *smb3_row(struct smb3_server *server, enum smb3_kind kind, uint64_t key)
{
	if (kind == SMB3_KIND_COMMAND)
		return key < SMB2_COMMANDS ? server->registry.commands[key] : NULL;
	return row_get(&server->registry, kind, &(struct row_key){ .number = key });
}

const void *smb3_row_name(struct smb3_server *server, enum smb3_kind kind, const char *name)
{
	return row_get(&server->registry, kind,
		       &(struct row_key){ .text = name, .len = strlen(name) });
}

const struct smb3_provide *const *smb3_rows(struct smb3_server *server, enum smb3_kind kind,
					    size_t *ret_count)
{
	*ret_count = server->registry.count[kind];
	return (const struct smb3_provide *const *)server->registry.rows[kind];
}

struct smb3_mod *smb3_module_of(struct smb3_server *server, const void *row)
{
	const struct smb3_registry *r = &server->registry;

	for (int kind = 0; kind < SMB3_KINDS; kind++)
		for (size_t i = 0; i < r->count[kind]; i++)
			if (r->rows[kind][i]->row == row)
				return r->owners[kind][i];
	return NULL;
}

/* ---- listings ---- */

static const char *const info_types[] = {
	[SMB2_0_INFO_FILE] = "file",         [SMB2_0_INFO_FILESYSTEM] = "filesystem",
	[SMB2_0_INFO_SECURITY] = "security", [SMB2_0_INFO_QUOTA] = "quota",
	[SMB3_INFO_DIRECTORY] = "directory", [SMB3_INFO_QUOTA_CONTROL] = "quota control",
};

/* As they stand in hook.h and slot.h. */
static const char hook_points[] =
	"CONN_OPEN CONN_CLOSE NEGOTIATED AUTH AUTH_DONE AUTHENTICATED LOGOFF SHARE "
	"TREE_CONNECT TREE_CONNECTED TREE_DISCONNECT REQUEST BIND DENIED ACCESS ENTRY MADE "
	"OPEN_CONFLICT OPENED CLOSING IO RENAMED REMOVED CHANGED DOOMED RESPONSE LIMIT "
	"NOTE RELOAD CTL TICK";
static const char slot_kinds[] = "client conn session tree open file req identity";

static const char *word(const char *words, unsigned int n)
{
	while (n--)
		words += strcspn(words, " ") + 1;
	return words;
}

static void describe_info(uint64_t key, char *buf, size_t size)
{
	uint64_t type = key >> 8, class = key & 0xff;

	if (type < SMB3_ARRAY_SIZE(info_types) && info_types[type])
		snprintf(buf, size, "%s %llu", info_types[type], (unsigned long long)class);
	else
		snprintf(buf, size, "%llu %llu", (unsigned long long)type,
			 (unsigned long long)class);
}

void smb3_row_describe(const struct smb3_provide *p, struct smb3_row_text *ret_text)
{
	const struct smb3_hook *hook = p->row;
	const struct smb3_slot *slot = p->row;
	size_t size = sizeof(ret_text->key);
	const char *at;

	ret_text->key[0] = '\0';
	/* smb3d --modules also looks at tables that loading would refuse. */
	if (row_fault(p)) {
		ret_text->kind = "broken row";
		ret_text->name = "";
		return;
	}
	ret_text->kind = kinds[p->kind].name;
	ret_text->name = row_label(p);
	switch (p->kind) {
	case SMB3_KIND_INFO:
		describe_info(p->key, ret_text->key, size);
		break;
	case SMB3_KIND_HOOK:
		at = word(hook_points, hook->point);
		snprintf(ret_text->key, size, "%.*s %d", (int)strcspn(at, " "), at, hook->order);
		break;
	case SMB3_KIND_SLOT:
		at = word(slot_kinds, slot->kind);
		snprintf(ret_text->key, size, "%.*s", (int)strcspn(at, " "), at);
		break;
	default:
		if (!kinds[p->kind].named)
			snprintf(ret_text->key, size,
				 p->key > 0xffff ? "0x%08llx" :
				 p->key > 0xff   ? "0x%04llx" :
						   "0x%02llx",
				 (unsigned long long)p->key);
	}
}
