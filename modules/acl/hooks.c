// SPDX-License-Identifier: Apache-2.0
/*
 * hooks.c: where ACLs decide: what an open may have, what may be made or replaced in a folder, and
 * what a new object gets. All of it in work. [MS-FSA] 2.1.5.1.2.1, 2.1.5.1.1
 */
#include "acl.h"

#include <smb3/create.h>
#include <stdio.h>
#include <sys/stat.h>

#define ORDER_ACCESS 200 /* before policies, which take away from what is found here */

static enum smb3_verdict deny(struct smb3_event *event, ntstatus status, const char *path,
			      const char *reason)
{
	event->status = status;
	snprintf(event->reason, sizeof(event->reason), "%.100s: %.50s", reason, path ? path : "");
	return SMB3_DENY;
}

/* A descriptor that cannot be read is no permission. */
static enum smb3_verdict failed(struct smb3_event *event, int err)
{
	return deny(event, smb3_status_from_errno(err), event->path, "its ACL cannot be read");
}

/* ---- ACCESS ---- */

/* Whoever may list a folder sees attributes; whoever may delete its entries can delete. */
static int add_from_parent(struct smb3_vfs *layer, struct smb3_event *event, uint32_t by_mode,
			   uint32_t *granted)
{
	struct acl_object o;
	struct acl_who who;
	uint32_t parent;
	int err;

	if (!event->parent || !*event->handle->name)
		return 0;
	err = acl_load(layer, event->ctx, event->parent, &o);
	if (err)
		return err;
	who = acl_who_of(layer, event->who, &o);
	parent = acl_granted(&o.sd, &who);
	if (parent & FILE_LIST_DIRECTORY)
		*granted |= FILE_READ_ATTRIBUTES;
	if (o.stored ? parent & FILE_DELETE_CHILD : by_mode & SMB3_DELETE)
		*granted |= SMB3_DELETE;
	return 0;
}

static enum smb3_verdict refuse(struct smb3_event *event, const struct acl_object *o,
				const struct acl_who *who, uint32_t missing)
{
	ntstatus status = STATUS_ACCESS_DENIED;
	char why[128];

	if (missing == ACCESS_SYSTEM_SECURITY)
		status = STATUS_PRIVILEGE_NOT_HELD;
	acl_denial(&o->sd, who, missing, why, sizeof(why));
	return deny(event, status, event->path, why);
}

/* Permission bits have decided; what only privileges give is added. */
static enum smb3_verdict access_by_mode(struct smb3_event *event)
{
	if (event->who->admin)
		event->access |= ACCESS_SYSTEM_SECURITY;
	if (event->wanted & ~event->access & ACCESS_SYSTEM_SECURITY)
		return deny(event, STATUS_PRIVILEGE_NOT_HELD, event->path,
			    "only administrators see what is audited");
	return SMB3_PASS;
}

static enum smb3_verdict access_run(struct smb3_mod *mod, struct smb3_event *event)
{
	bool made = event->create && event->create->action == FILE_CREATED;
	struct smb3_vfs *layer = event->handle ? acl_layer(event->handle->mount) : NULL;
	struct acl_object o = { 0 };
	struct acl_who who;
	uint32_t granted;
	int err;

	if (!layer || !event->who)
		return SMB3_PASS;
	if (!made) {
		err = acl_load_stored(layer, event->ctx, event->handle, &o);
		if (err)
			return failed(event, err);
	}
	if (!o.stored)
		return access_by_mode(event);
	who = acl_who_of(layer, event->who, &o);
	granted = acl_granted(&o.sd, &who);
	if (event->maximal || event->wanted & ~granted) {
		err = add_from_parent(layer, event, event->access, &granted);
		if (err)
			return failed(event, err);
	}
	event->access = granted;
	if (event->wanted & ~granted)
		return refuse(event, &o, &who, event->wanted & ~granted);
	return SMB3_PASS;
}

const struct smb3_hook acl_access_hook = {
	.point = SMB3_HOOK_ACCESS,
	.order = ORDER_ACCESS,
	.name = "acl",
	.run = access_run,
};

/* ---- ENTRY ---- */

/* Of an open that makes something: what ENTRY found out about the folder, for MADE. */
struct acl_making {
	bool plain; /* no ACL is stored for it */
};

struct smb3_slot acl_making_slot = {
	.kind = SMB3_SLOT_OPEN,
	.size = sizeof(struct acl_making),
};

static bool folder_is_plain(const struct smb3_event *event)
{
	const struct acl_making *making =
		event->create ? smb3_slot(&acl_making_slot, event->create->open) : NULL;

	return making && making->plain;
}

