// SPDX-License-Identifier: Apache-2.0
/*
 * command.c: what clients ask for in packets, and what they are answered. A request is
 *
 *   [ [ method, id, context ], ... ]
 *
 * in which the client's two numbers stand for one of its searches.
 */
#include "mdssvc.h"

#include <errno.h>

#define DONE       0u
#define GOES_ON    35u
#define FAILED     UINT64_MAX
#define IDS_FOUND  (0x0addu << 16) /* what lists of ids have, whatever it means */
#define IDS_ASKED  (0x0fecu << 16)
#define FILE_BYTES 1024 /* room that is thought of for one result */

struct command {
	struct smb3_rpc_call *call;
	struct smb3_arena *arena;
	struct spot_handle *h;
	const struct sl_value *request;
	uint64_t id, context;
	struct sl_value *reply; /* what a packet has at its top */
	size_t max;
};

/* ---- questions ---- */

static struct smb3_builder ask_begin(const struct command *c, enum spot_step step)
{
	struct smb3_builder in = smb3_builder_arena(c->arena, SPOT_ASK_MAX);

	smb3_put_u8(&in, (uint8_t)step);
	smb3_put_u64(&in, c->h->volume);
	smb3_put_text(&in, c->h->share);
	return in;
}

/* The number of a search: a client has its own two for it. */
static uint64_t query_id(const struct command *c)
{
	return c->id ^ (c->context << 32 | c->context >> 32);
}

static bool ask(const struct command *c, const struct smb3_builder *in,
		struct smb3_cursor *ret_answer)
{
	return smb3_builder_ok(in) && !smb3_rpc_ask(c->call, SMB3_ASK_SPOTLIGHT, in, ret_answer);
}

static bool get_file(struct smb3_cursor *c, struct smb3_arena *a, struct spot_file *ret_file)
{
	ret_file->id = smb3_get_u64(c);
	ret_file->path = smb3_get_text(c, a);
	ret_file->size = smb3_get_u64(c);
	ret_file->created = smb3_get_u64(c);
	ret_file->written = smb3_get_u64(c);
	ret_file->accessed = smb3_get_u64(c);
	ret_file->uid = smb3_get_u32(c);
	ret_file->gid = smb3_get_u32(c);
	ret_file->directory = smb3_get_u8(c);
	return smb3_cursor_ok(c);
}

/* ---- parts of replies ---- */

static struct sl_value *reply_status(struct command *c, uint64_t status)
{
	struct sl_value *list = sl_add(c->arena, c->reply, SL_ARRAY);

	sl_add_number(c->arena, list, SL_INT, status);
	return list;
}

static void add_ids(struct command *c, struct sl_value *list, uint64_t kind, const uint64_t *ids,
		    uint32_t n)
{
	struct sl_value *v = sl_add_number(c->arena, list, SL_IDS, kind | c->context << 32);

	v->ids = ids;
	v->count = n;
}

/* A list in a packet in the packet, whose first value is nil. */
static struct sl_value *add_meta(struct command *c, struct sl_value *list)
{
	struct sl_value *meta = sl_add(c->arena, sl_add(c->arena, list, SL_META), SL_ARRAY);

	sl_add(c->arena, meta, SL_NIL);
	return meta;
}

/* ---- fetchPropertiesForContext: ---- */

/* The same for a share of this server as long as it has its GUID. */
static struct smb3_guid share_uuid(const struct command *c)
{
	struct smb3_guid uuid = c->call->facts->guid;
	uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a */

	for (const char *s = c->h->share; *s; s++)
		hash = (hash ^ (uint8_t)*s) * 0x100000001b3u;
	for (size_t i = 0; i < sizeof(hash); i++)
		uuid.bytes[i] ^= (uint8_t)(hash >> (8 * i));
	return uuid;
}

static void add_bool(struct command *c, struct sl_value *dict, const char *key, bool value)
{
	sl_add_number(c->arena, sl_key(c->arena, dict, key), SL_BOOL, value);
}

