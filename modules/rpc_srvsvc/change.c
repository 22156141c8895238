// SPDX-License-Identifier: Apache-2.0
/*
 * change.c: shares made, changed and removed by administrators. [MS-SRVS] 3.1.4.7, 3.1.4.11,
 * 3.1.4.12, 3.1.4.15; structures 2.2.4.22 to 2.2.4.32. Who may do that, and with which folders, is
 * decided in smb3d.
 */
#include "srvsvc.h"

#include "keep.h"

#include <errno.h>

#define STYPE_DISKTREE 0u
#define STYPE_SPECIAL  0x80000000u
#define NO_LIMIT       0xFFFFFFFFu
#define NAME_SHARE     9u /* a type of NetprNameValidate */
#define SD_MAX         65536u

/* Which argument is wrong, [MS-SRVS] 2.2.2.11 */
enum { PARM_NAME = 1, PARM_TYPE = 3, PARM_MAX = 6, PARM_PATH = 8, PARM_FLAGS = 7, PARM_SD = 501 };

enum {
	HAS_NAME = 1,
	HAS_TYPE = 2,
	HAS_COMMENT = 4,
	HAS_FLAGS = 8,
	HAS_USE = 16, /* permissions, most users, users, path, password */
	HAS_SERVER = 32,
	HAS_SD = 64,
	HAS_MAX = 128,
	MAY_ADD = 256,
	MAY_SET = 512
};

static const struct level {
	uint32_t level, has;
} levels[] = {
	{ 0, HAS_NAME },
	{ 1, HAS_NAME | HAS_TYPE | HAS_COMMENT | MAY_SET },
	{ 2, HAS_NAME | HAS_TYPE | HAS_COMMENT | HAS_USE | MAY_ADD | MAY_SET },
	{ 501, HAS_NAME | HAS_TYPE | HAS_COMMENT | HAS_FLAGS },
	{ 502, HAS_NAME | HAS_TYPE | HAS_COMMENT | HAS_USE | HAS_SD | MAY_ADD | MAY_SET },
	{ 503,
	  HAS_NAME | HAS_TYPE | HAS_COMMENT | HAS_USE | HAS_SERVER | HAS_SD | MAY_ADD | MAY_SET },
	{ 1004, HAS_COMMENT | MAY_SET },
	{ 1005, HAS_FLAGS | MAY_SET },
	{ 1006, HAS_MAX | MAY_SET },
	{ 1501, HAS_SD | MAY_SET },
};

/* What a client said about a share. */
struct info {
	uint32_t has; /* 0: the pointer was null */
	uint32_t type, flags, max_users, sd_len;
	bool names, comments, paths, passwords, servers, sds; /* pointers that lead somewhere */
	const char *name, *comment, *path, *server;           /* NULL: none */
	uint32_t parm;                                        /* which one is wrong */
	bool has_parm;                                        /* and it is asked for */
};

/* ---- on the wire ---- */

static void get_entry(struct smb3_ndr_in *in, struct info *i)
{
	if (i->has & HAS_NAME)
		i->names = smb3_ndr_ptr(in);
	if (i->has & HAS_TYPE)
		i->type = smb3_ndr_u32(in);
	if (i->has & HAS_COMMENT)
		i->comments = smb3_ndr_ptr(in);
	if (i->has & HAS_FLAGS)
		i->flags = smb3_ndr_u32(in);
	if (i->has & HAS_MAX)
		i->max_users = smb3_ndr_u32(in);
	if (i->has & HAS_USE) {
		(void)smb3_ndr_u32(in); /* permissions: not checked by anybody */
		i->max_users = smb3_ndr_u32(in);
		(void)smb3_ndr_u32(in); /* users */
		i->paths = smb3_ndr_ptr(in);
		i->passwords = smb3_ndr_ptr(in);
	}
	if (i->has & HAS_SERVER)
		i->servers = smb3_ndr_ptr(in);
	if (i->has & HAS_SD) {
		i->sd_len = smb3_ndr_u32(in);
		i->sds = smb3_ndr_ptr(in);
	}
}

static void get_deferred(struct smb3_ndr_in *in, struct info *i)
{
	if (i->names)
		i->name = smb3_ndr_wstring(in);
	if (i->comments)
		i->comment = smb3_ndr_wstring(in);
	if (i->paths)
		i->path = smb3_ndr_wstring(in);
	if (i->passwords)
		(void)smb3_ndr_wstring(in);
	if (i->servers)
		i->server = smb3_ndr_wstring(in);
	if (i->sds) {
		if (smb3_ndr_conformance(in, SD_MAX) != i->sd_len)
			smb3_ndr_bad(in);
		(void)smb3_ndr_bytes(in, i->sd_len);
	}
}