static void folder_seen(struct smb3_event *event, const struct acl_object *folder)
{
	struct acl_making *making;

	if (!event->create)
		return;
	making = smb3_slot(&acl_making_slot, event->create->open);
	making->plain = !folder->stored;
}

/* What a folder without a stored ACL has to say the kernel says. */
static enum smb3_verdict may_add(struct smb3_vfs *layer, struct smb3_event *event)
{
	struct acl_object o;
	struct acl_who who;
	uint32_t missing;
	int err = acl_load_stored(layer, &event->req->ctx, event->parent, &o);

	if (err)
		return failed(event, err);
	folder_seen(event, &o);
	/* What it is made with until its own ACL is there. */
	if (o.stored || (event->create && smb3_create_context(event->create, &acl_secd)))
		event->mode &= 0700;
	if (!o.stored)
		return SMB3_PASS;
	who = acl_who_of(layer, event->who, &o);
	missing = event->access & ~acl_granted(&o.sd, &who);
	return missing ? refuse(event, &o, &who, missing) : SMB3_PASS;
}

static enum smb3_verdict may_lose(struct smb3_vfs *layer, struct smb3_event *event)
{
	const struct smb3_ctx *ctx = &event->req->ctx;
	struct acl_object o, folder;
	struct acl_who who;
	int err = acl_load_stored(layer, ctx, event->handle, &o);

	if (err)
		return failed(event, err);
	if (!o.stored || acl_allows(layer, ctx, event->handle, SMB3_DELETE))
		return SMB3_PASS;
	err = acl_load(layer, ctx, event->parent, &folder);
	if (err)
		return failed(event, err);
	who = acl_who_of(layer, event->who, &folder);
	if (acl_granted(&folder.sd, &who) & FILE_DELETE_CHILD)
		return SMB3_PASS;
	who = acl_who_of(layer, event->who, &o);
	return refuse(event, &o, &who, SMB3_DELETE);
}

static enum smb3_verdict entry_run(struct smb3_mod *mod, struct smb3_event *event)
{
	struct smb3_vfs *layer = event->parent ? acl_layer(event->parent->mount) : NULL;

	if (!layer || !event->who)
		return SMB3_PASS;
	return event->handle ? may_lose(layer, event) : may_add(layer, event);
}

const struct smb3_hook acl_entry_hook = {
	.point = SMB3_HOOK_ENTRY,
	.order = ORDER_ACCESS,
	.name = "acl",
	.run = entry_run,
};

/* ---- MADE ---- */

/* Nobody makes files that are another's. */
static bool owner_is_creator(const struct smb3_vfs *layer, const struct acl_sd *asked,
			     const struct smb3_identity *id)
{
	const struct acl_who who = { .id = id, .machine = &acl_mount_of(layer)->state->machine };

	return !asked || !asked->has_owner || id->admin || acl_who_has(&who, &asked->owner);
}

static enum smb3_verdict made_run(struct smb3_mod *mod, struct smb3_event *event)
{
	struct smb3_vfs *layer = event->handle ? acl_layer(event->handle->mount) : NULL;
	const struct smb3_ctx *ctx = &event->req->ctx;
	const struct acl_sd *asked = event->create ? smb3_create_context(event->create, &acl_secd) :
						     NULL;
	struct acl_object parent = { 0 };
	struct acl_birth birth;
	struct acl_sd sd;
	int err = 0;

	if (!layer || !event->who)
		return SMB3_PASS;
	if (!owner_is_creator(layer, asked, event->who))
		return deny(event, STATUS_INVALID_OWNER, event->path,
			    "only administrators make somebody else the owner");
	if (!folder_is_plain(event))
		err = acl_load_stored(layer, ctx, event->parent, &parent);
	if (!err && !parent.stored && !asked)
		return SMB3_PASS;
	birth = (struct acl_birth){
		.parent = parent.stored ? &parent.sd : NULL,
		.creator = asked,
		.owner = acl_sid_of_uid(event->who->uid),
		.group = acl_sid_of_gid(event->who->gid),
		.directory = event->handle->directory,
		.keep_flags = acl_mount_of(layer)->conf->keep_inherited_flags,
	};
	if (!err) {
		acl_inherit(ctx->arena, &birth, &sd);
		err = acl_store(layer, ctx, event->handle, &sd, SMB3_SET_MODE);
	}
	return err ? deny(event, smb3_status_from_errno(err), event->path,
			  "its ACL cannot be stored") :
		     SMB3_PASS;
}

const struct smb3_hook acl_made_hook = {
	.point = SMB3_HOOK_MADE,
	.order = ORDER_ACCESS,
	.name = "acl",
	.run = made_run,
};
