// SPDX-License-Identifier: Apache-2.0
/*
 * security.c: QUERY_INFO and SET_INFO of type SECURITY, and the create context SecD.
 * [MS-SMB2] 2.2.13.2.2, 3.3.5.20.3, 3.3.5.21.3; [MS-FSA] 2.1.5.13, 2.1.5.16
 */
#include "acl.h"

#include <errno.h>
#include <smb3/create.h>
#include <smb3/name.h>
#include <string.h>

/* AdditionalInformation [MS-SMB2] 2.2.37 */
#define OWNER_SECURITY     0x00000001u
#define GROUP_SECURITY     0x00000002u
#define DACL_SECURITY      0x00000004u
#define SACL_SECURITY      0x00000008u
#define LABEL_SECURITY     0x00000010u
#define ATTRIBUTE_SECURITY 0x00000020u
#define SCOPE_SECURITY     0x00000040u
#define BACKUP_SECURITY    0x00010000u

/* What of a SACL is no secret of administrators'. */
#define OPEN_SACL (LABEL_SECURITY | ATTRIBUTE_SECURITY | SCOPE_SECURITY)

#define ACE_ATTRIBUTE 0x12
#define ACE_SCOPE     0x13

/* ---- the object ---- */

/* A stream has the security of its file. */
static ntstatus with_file(struct smb3_info_call *call,
			  ntstatus (*fn)(struct smb3_info_call *, struct smb3_vfs *,
					 struct smb3_handle *))
{
	struct smb3_handle *h = call->open->handle, *root, *file;
	struct smb3_vfs *layer = acl_layer(h->mount), *top = h->mount->top;
	const struct smb3_how how = { .flags = SMB3_O_META };
	const struct smb3_ctx *ctx = &call->req->ctx;
	char *path = smb3_open_path(call->open, call->req->arena), *colon = strchr(path, ':');
	const char *parent, *leaf;
	struct smb3_handle *dir;
	ntstatus status;
	int err;

	if (!layer)
		return STATUS_NOT_SUPPORTED;
	if (!colon)
		return fn(call, layer, h);
	*colon = '\0';
	smb3_name_split(call->req->arena, path, &parent, &leaf);
	root = smb3_handle_new(h->mount);
	dir = smb3_handle_new(h->mount);
	file = smb3_handle_new(h->mount);
	err = smb3_vfs_root(top, ctx, root);
	if (!err && *parent)
		err = smb3_vfs_walk(top, ctx, root, parent, dir);
	if (!err && *leaf)
		err = smb3_vfs_open(top, ctx, *parent ? dir : root, leaf, &how, file);
	status = err ? smb3_status_from_errno(err) : fn(call, layer, *leaf ? file : root);
	smb3_handle_free(file);
	smb3_handle_free(dir);
	smb3_handle_free(root);
	return status;
}

/* ---- QUERY ---- */

static uint32_t access_to_query(uint32_t what)
{
	uint32_t access = 0;

	if (what & (OWNER_SECURITY | GROUP_SECURITY | DACL_SECURITY | OPEN_SACL | BACKUP_SECURITY))
		access |= READ_CONTROL;
	if (what & (SACL_SECURITY | BACKUP_SECURITY))
		access |= ACCESS_SYSTEM_SECURITY;
	return access;
}

static bool shown(const struct acl_ace *ace, uint32_t what)
{
	switch (ace->type) {
	case ACE_MANDATORY_LABEL:
		return what & LABEL_SECURITY;
	case ACE_ATTRIBUTE:
		return what & ATTRIBUTE_SECURITY;
	case ACE_SCOPE:
		return what & SCOPE_SECURITY;
	default:
		return what & SACL_SECURITY;
	}
}

static struct acl_list *part_of_sacl(struct smb3_arena *a, const struct acl_list *sacl,
				     uint32_t what)
{
	struct acl_list *list;

	if (!sacl)
		return NULL;
	list = acl_list_new(a, sacl->n);
	list->revision = sacl->revision;
	for (uint16_t i = 0; i < sacl->n; i++)
		if (shown(&sacl->aces[i], what))
			list->aces[list->n++] = sacl->aces[i];
	return list;
}

static struct acl_sd part_of(struct smb3_arena *a, const struct acl_sd *all, uint32_t what)
{
	const uint16_t of_sacl = SE_SACL_PRESENT | SE_SACL_AUTO_INHERITED | SE_SACL_PROTECTED;
	const uint16_t of_dacl = SE_DACL_PRESENT | SE_DACL_AUTO_INHERITED | SE_DACL_PROTECTED;
	struct acl_sd sd = { 0 };

