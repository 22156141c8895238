// SPDX-License-Identifier: Apache-2.0
/*
 * rpc_epmapper.c: module rpc_epmapper: tells clients on which pipes the loaded interfaces are found.
 * There are named pipes only: who asks for other protocols hears that nothing is registered. [C706]
 * appendix O, [MS-RPCE] 2.2.1.2
 */
#include "epmapper.h"

#include <stdlib.h>

#define EPT_OK             0u
#define EPT_NOT_REGISTERED 0x16C9A0D6u
#define EPT_NO_MEMORY      0x16C9A012u
#define EPT_CANNOT_PERFORM 0x16C9A0CDu
#define ENTRIES_MAX        500
#define ANNOTATION_MAX     64

/* inquiry_type [C706] appendix O */
enum inquiry { ALL, BY_INTERFACE, BY_OBJECT, BY_BOTH };
/* vers_option */
enum versions { VERS_ALL = 1, VERS_COMPATIBLE, VERS_EXACT, VERS_MAJOR_ONLY, VERS_UPTO };

/* What is looked for; behind a handle, how far it went. */
struct search {
	enum inquiry inquiry;
	bool by_interface;
	enum versions versions;
	struct epm_syntax interface;
	uint32_t done; /* matches that were told */
};

/* A page of what it finds. */
struct page {
	struct epm_place *places;
	uint32_t n, max;
	bool last;
};

static const struct smb3_rpc_handle_type lookup_handle = { .name = "lookup", .free = free };

/* ---- searching ---- */

static bool version_matches(const struct search *s, const struct smb3_rpc_interface *i)
{
	const struct epm_syntax *want = &s->interface;

	switch (s->versions) {
	case VERS_ALL:
		return true;
	case VERS_COMPATIBLE:
		return i->major == want->major && i->minor >= want->minor;
	case VERS_EXACT:
		return i->major == want->major && i->minor == want->minor;
	case VERS_MAJOR_ONLY:
		return i->major == want->major;
	default:
		return i->major < want->major ||
		       (i->major == want->major && i->minor <= want->minor);
	}
}

/* No interface here is registered for objects. */
static bool matches(const struct search *s, const struct smb3_rpc_interface *i)
{
	if (s->inquiry == BY_OBJECT || s->inquiry == BY_BOTH)
		return false;
	return !s->by_interface ||
	       (epm_same_guid(&s->interface.uuid, &i->uuid) && version_matches(s, i));
}

static bool page_add(struct page *page, const struct epm_place *place, uint32_t skip)
{
	if (skip)
		return true;
	if (page->n == page->max)
		return false;
	page->places[page->n++] = *place;
	return true;
}

static void page_fill(struct smb3_rpc_call *call, const struct search *s, struct page *page)
{
	size_t n;
	const struct smb3_rpc_interface *const *all = smb3_rpc_interfaces(call, &n);
	uint32_t skip = s->done;

	page->places = smb3_arena_alloc(call->arena, page->max * sizeof(*page->places));
	for (size_t i = 0; i < n; i++) {
		if (!matches(s, all[i]) || !smb3_rpc_interface_shown(call, all[i]))
			continue;
		for (const char *const *pipe = all[i]->pipes; *pipe; pipe++) {
			if (!page_add(page, &(struct epm_place){ all[i], *pipe }, skip))
				return;
			skip -= skip != 0;
		}
	}
	page->last = page->n < page->max;
}

/* ---- arguments ---- */

static struct smb3_guid get_full_guid(struct smb3_ndr_in *in)
{
	return smb3_ndr_ptr(in) ? smb3_ndr_guid(in) : (struct smb3_guid){ { 0 } };
}

static bool is_null(const struct smb3_rpc_handle *h)
{
	static const struct smb3_rpc_handle none;

	return !memcmp(h, &none, sizeof(none));
}

/* The search behind a handle instead of the one that the arguments ask for. False: no such handle. */
static bool search_resume(struct smb3_rpc_call *call, const struct smb3_rpc_handle *h,
			  struct search *s)
{
	const struct search *kept = is_null(h) ? s : smb3_rpc_handle_find(call, &lookup_handle, h);

	if (kept && kept != s)
		*s = *kept;
	return kept;
}

/* Keeps it behind the handle for the next page, or ends it. False: no room for handles. */
static bool search_keep(struct smb3_rpc_call *call, const struct search *s, const struct page *page,
			struct smb3_rpc_handle *h)
{
	struct search *kept;

	if (page->last) {
		if (!is_null(h))
			smb3_rpc_handle_close(call, &lookup_handle, h);
		memset(h, 0, sizeof(*h));
		return true;
	}
	kept = is_null(h) ? NULL : smb3_rpc_handle_find(call, &lookup_handle, h);
	if (!kept) {
		kept = smb3_alloc(sizeof(*kept));
		if (!smb3_rpc_handle_new(call, &lookup_handle, kept, h)) {
			free(kept);
			return false;
		}
	}
	*kept = *s;
	kept->done += page->n;
	return true;
}

/* ---- answers ---- */

/* entry_handle, number, and the head of the varying array. */
static void put_head(struct smb3_rpc_call *call, const struct smb3_rpc_handle *h,
		     const struct page *page, uint32_t max)
{
	smb3_ndr_put_handle(call->out, h);
	smb3_ndr_put_u32(call->out, page->n);
	smb3_ndr_put_u32(call->out, max);
	smb3_ndr_put_u32(call->out, 0);
	smb3_ndr_put_u32(call->out, page->n);
}

static void put_towers(struct smb3_rpc_call *call, const struct page *page)
{
	for (uint32_t i = 0; i < page->n; i++)
		epm_put_tower(call, &page->places[i]);
}

