// SPDX-License-Identifier: Apache-2.0
/*
 * registry.c: who owns which identifier. Rows stay in load order for listings; a sorted index per
 * kind finds them by number or by name and keeps two modules from claiming the same one.
 */
#include "core.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct registry_key {
	uint64_t number;
	const char *text; /* NULL: the number is the key */
	size_t len;
	size_t row; /* index in rows */
};

/* How rows of a kind are found, and what they are called. */
struct kind_info {
	const char *name;
	bool keyed, named;
	size_t label; /* offset of the row's const char *name */
};

#define LABEL(type) offsetof(struct type, name)

static const struct kind_info kinds[SMB3_KINDS] = {
	[SMB3_KIND_TRANSPORT] = { "transport", true, true,
				  offsetof(struct smb3_transport, scheme) },
	[SMB3_KIND_DIALECT] = { "dialect", true, false, LABEL(smb3_dialect) },
	[SMB3_KIND_NEGCTX] = { "negotiate context", true, false, LABEL(smb3_negctx) },
	[SMB3_KIND_COMMAND] = { "command", true, false, LABEL(smb3_command) },
	[SMB3_KIND_CREATECTX] = { "create context", true, true, LABEL(smb3_createctx) },
	[SMB3_KIND_FSCTL] = { "fsctl", true, false, LABEL(smb3_fsctl) },
	[SMB3_KIND_INFO] = { "info", true, false, LABEL(smb3_info) },
	[SMB3_KIND_SIGN] = { "sign", true, false, LABEL(smb3_sign) },
	[SMB3_KIND_LAYER] = { "layer", true, false, LABEL(smb3_layer) },
	[SMB3_KIND_AUTH] = { "auth", true, true, LABEL(smb3_auth_mech) },
	[SMB3_KIND_ACCOUNTS] = { "accounts", true, true, LABEL(smb3_accounts) },
	[SMB3_KIND_VFS] = { "vfs", true, true, LABEL(smb3_vfs_ops) },
	[SMB3_KIND_PIPE] = { "pipe", true, true, LABEL(smb3_pipe_service) },
	[SMB3_KIND_HOOK] = { "hook", false, true, LABEL(smb3_hook) },
	[SMB3_KIND_SLOT] = { "slot", false, false, 0 },
	[SMB3_KIND_CTL] = { "ctl", true, true, LABEL(smb3_ctl_command) },
	[SMB3_KIND_METRIC] = { "metric", true, true, LABEL(smb3_metric) },
};

static const char *row_label(const struct smb3_provide *p)
{
	const char *label;

	if (p->kind == SMB3_KIND_SLOT)
		return "";
	memcpy(&label, (const char *)p->row + kinds[p->kind].label, sizeof(label));
	return label;
}

static struct registry_key row_key(const struct smb3_provide *p)
{
	const struct smb3_createctx *ctx = p->row;

	if (!kinds[p->kind].named)
		return (struct registry_key){ .number = p->key };
	if (p->kind == SMB3_KIND_CREATECTX)
		return (struct registry_key){ .text = ctx->tag, .len = ctx->tag_len };
	return (struct registry_key){ .text = row_label(p), .len = strlen(row_label(p)) };
}

/* Tags of create contexts are bytes; all other names ignore case. */
static int key_compare(enum smb3_kind kind, const struct registry_key *a,
		       const struct registry_key *b)
{
	if (!a->text)
		return (a->number > b->number) - (a->number < b->number);
	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	return kind == SMB3_KIND_CREATECTX ? memcmp(a->text, b->text, a->len) :
					     strncasecmp(a->text, b->text, a->len);
}