	if (what & BACKUP_SECURITY)
		what |= OWNER_SECURITY | GROUP_SECURITY | DACL_SECURITY | SACL_SECURITY | OPEN_SACL;
	if (what & OWNER_SECURITY && all->has_owner) {
		sd.has_owner = true;
		sd.owner = all->owner;
	}
	if (what & GROUP_SECURITY && all->has_group) {
		sd.has_group = true;
		sd.group = all->group;
	}
	if (what & DACL_SECURITY) {
		sd.control |= all->control & of_dacl;
		sd.dacl = all->dacl;
	}
	if (what & (SACL_SECURITY | OPEN_SACL)) {
		sd.control |= all->control & of_sacl;
		sd.sacl = part_of_sacl(a, all->sacl, what);
	}
	return sd;
}

/* A buffer that is too small is answered with the size that is needed. 3.3.5.20.3 */
static ntstatus too_small(struct smb3_info_call *call, size_t need)
{
	uint8_t *size = smb3_arena_alloc(call->req->arena, 4);

	smb3_store_u32(size, (uint32_t)need);
	call->req->error_data = size;
	call->req->error_len = 4;
	return STATUS_BUFFER_TOO_SMALL;
}

static ntstatus query_object(struct smb3_info_call *call, struct smb3_vfs *layer,
			     struct smb3_handle *h)
{
	struct acl_object o;
	struct acl_sd sd;
	int err = acl_load(layer, &call->req->ctx, h, &o);

	if (err)
		return smb3_status_from_errno(err);
	sd = part_of(call->req->arena, &o.sd, call->additional);
	acl_sd_put(call->out, 0, &sd);
	return call->out->len > call->max ? too_small(call, call->out->len) : STATUS_SUCCESS;
}

static ntstatus security_query(struct smb3_info_call *call)
{
	uint32_t missing = access_to_query(call->additional) & ~call->open->access;

	if (missing)
		return smb3_req_deny(call->req, STATUS_ACCESS_DENIED,
				     "the open has not the access %#x", missing);
	return with_file(call, query_object);
}

/* ---- SET ---- */

static uint32_t access_to_set(uint32_t what)
{
	uint32_t access = 0;

	if (what & (OWNER_SECURITY | GROUP_SECURITY | LABEL_SECURITY | BACKUP_SECURITY))
		access |= WRITE_OWNER;
	if (what & (DACL_SECURITY | ATTRIBUTE_SECURITY | BACKUP_SECURITY))
		access |= WRITE_DAC;
	if (what & (SACL_SECURITY | SCOPE_SECURITY | BACKUP_SECURITY))
		access |= ACCESS_SYSTEM_SECURITY;
	return access;
}

static bool may_give(const struct acl_who *who, const struct acl_sid *sid)
{
	return acl_who_has(who, sid) || who->id->admin;
}

/* Nobody is made an owner by others: one takes, or an administrator gives. */
static ntstatus set_owner(struct smb3_info_call *call, const struct acl_who *who,
			  const struct acl_sd *from, struct acl_sd *to)
{
	if (!from->has_owner)
		return STATUS_INVALID_OWNER;
	if (!acl_sid_equal(&from->owner, &to->owner) && !may_give(who, &from->owner))
		return smb3_req_deny(call->req, STATUS_INVALID_OWNER,
				     "only administrators make somebody else the owner");
	to->owner = from->owner;
	return STATUS_SUCCESS;
}

static void set_dacl(const struct acl_conf *conf, const struct acl_sd *from, struct acl_sd *to)
{
	const uint16_t of_dacl = SE_DACL_PRESENT | SE_DACL_AUTO_INHERITED | SE_DACL_PROTECTED;

	to->control &= (uint16_t)~of_dacl;
	to->control |= SE_DACL_PRESENT |
		       acl_control_of_dacl(from->control, conf->keep_inherited_flags);
	to->dacl = from->dacl;
}

/* The parts of the SACL that are not set stay. */
static void set_sacl(struct smb3_arena *a, uint32_t what, const struct acl_conf *conf,
		     const struct acl_sd *from, struct acl_sd *to)
{
	struct acl_list *kept = part_of_sacl(a, to->sacl, (SACL_SECURITY | OPEN_SACL) & ~what);
	struct acl_list *given = part_of_sacl(a, from->sacl, what), *list;

	if (what & SACL_SECURITY)
		to->control =
			(to->control & ~(uint16_t)(SE_SACL_AUTO_INHERITED | SE_SACL_PROTECTED)) |
			acl_control_of_sacl(from->control, conf->keep_inherited_flags);
	list = acl_list_new(a, 0);
	list->aces = smb3_arena_alloc(a, ((kept ? kept->n : 0) + (given ? (size_t)given->n : 0)) *
							 sizeof(list->aces[0]) +
						 1);
	list->revision = given ? given->revision : list->revision;
	for (uint16_t i = 0; given && i < given->n; i++)
		list->aces[list->n++] = given->aces[i];
	for (uint16_t i = 0; kept && i < kept->n && list->n < UINT16_MAX; i++)
		list->aces[list->n++] = kept->aces[i];
	to->sacl = list->n ? list : NULL;
	to->control = (uint16_t)(to->sacl ? to->control | SE_SACL_PRESENT :
					    to->control & ~SE_SACL_PRESENT);
}