/* A page that ends a search of several says so by its status, as Windows does; one that is all there is
 * does not: clients that ask for everything at once take that status for a failure. */
static uint32_t page_status(const struct search *s, const struct page *page)
{
	return page->last && (s->done || !page->n) ? EPT_NOT_REGISTERED : EPT_OK;
}

static void put_entry(struct smb3_rpc_call *call, const struct epm_place *place)
{
	static const struct smb3_guid no_object;
	const char *name = place->interface->name;
	size_t len = strnlen(name, ANNOTATION_MAX - 1);

	smb3_ndr_put_guid(call->out, &no_object);
	smb3_ndr_put_ptr(call->out, true);
	smb3_ndr_put_u32(call->out, 0);
	smb3_ndr_put_u32(call->out, (uint32_t)len + 1);
	smb3_ndr_put_bytes(call->out, name, len);
	smb3_ndr_put_u8(call->out, 0);
}

/* ---- procedures ---- */

static uint32_t lookup(struct smb3_rpc_call *call)
{
	struct smb3_ndr_in *in = call->in;
	struct search s = { .inquiry = smb3_ndr_u32(in) };
	struct smb3_rpc_handle h;
	struct page page = { .n = 0 };
	uint32_t max, status;

	(void)get_full_guid(in);
	if (smb3_ndr_ptr(in)) {
		s.interface.uuid = smb3_ndr_guid(in);
		s.interface.major = smb3_ndr_u16(in);
		s.interface.minor = smb3_ndr_u16(in);
	}
	s.versions = smb3_ndr_u32(in);
	h = smb3_ndr_handle(in);
	max = smb3_ndr_u32(in);
	if (!smb3_ndr_ok(in) || s.inquiry > BY_BOTH || !max)
		return SMB3_RPC_FAULT_NDR;
	s.by_interface = s.inquiry == BY_INTERFACE || s.inquiry == BY_BOTH;
	if (!search_resume(call, &h, &s))
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	page.max = max < ENTRIES_MAX ? max : ENTRIES_MAX;
	page_fill(call, &s, &page);
	status = page_status(&s, &page);
	if (!search_keep(call, &s, &page, &h)) {
		status = EPT_NO_MEMORY;
		page.n = 0;
	}
	put_head(call, &h, &page, max);
	for (uint32_t i = 0; i < page.n; i++)
		put_entry(call, &page.places[i]);
	put_towers(call, &page);
	smb3_ndr_put_u32(call->out, status);
	return SMB3_RPC_OK;
}

static uint32_t map(struct smb3_rpc_call *call)
{
	struct smb3_ndr_in *in = call->in;
	struct epm_tower tower = { .pipes = false };
	struct search s = { .by_interface = true, .versions = VERS_COMPATIBLE };
	struct smb3_rpc_handle h;
	struct page page = { .last = true };
	uint32_t max;
	bool good;

	(void)get_full_guid(in);
	good = smb3_ndr_ptr(in) && epm_get_tower(in, &tower);
	h = smb3_ndr_handle(in);
	max = smb3_ndr_u32(in);
	if (!smb3_ndr_ok(in) || !max)
		return SMB3_RPC_FAULT_NDR;
	s.interface = tower.interface;
	if (!search_resume(call, &h, &s))
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	page.max = max < ENTRIES_MAX ? max : ENTRIES_MAX;
	if (good && tower.pipes)
		page_fill(call, &s, &page);
	/* One answer is enough, and there is no more of it than fits. */
	page.last = true;
	search_keep(call, &s, &page, &h);
	put_head(call, &h, &page, max);
	for (uint32_t i = 0; i < page.n; i++)
		smb3_ndr_put_ptr(call->out, true);
	put_towers(call, &page);
	smb3_ndr_put_u32(call->out, page.n ? EPT_OK : EPT_NOT_REGISTERED);
	return SMB3_RPC_OK;
}

static uint32_t handle_free(struct smb3_rpc_call *call)
{
	static const struct smb3_rpc_handle none;
	struct smb3_rpc_handle h = smb3_ndr_handle(call->in);

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!smb3_rpc_handle_close(call, &lookup_handle, &h))
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	smb3_ndr_put_handle(call->out, &none);
	smb3_ndr_put_u32(call->out, EPT_OK);
	return SMB3_RPC_OK;
}

/* Endpoints are registered by the modules that are loaded, and by nobody else. */
static uint32_t cannot_perform(struct smb3_rpc_call *call)
{
	smb3_ndr_put_u32(call->out, EPT_CANNOT_PERFORM);
	return SMB3_RPC_OK;
}

/* ---- the interface ---- */

static const struct smb3_rpc_op ops[] = {
	[0] = { "ept_insert", cannot_perform },
	[1] = { "ept_delete", cannot_perform },
	[2] = { "ept_lookup", lookup },
	[3] = { "ept_map", map },
	[4] = { "ept_lookup_handle_free", handle_free },
	[5] = { "ept_inq_object", NULL },
	[6] = { "ept_mgmt_delete", cannot_perform },
};

static const char *const pipes[] = { "epmapper", NULL };

static const struct smb3_rpc_interface epmapper = {
	.name = "epmapper",
	.uuid = SMB3_RPC_UUID(0xe1af8308, 0x5d1f, 0x11c9, 0x91, 0xa4, 0x08, 0x00, 0x2b, 0x14, 0xa0,
			      0xfa),
	.major = 3,
	.pipes = pipes,
	.ops = ops,
	.n_ops = SMB3_ARRAY_SIZE(ops),
};

static const struct smb3_provide provides[] = { SMB3_RPC(&epmapper), SMB3_END };
static const char *const needs[] = { "rpc", NULL };

SMB3_MODULE(rpc_epmapper, .summary = "on which pipes the interfaces are found", .needs = needs,
	    .provides = provides);