/* The place in the index where key is, or belongs. */
static size_t index_place(const struct smb3_registry *r, enum smb3_kind kind,
			  const struct registry_key *key, bool *ret_found)
{
	size_t low = 0, high = r->count[kind];

	while (low < high) {
		size_t mid = (low + high) / 2;
		int order = key_compare(kind, &r->index[kind][mid], key);

		*ret_found = order == 0;
		if (order == 0)
			return mid;
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	*ret_found = false;
	return low;
}

static int index_add(struct smb3_registry *r, struct smb3_mod *mod, const struct smb3_provide *p)
{
	struct registry_key key = row_key(p);
	bool found;
	size_t at = index_place(r, p->kind, &key, &found), n = r->count[p->kind];
	struct registry_key *index = r->index[p->kind];

	if (found) {
		struct smb3_row_text text;

		smb3_row_describe(p, &text);
		smb3_log(SMB3_LOG_ERROR,
			 "modules %s and %s both provide %s %s %s: take one of them out of modules",
			 r->owners[p->kind][index[at].row]->module->name, mod->module->name,
			 text.kind, text.key, text.name);
		return -EEXIST;
	}
	index = smb3_realloc(index, (n + 1) * sizeof(*index));
	memmove(index + at + 1, index + at, (n - at) * sizeof(*index));
	key.row = n;
	index[at] = key;
	r->index[p->kind] = index;
	return 0;
}

static bool row_sound(const struct smb3_provide *p)
{
	const struct smb3_createctx *ctx = p->row;

	if (p->kind >= SMB3_KINDS || !p->row || !row_label(p))
		return false;
	switch (p->kind) {
	case SMB3_KIND_COMMAND:
		return p->key < SMB2_COMMANDS;
	case SMB3_KIND_CREATECTX:
		return ctx->tag && (ctx->tag_len == 4 || ctx->tag_len == 16);
	case SMB3_KIND_HOOK:
		return ((const struct smb3_hook *)p->row)->point < SMB3_HOOK_POINTS;
	case SMB3_KIND_SLOT:
		return ((const struct smb3_slot *)p->row)->kind < SMB3_SLOT_KINDS;
	default:
		return !kinds[p->kind].named || *row_label(p);
	}
}

static int metric_add(struct smb3_server *server, const struct smb3_metric *m)
{
	if (server->n_metrics == SMB3_METRICS_MAX)
		return -ENOSPC;
	/* Like a slot, a row that core writes to. */
	((struct smb3_metric *)(uintptr_t)m)->index = server->n_metrics;
	server->metrics[server->n_metrics++] = m;
	return 0;
}

static int row_add(struct smb3_server *server, struct smb3_mod *mod, const struct smb3_provide *p)
{
	struct smb3_registry *r = &server->registry;
	size_t n;
	int err = 0;

	if (!row_sound(p)) {
		smb3_log(SMB3_LOG_ERROR,
			 "module %s declares a row of kind %d that makes no sense: "
			 "the module is broken, take it out of modules",
			 mod->module->name, (int)p->kind);
		return -EINVAL;
	}
	if (kinds[p->kind].keyed)
		err = index_add(r, mod, p);
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

void smb3_registry_free(struct smb3_registry *r)
{
	for (int kind = 0; kind < SMB3_KINDS; kind++) {
		free(r->rows[kind]);
		free(r->owners[kind]);
		free(r->index[kind]);
	}
	*r = (struct smb3_registry){ .rows = { NULL } };
}

static const struct smb3_provide *registry_find(const struct smb3_registry *r, enum smb3_kind kind,
						const struct registry_key *key)
{
	bool found;
	size_t at = index_place(r, kind, key, &found);

	return found ? r->rows[kind][r->index[kind][at].row] : NULL;
}

const void *smb3_row(struct smb3_server *server, enum smb3_kind kind, uint64_t key)
{
	struct registry_key want = { .number = key };
	const struct smb3_provide *p;

	assert(kinds[kind].keyed && !kinds[kind].named);
	if (kind == SMB3_KIND_COMMAND)
		return key < SMB2_COMMANDS ? server->registry.commands[key] : NULL;
	p = registry_find(&server->registry, kind, &want);
	return p ? p->row : NULL;
}

const void *smb3_row_name(struct smb3_server *server, enum smb3_kind kind, const char *name)
{
	struct registry_key want = { .text = name, .len = strlen(name) };
	const struct smb3_provide *p;

	assert(kinds[kind].keyed && kinds[kind].named);
	p = registry_find(&server->registry, kind, &want);
	return p ? p->row : NULL;
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
	[SMB3_INFO_DIRECTORY] = "directory",
};

static const char *const hook_points[SMB3_HOOK_POINTS] = {
	"CONN_OPEN",       "CONN_CLOSE", "NEGOTIATED", "AUTHENTICATED", "LOGOFF", "TREE_CONNECT",
	"TREE_DISCONNECT", "REQUEST",    "ACCESS",     "OPEN_CONFLICT", "OPENED", "CLOSING",
	"RENAMED",         "REMOVED",    "RESPONSE",   "RELOAD",        "TICK",
};

static const char *const slot_kinds[SMB3_SLOT_KINDS] = {
	"client", "conn", "session", "tree", "open", "file", "req", "identity",
};

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

	ret_text->key[0] = '\0';
	/* smb3d --modules also looks at tables that loading would refuse. */
	if (!row_sound(p)) {
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
		snprintf(ret_text->key, size, "%s %d", hook_points[hook->point], hook->order);
		break;
	case SMB3_KIND_SLOT:
		snprintf(ret_text->key, size, "%s", slot_kinds[slot->kind]);
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