/* The Unix owner and group follow only to where who sets them may give the file. */
static uint32_t change_of(const struct acl_who *who, const struct acl_sd *sd, uint32_t what)
{
	return (what & OWNER_SECURITY && may_give(who, &sd->owner) ? SMB3_SET_OWNER : 0) |
	       (what & GROUP_SECURITY && may_give(who, &sd->group) ? SMB3_SET_GROUP : 0) |
	       (what & (OWNER_SECURITY | GROUP_SECURITY | DACL_SECURITY) ? SMB3_SET_MODE : 0);
}

/* Name services may have to be asked who the owner is: not on a loop. */
static bool looks_up(const struct acl_state *state, const struct acl_sd *sd, uint32_t change)
{
	return change & SMB3_SET_OWNER && state->can_switch &&
	       acl_sid_account(&sd->owner, &state->machine);
}

static ntstatus set_object(struct smb3_info_call *call, struct smb3_vfs *layer,
			   struct smb3_handle *h)
{
	const struct acl_conf *conf = acl_mount_of(layer)->conf;
	const struct smb3_ctx *ctx = &call->req->ctx;
	uint32_t what = call->additional, change;
	ntstatus status = STATUS_SUCCESS;
	struct acl_object o;
	struct acl_sd from;
	struct acl_who who;
	int err = acl_sd_parse(ctx->arena, call->in.base, smb3_cursor_left(&call->in), 0, &from);

	if (err)
		return STATUS_INVALID_SECURITY_DESCR;
	err = acl_load(layer, ctx, h, &o);
	if (err)
		return smb3_status_from_errno(err);
	who = acl_who_of(layer, ctx->who, &o);
	acl_sd_map_generic(&from);
	if (what & BACKUP_SECURITY)
		what |= OWNER_SECURITY | GROUP_SECURITY | DACL_SECURITY | SACL_SECURITY | OPEN_SACL;
	if (what & OWNER_SECURITY)
		status = set_owner(call, &who, &from, &o.sd);
	if (status)
		return status;
	if (what & GROUP_SECURITY && !from.has_group)
		return STATUS_INVALID_PARAMETER;
	if (what & GROUP_SECURITY)
		o.sd.group = from.group;
	if (what & DACL_SECURITY)
		set_dacl(conf, &from, &o.sd);
	if (what & (SACL_SECURITY | OPEN_SACL))
		set_sacl(ctx->arena, what, conf, &from, &o.sd);
	change = change_of(&who, &o.sd, what);
	if (looks_up(acl_mount_of(layer)->state, &o.sd, change) &&
	    smb3_worker_here(call->req->worker))
		return STATUS_RETRY;
	return smb3_status_from_errno(acl_store(layer, ctx, h, &o.sd, change));
}

static ntstatus security_set(struct smb3_info_call *call)
{
	uint32_t missing = access_to_set(call->additional) & ~call->open->access;
	ntstatus status;

	if (missing)
		return smb3_req_deny(call->req, STATUS_ACCESS_DENIED,
				     "the open has not the access %#x", missing);
	status = with_file(call, set_object);
	if (!status)
		smb3_changed(call->open, FILE_ACTION_MODIFIED, FILE_NOTIFY_CHANGE_SECURITY);
	return status;
}

const struct smb3_info acl_security = {
	.name = "Security",
	.query = security_query,
	.set = security_set,
};

/* ---- SecD: the descriptor that a new object shall have ---- */

static ntstatus secd_parse(struct smb3_create *create, struct smb3_cursor *data, void **ret_state)
{
	struct acl_sd *sd = smb3_arena_alloc(create->req->arena, sizeof(*sd));

	if (acl_sd_parse(create->req->arena, data->base, smb3_cursor_left(data), 0, sd))
		return STATUS_INVALID_PARAMETER;
	acl_sd_map_generic(sd);
	*ret_state = sd;
	return STATUS_SUCCESS;
}

const struct smb3_createctx acl_secd = {
	.name = "SecD",
	.tag = "SecD",
	.tag_len = 4,
	.parse = secd_parse,
};
