// SPDX-License-Identifier: Apache-2.0
/*
 * create.c: CREATE on the loop: decoding, named pipes, and the reply.
 * [MS-SMB2] 2.2.13, 2.2.14, 3.3.5.9
 */
#include "file.h"

#include <stdlib.h>
#include <strings.h>

#define CREATE_BUFFER  (SMB2_HEADER_SIZE + 56) /* where the variable part may begin */
#define CREATE_NAME    44                      /* NameOffset, NameLength */
#define CREATE_REPLY   89                      /* StructureSize; 88 bytes and the contexts */
#define PIPE_ALLOCATED 4096

#define QUOTA_ATTRIBUTES                                                            \
	(FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_SYSTEM | FILE_ATTRIBUTE_DIRECTORY | \
	 FILE_ATTRIBUTE_ARCHIVE)

/* Opened for questions about quotas. [MS-FSA] 2.1.5.21: stands for the root of the share. */
#define QUOTA_FILE "$Extend\\$Quota:$Q:$INDEX_ALLOCATION"

static bool names_quota_file(const struct create *cr, const struct smb3_cursor *name, uint16_t len)
{
	const char *path;

	if (len != 2 * (sizeof(QUOTA_FILE) - 1) || name->base[0] != '$')
		return false;
	path = smb3_utf16_to_utf8(cr->c.req->arena, name->base, len);
	return path && !strcasecmp(path, QUOTA_FILE);
}

static ntstatus create_decode_name(struct create *cr, struct smb3_cursor *c, uint16_t at,
				   uint16_t len)
{
	struct smb3_cursor name = smb3_cursor_sub(c, at, len);

	if (!smb3_cursor_ok(&name) || (len && at < CREATE_BUFFER))
		return STATUS_INVALID_PARAMETER;
	if (cr->c.req->tree->share->pipe) {
		cr->c.path = smb3_utf16_to_utf8(cr->c.req->arena, name.base, len);
		return cr->c.path ? STATUS_SUCCESS : STATUS_OBJECT_NAME_INVALID;
	}
	if (names_quota_file(cr, &name, len)) {
		cr->c.options &= ~FILE_NON_DIRECTORY_FILE;
		cr->quotas = true;
		len = 0;
	}
	return smb3_name_parse(cr->c.req->arena, name.base, len, &cr->name);
}

static ntstatus create_decode(struct create *cr)
{
	struct smb3_create *c = &cr->c;
	struct smb3_cursor in = c->req->body, contexts;
	uint16_t name_at, name_len;
	uint32_t contexts_at, contexts_len;
	ntstatus status;

	smb3_get_skip(&in, 3); /* StructureSize, SecurityFlags */
	c->oplock = smb3_get_u8(&in);
	cr->impersonation = smb3_get_u32(&in);
	smb3_get_skip(&in, 16); /* SmbCreateFlags, Reserved */
	c->desired_access = smb3_get_u32(&in);
	c->attributes = smb3_get_u32(&in);
	c->share_access = smb3_get_u32(&in);
	c->disposition = smb3_get_u32(&in);
	c->options = smb3_get_u32(&in);
	name_at = smb3_get_u16(&in);
	name_len = smb3_get_u16(&in);
	contexts_at = smb3_get_u32(&in);
	contexts_len = smb3_get_u32(&in);
	contexts = smb3_cursor_sub(&in, contexts_at, contexts_len);
	if (!smb3_cursor_ok(&in) || (contexts_len && contexts_at < CREATE_BUFFER))
		return STATUS_INVALID_PARAMETER;
	status = create_decode_name(cr, &in, name_at, name_len);
	if (status)
		return status;
	if (cr->name.path)
		c->path = cr->name.path;
	c->stream = cr->name.stream;
	cr->wanted = access_map(c->desired_access) & ~MAXIMUM_ALLOWED;
	cr->maximum = c->desired_access & MAXIMUM_ALLOWED;
	status = create_parse_contexts(cr, contexts);
	return status ? status : create_version(cr);
}

/* ---- the reply ---- */

static void create_put_reply(struct create *cr)
{
	const struct smb3_create *c = &cr->c;
	struct smb3_builder *out = smb3_req_out(c->req);

	smb3_put_u16(out, CREATE_REPLY);
	smb3_put_u8(out, c->granted_oplock);
	smb3_put_u8(out, 0); /* Flags */
	smb3_put_u32(out, c->action);
	smb3_put_times(out, &c->stat);
	smb3_put_u64(out, c->stat.alloc);
	smb3_put_u64(out, c->stat.size);
	smb3_put_u32(out, smb3_stat_attributes(&c->stat));
	smb3_put_u32(out, 0); /* Reserved2 */
	smb3_put_u64(out, c->open->persistent_id);
	smb3_put_u64(out, c->open->volatile_id);
	create_put_contexts(cr, out);
}

static void create_opened(struct create *cr)
{
	struct smb3_req *req = cr->c.req;
	struct smb3_event event = { .point = SMB3_HOOK_OPENED,
				    .server = req->server,
				    .worker = req->worker,
				    .conn = req->conn,
				    .session = req->session,
				    .tree = req->tree,
				    .share = req->tree->share,
				    .open = cr->c.open,
				    .file = cr->c.open->file,
				    .req = req,
				    .create = &cr->c,
				    .who = req->ctx.who,
				    .path = cr->c.path,
				    .access = cr->c.granted };

	if (smb3_hooked(req->server, SMB3_HOOK_OPENED))
		smb3_hook_run(&event);
}