/* Level, union, and the pointer to the wrong argument. False: a fault; of a level that nobody knows
 * there is no telling what follows. */
static bool get_info(struct smb3_rpc_call *call, struct info *ret_info)
{
	struct smb3_ndr_in *in = call->in;
	uint32_t level = smb3_ndr_u32(in), has = 0;
	struct info i = { .max_users = NO_LIMIT };

	smb3_ndr_switch(in, level);
	for (size_t n = 0; n < SMB3_ARRAY_SIZE(levels); n++)
		if (levels[n].level == level)
			has = levels[n].has;
	if (!has)
		smb3_ndr_bad(in);
	if (smb3_ndr_ptr(in)) {
		i.has = has;
		get_entry(in, &i);
		get_deferred(in, &i);
	}
	i.has_parm = smb3_ndr_ptr(in);
	if (i.has_parm)
		(void)smb3_ndr_u32(in);
	*ret_info = i;
	return smb3_ndr_ok(in);
}

static uint32_t put_result(struct smb3_rpc_call *call, const struct info *i, uint32_t status)
{
	smb3_ndr_put_ptr(call->out, i->has_parm);
	if (i->has_parm)
		smb3_ndr_put_u32(call->out, status == ERROR_INVALID_PARAMETER ? i->parm : 0);
	smb3_ndr_put_u32(call->out, status);
	return SMB3_RPC_OK;
}

/* ---- what is not to be had ---- */

static uint32_t wrong(struct info *i, uint32_t parm, uint32_t status)
{
	i->parm = parm;
	return status;
}

/* Limits, caching and security descriptors of shares are not there: only their absence can be asked
 * for, so that nobody believes in a protection that is none. */
static uint32_t judge(struct info *i)
{
	if (!i->has)
		return wrong(i, 0, ERROR_INVALID_PARAMETER);
	if (i->max_users && i->max_users != NO_LIMIT) /* net of Samba says 0 for no limit */
		return wrong(i, PARM_MAX, ERROR_NOT_SUPPORTED);
	if (i->flags)
		return wrong(i, PARM_FLAGS, ERROR_NOT_SUPPORTED);
	if (i->sds || i->has == (HAS_SD | MAY_SET))
		return wrong(i, PARM_SD, ERROR_NOT_SUPPORTED);
	if (i->server && *srvsvc_name(i->server) && strcmp(i->server, "*"))
		return wrong(i, 0, ERROR_NOT_SUPPORTED);
	return NERR_SUCCESS;
}

/* "C:\srv\x" is /srv/x, and so is "/srv/x". NULL: on another drive, or on none. */
static const char *unix_path(struct smb3_rpc_call *call, const char *path)
{
	char *p;

	if ((path[0] == 'C' || path[0] == 'c') && path[1] == ':')
		path += 2;
	if (*path != '\\' && *path != '/')
		return NULL;
	p = smb3_arena_strdup(call->arena, path);
	for (char *c = p; *c; c++)
		if (*c == '\\')
			*c = '/';
	return p;
}

static uint32_t change_error(int err)
{
	switch (err) {
	case -EEXIST:
		return NERR_DUPLICATE_SHARE;
	case -ENOTDIR:
		return NERR_UNKNOWN_DEVICE;
	case -ENOSPC:
		return NERR_NO_ROOM;
	case -EIO:
	case -ESHUTDOWN:
		return NERR_INTERNAL_ERROR;
	default:
		return srvsvc_error(err, NERR_NET_NAME_NOT_FOUND);
	}
}

static uint32_t ask(struct smb3_rpc_call *call, enum srvsvc_change what, const char *name,
		    const struct info *i)
{
	struct smb3_builder in = smb3_builder_arena(call->arena, SMB3_RPC_ANSWER_MAX);
	struct smb3_cursor c;

	smb3_put_u8(&in, (uint8_t)what);
	smb3_put_text(&in, name);
	smb3_put_text(&in, i->path ? i->path : "");
	smb3_put_text(&in, i->comment ? i->comment : "");
	return change_error(smb3_rpc_ask(call, SMB3_ASK_CHANGE_SHARE, &in, &c));
}