static void add_int(struct command *c, struct sl_value *dict, const char *key, uint64_t value)
{
	sl_add_number(c->arena, sl_key(c->arena, dict, key), SL_INT, value);
}

static void add_uuid(struct command *c, struct sl_value *dict, const char *key)
{
	sl_add(c->arena, sl_key(c->arena, dict, key), SL_UUID)->uuid = share_uuid(c);
}

static void fetch_properties(struct command *c)
{
	static const char *const scopes[] = { "kMDQueryScopeComputer", "kMDQueryScopeAllIndexed",
					      "kMDQueryScopeComputerIndexed" };
	struct sl_value *dict = sl_add(c->arena, c->reply, SL_DICT), *list;

	add_bool(c, dict, "kMDSStoreHasPersistentUUID", true);
	add_bool(c, dict, "kMDSStoreIsBackup", false);
	add_uuid(c, dict, "kMDSStoreUUID");
	add_bool(c, dict, "kMDSStoreSupportsVolFS", true);
	add_uuid(c, dict, "kMDSVolumeUUID");
	add_int(c, dict, "kMDSDiskStoreSpindleNumber", 1);
	add_int(c, dict, "kMDSDiskStorePolicy", 3);
	list = sl_add(c->arena, sl_key(c->arena, dict, "kMDSStoreMetaScopes"), SL_ARRAY);
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(scopes); i++)
		sl_add_text(c->arena, list, scopes[i]);
	add_int(c, dict, "kMDSStoreDevice", 0x1000003);
	add_bool(c, dict, "kMDSStoreSupportsTCC", true);
	list = sl_add(c->arena, sl_key(c->arena, dict, "kMDSStorePathScopes"), SL_ARRAY);
	sl_add(c->arena, list, SL_WIDE)->text = "/";
}

/* ---- openQueryWithParams:forContext: ---- */

/* A scope as a path below the share, in the arena; NULL: it lies elsewhere. */
static const char *scope_path(const struct command *c, const char *scope)
{
	size_t len = strlen(c->h->share), end = strlen(scope);
	char *path;

	if (!strncmp(scope, "kMDQueryScope", strlen("kMDQueryScope")))
		return "";
	if (*scope++ != '/')
		return NULL;
	end--;
	while (end && scope[end - 1] == '/')
		end--;
	path = smb3_arena_printf(c->arena, "%.*s", (int)end, scope);
	if (!*path)
		return path;
	if (end < len || (path[len] && path[len] != '/'))
		return NULL;
	if (!smb3_name_equal(smb3_arena_printf(c->arena, "%.*s", (int)len, path), c->h->share))
		return NULL;
	return path[len] ? path + len + 1 : "";
}

/* False: one is not in this share, or there are too many. */
static bool put_scopes(const struct command *c, const struct sl_value *scopes,
		       struct smb3_builder *in)
{
	uint32_t n = scopes ? scopes->count : 0;

	if (n > SPOT_PATHS_MAX)
		return false;
	smb3_put_u32(in, n ? n : 1);
	if (!n)
		smb3_put_text(in, "");
	for (const struct sl_value *v = n ? scopes->first : NULL; v; v = v->next) {
		const char *path = v->type == SL_TEXT ? scope_path(c, v->text) : NULL;

		if (!path)
			return false;
		smb3_put_text(in, path);
	}
	return true;
}

static struct spot_asked *asked_find(const struct command *c)
{
	for (size_t i = 0; i < SPOT_ASKED; i++)
		if (c->h->asked[i].id == c->id && c->h->asked[i].context == c->context)
			return &c->h->asked[i];
	return NULL;
}

static uint8_t get_attributes(const struct sl_value *names, uint8_t numbers[SPOT_ATTRIBUTES])
{
	uint8_t n = 0;

	for (const struct sl_value *v = names ? names->first : NULL; v && n < SPOT_ATTRIBUTES;
	     v = v->next)
		numbers[n++] = v->type == SL_TEXT ? attribute_find(v->text) : 0;
	return n;
}