static void create_changed(const struct create *cr)
{
	struct smb3_open *o = cr->c.open;
	uint32_t contents = FILE_NOTIFY_CHANGE_SIZE | FILE_NOTIFY_CHANGE_LAST_WRITE;

	if (cr->name.stream && cr->made)
		smb3_name_changed(o->tree->share, cr->name.path, FILE_ACTION_ADDED,
				  FILE_NOTIFY_CHANGE_FILE_NAME);
	if (cr->c.action == FILE_CREATED)
		smb3_changed(o, FILE_ACTION_ADDED,
			     o->directory ? FILE_NOTIFY_CHANGE_DIR_NAME :
					    FILE_NOTIFY_CHANGE_FILE_NAME);
	else if (cr->c.action != FILE_OPENED)
		smb3_changed(o, FILE_ACTION_MODIFIED, contents | FILE_NOTIFY_CHANGE_ATTRIBUTES);
}

/* The open is complete: clients may find it. Our reference becomes the request's. */
static ntstatus create_publish(struct create *cr)
{
	struct smb3_req *req = cr->c.req;

	if (cr->quotas)
		cr->c.stat = (struct smb3_stat){ .dev = cr->c.stat.dev,
						 .ino = cr->c.stat.ino,
						 .attributes = QUOTA_ATTRIBUTES };
	smb3_open_publish(cr->c.open);
	req->open = cr->c.open;
	/* In this order: what an overwrite changes must not cost the newcomer its own oplock. */
	if (!req->open->pipe)
		create_changed(cr);
	create_opened(cr);
	create_put_reply(cr);
	return STATUS_SUCCESS;
}

static ntstatus create_done(struct smb3_req *req)
{
	struct create *cr = req->state;

	if (req->status)
		return req->status;
	/* The session or tree went away while the disk was at work. */
	if (req->tree->closed || req->session->state == SMB3_SESSION_CLOSED) {
		smb3_open_close(cr->c.open);
		smb3_open_unref(cr->c.open);
		return STATUS_NETWORK_NAME_DELETED;
	}
	return create_publish(cr);
}

/* ---- named pipes ---- */

static ntstatus create_pipe(struct create *cr)
{
	struct smb3_req *req = cr->c.req;
	const struct smb3_pipe_service *service = smb3_pipe_find(req->server, cr->c.path);
	struct smb3_open *open = cr->c.open;
	ntstatus status;

	if (!service)
		return STATUS_OBJECT_NAME_NOT_FOUND;
	open->pipe = smb3_alloc(sizeof(*open->pipe));
	open->pipe->service = service;
	open->pipe->open = open;
	free(open->path);
	open->path = smb3_strdup(service->has ? cr->c.path : service->name);
	open->access = cr->maximum ? FILE_ALL_ACCESS : cr->wanted;
	open->share_access = cr->c.share_access;
	open->options = cr->c.options;
	status = service->open ? service->open(open->pipe) : STATUS_SUCCESS;
	if (status)
		return status;
	cr->c.granted = open->access;
	cr->c.maximal = FILE_ALL_ACCESS;
	cr->c.action = FILE_OPENED;
	cr->c.stat.alloc = PIPE_ALLOCATED;
	return create_publish(cr);
}

/* ---- run ---- */

static ntstatus create_new(struct smb3_req *req)
{
	struct create *cr = smb3_arena_alloc(req->arena, sizeof(*cr));
	struct smb3_mod *mod = smb3_module_of(req->server, &create_command);
	ntstatus status;

	cr->c.req = req;
	cr->conf = smb3_conf_of(mod, req->tree->share);
	status = create_decode(cr);
	if (!status)
		status = create_check(cr);
	req->state = cr;
	return status;
}

/* Also called when a request that was parked goes on: then it has been decoded. */
static ntstatus create_run(struct smb3_req *req)
{
	ntstatus status = req->state ? STATUS_SUCCESS : create_new(req);
	struct create *cr = req->state;

	if (status)
		return status;
	cr->c.open = smb3_open_new(req);
	if (!cr->c.open)
		return STATUS_INSUFFICIENT_RESOURCES;
	if (!req->tree->share->pipe)
		return smb3_req_work(req, create_work, create_done, SMB3_WORK_QUICK);
	status = create_pipe(cr);
	if (status)
		smb3_open_unref(cr->c.open);
	return status;
}

static void create_peek(const struct smb3_req *req, struct smb3_peek *peek)
{
	struct smb3_cursor in = req->body, name;
	uint16_t at, len;
	char *path;

	smb3_get_skip(&in, CREATE_NAME);
	at = smb3_get_u16(&in);
	len = smb3_get_u16(&in);
	name = smb3_cursor_sub(&in, at, len);
	if (!smb3_cursor_ok(&name) || len % 2)
		return;
	path = smb3_utf16_to_utf8(req->arena, name.base, len);
	for (char *p = path; p && *p; p++)
		if (*p == '\\')
			*p = '/';
	peek->path = path;
}

const struct smb3_command create_command = {
	.name = "CREATE",
	.body_size = 57,
	.flags = SMB3_NEED_SESSION | SMB3_NEED_TREE | SMB3_MODIFIES,
	.run = create_run,
	.peek = create_peek,
};