/* ---- add ---- */

static uint32_t add(struct smb3_rpc_call *call, struct info *i)
{
	uint32_t status;

	if (!call->caller->admin)
		return ERROR_ACCESS_DENIED;
	if (i->has && !(i->has & MAY_ADD))
		return ERROR_INVALID_LEVEL;
	status = judge(i);
	if (status)
		return status;
	if (!i->name)
		return wrong(i, PARM_NAME, ERROR_INVALID_PARAMETER);
	status = srvsvc_name_judge(i->name, NAME_SHARE, 0);
	if (status)
		return wrong(i, PARM_NAME, status);
	if ((i->type & ~STYPE_SPECIAL) != STYPE_DISKTREE)
		return wrong(i, PARM_TYPE, ERROR_INVALID_PARAMETER);
	i->path = i->path ? unix_path(call, i->path) : NULL;
	i->parm = PARM_PATH;
	return i->path ? ask(call, SRVSVC_ADD, i->name, i) : ERROR_INVALID_PARAMETER;
}

uint32_t srvsvc_share_add(struct smb3_rpc_call *call)
{
	struct info i;

	(void)smb3_ndr_wstring_ptr(call->in); /* ServerName */
	if (!get_info(call, &i))
		return SMB3_RPC_FAULT_NDR;
	return put_result(call, &i, add(call, &i));
}

/* ---- change ---- */

static uint32_t set(struct smb3_rpc_call *call, const char *name, struct info *i)
{
	const char *path = NULL;
	uint32_t status;

	if (!call->caller->admin)
		return ERROR_ACCESS_DENIED;
	if (i->has && !(i->has & MAY_SET))
		return ERROR_INVALID_LEVEL;
	status = srvsvc_share_path(call, name, &path);
	if (!status)
		status = judge(i);
	/* What a client cannot change it may send as it is. */
	if (!status && i->path && !smb3_name_equal(i->path, path))
		status = wrong(i, PARM_PATH, ERROR_INVALID_PARAMETER);
	if (status || !(i->has & HAS_COMMENT))
		return status;
	return ask(call, SRVSVC_CHANGE, name, i);
}

uint32_t srvsvc_share_set_info(struct smb3_rpc_call *call)
{
	const char *name;
	struct info i;

	(void)smb3_ndr_wstring_ptr(call->in); /* ServerName */
	name = smb3_ndr_wstring(call->in);
	if (!get_info(call, &i))
		return SMB3_RPC_FAULT_NDR;
	return put_result(call, &i, set(call, name, &i));
}

/* ---- remove ---- */

static const char *get_del(struct smb3_rpc_call *call)
{
	const char *name;

	(void)smb3_ndr_wstring_ptr(call->in); /* ServerName */
	name = smb3_ndr_wstring(call->in);
	(void)smb3_ndr_u32(call->in); /* Reserved */
	return smb3_ndr_ok(call->in) ? name : NULL;
}

/* Whoever is connected to it is so no longer, [MS-SMB2] 3.3.4.15. */
static void leave(struct smb3_rpc_call *call, const char *name)
{
	struct smb3_builder in = smb3_builder_arena(call->arena, SMB3_RPC_ANSWER_MAX);
	struct smb3_cursor c;

	smb3_put_text(&in, name);
	(void)smb3_rpc_ask(call, SMB3_ASK_LEAVE_SHARE, &in, &c);
}

uint32_t srvsvc_share_del(struct smb3_rpc_call *call)
{
	static const struct info none;
	const char *name = get_del(call);
	uint32_t status = ERROR_ACCESS_DENIED;

	if (!name)
		return SMB3_RPC_FAULT_NDR;
	if (call->caller->admin)
		status = *name ? ask(call, SRVSVC_REMOVE, name, &none) : NERR_NET_NAME_NOT_FOUND;
	if (!status)
		leave(call, name);
	smb3_ndr_put_u32(call->out, status);
	return SMB3_RPC_OK;
}

/* That would leave a share until the server ends, and no longer: there are none of that kind. */
uint32_t srvsvc_share_del_sticky(struct smb3_rpc_call *call)
{
	if (!get_del(call))
		return SMB3_RPC_FAULT_NDR;
	smb3_ndr_put_u32(call->out,
			 call->caller->admin ? ERROR_NOT_SUPPORTED : ERROR_ACCESS_DENIED);
	return SMB3_RPC_OK;
}