static void asked_add(struct command *c, const struct sl_value *names)
{
	struct spot_asked *asked = asked_find(c);

	if (!asked)
		asked = &c->h->asked[c->h->n_asked++ % SPOT_ASKED];
	asked->id = c->id;
	asked->context = c->context;
	asked->n = get_attributes(names, asked->attributes);
}

/* Of a list of ids to which the search is to be limited nothing is known here. */
static bool start_query(struct command *c)
{
	const struct sl_value *params = sl_at(c->request, 1, SL_DICT);
	const struct sl_value *text = sl_get(params, "kMDQueryString", SL_TEXT);
	struct smb3_builder in = ask_begin(c, SPOT_START);
	struct smb3_cursor answer;

	if (!text || sl_get(params, "kMDQueryItemArray", SL_ARRAY) ||
	    sl_get(params, "kMDQueryItemArray", SL_IDS))
		return false;
	smb3_put_u64(&in, query_id(c));
	if (!put_scopes(c, sl_get(params, "kMDScopeArray", SL_ARRAY), &in) ||
	    query_parse(text->text, smb3_now(), c->arena, &in) || !ask(c, &in, &answer))
		return false;
	asked_add(c, sl_get(params, "kMDAttributeArray", SL_ARRAY));
	return true;
}

static void open_query(struct command *c)
{
	reply_status(c, start_query(c) ? DONE : FAILED);
}

/* ---- fetchQueryResultsForContext: ---- */

struct results {
	uint64_t status;
	uint32_t n;
	uint64_t ids[SPOT_MOST];
	struct spot_file files[SPOT_MOST];
};

/* A client asks until there are none: then the status says whether some may come. */
static void get_results(struct command *c, struct results *r)
{
	struct smb3_builder in = ask_begin(c, SPOT_MORE);
	size_t most = c->max / FILE_BYTES;
	struct smb3_cursor answer;
	bool more;

	r->status = FAILED;
	smb3_put_u64(&in, query_id(c));
	smb3_put_u32(&in, most < SPOT_MOST ? (uint32_t)most : SPOT_MOST);
	if (!ask(c, &in, &answer))
		return;
	more = smb3_get_u8(&answer);
	while (r->n < SPOT_MOST && smb3_rpc_next(&answer, NULL) &&
	       get_file(&answer, c->arena, &r->files[r->n])) {
		r->ids[r->n] = r->files[r->n].id;
		r->n++;
	}
	r->status = more && !r->n ? GOES_ON : DONE;
}

/* What does not fit into the packet is left out: the client asks for it by the ids. */
static void add_results(struct command *c, struct results *r, bool whole)
{
	const struct spot_asked *asked = asked_find(c);
	struct sl_value *list = reply_status(c, r->status), *meta, *values;

	add_ids(c, list, IDS_FOUND, r->ids, r->n);
	if (!r->n) {
		sl_add(c->arena, list, SL_META);
		return;
	}
	meta = add_meta(c, list);
	for (uint32_t i = 0; i < r->n; i++) {
		values = sl_add(c->arena, meta, SL_ARRAY);
		for (uint8_t a = 0; asked && a < asked->n; a++)
			attribute_add(c->arena, values, whole ? asked->attributes[a] : 0,
				      c->h->share, &r->files[i]);
	}
}

static void fetch_results(struct command *c)
{
	struct results *r = smb3_arena_alloc(c->arena, sizeof(*r));
	struct smb3_builder packet;

	get_results(c, r);
	add_results(c, r, true);
	packet = sl_encode(c->arena, c->reply, c->max);
	if (smb3_builder_ok(&packet))
		return;
	memset(c->reply, 0, sizeof(*c->reply));
	c->reply->type = SL_ARRAY;
	add_results(c, r, false);
}

/* ---- attributes of files ---- */

static void add_file(struct command *c, struct sl_value *meta, const struct sl_value *names,
		     const struct spot_file *file)
{
	struct sl_value *values = sl_add(c->arena, meta, SL_ARRAY);

	for (const struct sl_value *v = names->first; v; v = v->next)
		attribute_add(c->arena, values, v->type == SL_TEXT ? attribute_find(v->text) : 0,
			      c->h->share, file);
}

static void fetch_attributes(struct command *c)
{
	const struct sl_value *names = sl_at(c->request, 1, SL_ARRAY);
	const struct sl_value *ids = sl_at(c->request, 2, SL_IDS);
	struct smb3_builder in = ask_begin(c, SPOT_FILES);
	struct sl_value *list, *meta;
	struct smb3_cursor answer;

	if (!names || names->count > SPOT_ATTRIBUTES || !ids || ids->count > SPOT_MOST) {
		reply_status(c, FAILED);
		return;
	}
	smb3_put_u32(&in, ids->count);
	for (uint32_t i = 0; i < ids->count; i++)
		smb3_put_u64(&in, ids->ids[i]);
	if (!ask(c, &in, &answer)) {
		reply_status(c, FAILED);
		return;
	}
	list = reply_status(c, DONE);
	add_ids(c, list, IDS_ASKED, ids->ids, ids->count);
	meta = add_meta(c, list);
	for (uint32_t i = 0; i < ids->count; i++) {
		struct spot_file file;

		if (smb3_get_u8(&answer) && get_file(&answer, c->arena, &file))
			add_file(c, meta, names, &file);
		else
			sl_add(c->arena, meta, SL_NIL);
	}
}

/* They are the same for all files. */
static void fetch_names(struct command *c)
{
	const struct sl_value *ids = sl_at(c->request, 1, SL_IDS);
	struct sl_value *list = reply_status(c, ids ? DONE : FAILED), *names;
	const char *name;

	if (!ids)
		return;
	add_ids(c, list, IDS_ASKED, ids->ids, ids->count);
	names = sl_add(c->arena, sl_add(c->arena, list, SL_META), SL_ARRAY);
	for (uint8_t i = 1; (name = attribute_name(i)); i++)
		sl_add_text(c->arena, names, name);
}

/* ---- others ---- */

static void close_query(struct command *c)
{
	struct smb3_builder in = ask_begin(c, SPOT_END);
	struct spot_asked *asked = asked_find(c);
	struct smb3_cursor answer;

	smb3_put_u64(&in, query_id(c));
	if (asked)
		asked->n = 0;
	reply_status(c, ask(c, &in, &answer) ? DONE : FAILED);
}

static const struct {
	const char *name;
	void (*run)(struct command *c);
} methods[] = {
	{ "fetchPropertiesForContext:", fetch_properties },
	{ "openQueryWithParams:forContext:", open_query },
	{ "fetchQueryResultsForContext:", fetch_results },
	{ "fetchAttributeNamesForOIDArray:context:", fetch_names },
	{ "fetchAttributes:forOIDArray:context:", fetch_attributes },
	{ "closeQueryForContext:", close_query },
};

struct smb3_builder command_run(struct smb3_rpc_call *call, struct spot_handle *h,
				const struct sl_value *packet, size_t max)
{
	const struct sl_value *request = sl_at(packet, 0, SL_ARRAY);
	const struct sl_value *head = sl_at(request, 0, SL_ARRAY);
	const struct sl_value *method = sl_at(head, 0, SL_TEXT);
	const struct sl_value *id = sl_at(head, 1, SL_INT), *context = sl_at(head, 2, SL_INT);
	struct sl_value reply = { .type = SL_ARRAY };
	struct command c = { .call = call,
			     .arena = call->arena,
			     .h = h,
			     .request = request,
			     .id = id ? id->number : 0,
			     .context = context ? context->number : 0,
			     .reply = &reply,
			     .max = max };
	size_t i = 0;

	if (!method)
		return (struct smb3_builder){ .bad = true };
	while (i < SMB3_ARRAY_SIZE(methods) && strcmp(methods[i].name, method->text) != 0)
		i++;
	if (i < SMB3_ARRAY_SIZE(methods))
		methods[i].run(&c);
	else
		reply_status(&c, FAILED); /* storeAttributes:forOIDArray:context: among them */
	return sl_encode(call->arena, &reply, max);
}
