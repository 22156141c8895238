// SPDX-License-Identifier: Apache-2.0
/*
 * query.c: what is told about services. Most of it comes in buffers of bytes, of the size that the
 * client offers, with offsets in place of pointers. [MS-SCMR] 3.1.4.5, 3.1.4.13 to 3.1.4.15, 3.1.4.36
 */
#include "svcctl.h"

#define ENTRY_HEAD      8  /* two offsets */
#define STATUS_SIZE     28 /* SERVICE_STATUS */
#define PROCESS_SIZE    36 /* SERVICE_STATUS_PROCESS */
#define CONFIG_SIZE     36 /* QUERY_SERVICE_CONFIGW, pointers of 32 bits */
#define CONFIG_DESCRIBE 1u
#define CONFIG_FAILURE  2u
#define INFO_PROCESS    0u
#define START_AUTO      2u
#define ERROR_NORMAL    1u
#define SECURITY_MAX    512
#define SECINFO_KNOWN   0xFu
#define SECINFO_DACL    0x4u

/* ---- buffers ---- */

/* What a procedure answers with: as much of it as was offered, or a status that says more is needed. */
struct buffer {
	uint32_t offered, needed;
	struct smb3_builder b;
};

static struct buffer buffer_begin(struct smb3_rpc_call *call, uint32_t offered, uint32_t max)
{
	if (offered > max)
		smb3_ndr_bad(call->in);
	return (struct buffer){ .offered = offered,
				.b = smb3_builder_arena(call->arena, BUFFER_MAX) };
}

/* The buffer, padded with zeros; nothing of it when not all fits. */
static void buffer_put(struct smb3_rpc_call *call, const struct buffer *buf, bool whole)
{
	size_t len = whole && buf->b.len <= buf->offered ? buf->b.len : 0;

	smb3_ndr_put_u32(call->out, buf->offered);
	smb3_ndr_put_bytes(call->out, buf->b.data, len);
	smb3_put_zero(&call->out->b, buf->offered - len);
}

static void put_text16(struct smb3_builder *b, const char *s)
{
	smb3_put_utf16(b, s);
	smb3_put_u16(b, 0);
}

static size_t text16_size(const char *s)
{
	return smb3_utf16_size(s) + 2;
}

/* Answers with one buffer: its bytes, how many are needed, the status. */
static uint32_t answer_one(struct smb3_rpc_call *call, struct buffer *buf, uint32_t status)
{
	if (!status && !smb3_builder_ok(&buf->b))
		status = ERROR_NOT_ENOUGH_MEMORY;
	buf->needed = status ? 0 : (uint32_t)buf->b.len;
	if (!status && buf->needed > buf->offered)
		status = ERROR_INSUFFICIENT_BUFFER;
	buffer_put(call, buf, !status);
	smb3_ndr_put_u32(call->out, buf->needed);
	smb3_ndr_put_u32(call->out, status);
	return SMB3_RPC_OK;
}

/* ---- security ---- */

/* Self-relative: administrators may ask all, users what they are told anyway. Nobody may change a
 * thing. [MS-DTYP] 2.4.6 */
static void put_security(struct smb3_builder *b)
{
	static const uint8_t authenticated[] = { 1, 1, 0, 0, 0, 0, 0, 5, 11, 0, 0, 0 };
	static const uint32_t rights = SERVICE_QUERY_CONFIG | SERVICE_QUERY_STATUS |
				       SERVICE_ENUMERATE | SERVICE_INTERROGATE | RIGHT_READ_CONTROL;
	const uint16_t ace = 8 + sizeof(authenticated);

	smb3_put_u8(b, 1);
	smb3_put_u8(b, 0);
	smb3_put_u16(b, 0x8004); /* self-relative, a DACL is there */
	smb3_put_u32(b, 0);      /* owner, group, SACL: not told */
	smb3_put_u32(b, 0);
	smb3_put_u32(b, 0);
	smb3_put_u32(b, 20);
	smb3_put_u8(b, 2); /* ACL */
	smb3_put_u8(b, 0);
	smb3_put_u16(b, (uint16_t)(8 + ace));
	smb3_put_u16(b, 1);
	smb3_put_u16(b, 0);
	smb3_put_u16(b, 0); /* allowed, not inherited */
	smb3_put_u16(b, ace);
	smb3_put_u32(b, rights);
	smb3_put_bytes(b, authenticated, sizeof(authenticated));
}

uint32_t svcctl_query_security(struct smb3_rpc_call *call)
{
	struct smb3_rpc_handle h = smb3_ndr_handle(call->in);
	uint32_t info = smb3_ndr_u32(call->in), status;
	struct buffer buf = buffer_begin(call, smb3_ndr_u32(call->in), BUFFER_MAX);

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (service_get(call, &h, RIGHT_READ_CONTROL, &status) && (!info || info & ~SECINFO_KNOWN))
		status = ERROR_INVALID_PARAMETER;
	if (!status)
		put_security(&buf.b);
	return answer_one(call, &buf, status);
}

/* One that changes nothing is taken; others are not. */
uint32_t svcctl_set_security(struct smb3_rpc_call *call)
{
	struct smb3_rpc_handle h = smb3_ndr_handle(call->in);
	uint32_t info = smb3_ndr_u32(call->in), status;
	uint32_t len = smb3_ndr_conformance(call->in, BUFFER_MAX);
	const uint8_t *sd = smb3_ndr_bytes(call->in, len);
	struct smb3_builder same = smb3_builder_arena(call->arena, SECURITY_MAX);

	if (smb3_ndr_u32(call->in) != len || !smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (service_get(call, &h, RIGHT_READ_CONTROL, &status)) {
		put_security(&same);
		if (!info || info & ~SECINFO_KNOWN)
			status = ERROR_INVALID_PARAMETER;
		else if (!call->caller->admin || info != SECINFO_DACL || len < same.len ||
			 memcmp(sd, same.data, same.len) != 0)
			status = ERROR_ACCESS_DENIED;
	}
	smb3_ndr_put_u32(call->out, status);
	return SMB3_RPC_OK;
}

/* ---- configuration ---- */

/* Which program it is, and as whom it runs, is nobody's business. */
#define PROGRAM "smb3d"
#define ACCOUNT "LocalSystem"

uint32_t svcctl_query_config(struct smb3_rpc_call *call)
{
	struct smb3_rpc_handle h = smb3_ndr_handle(call->in);
	uint32_t offered = smb3_ndr_u32(call->in), status, needed = 0;
	const struct service *s;
	struct smb3_ndr_out *out = call->out;

	if (!smb3_ndr_ok(call->in) || offered > CONFIG_BUFFER_MAX)
		return SMB3_RPC_FAULT_NDR;
	s = service_get(call, &h, SERVICE_QUERY_CONFIG, &status);
	if (s)
		needed = (uint32_t)(CONFIG_SIZE + text16_size(PROGRAM) + 2 * text16_size("") +
				    text16_size(ACCOUNT) + text16_size(s->display));
	if (s && needed > offered)
		status = ERROR_INSUFFICIENT_BUFFER;
	smb3_ndr_put_u32(out, status ? 0 : SERVICE_WIN32_SHARE);
	smb3_ndr_put_u32(out, status ? 0 : START_AUTO);
	smb3_ndr_put_u32(out, status ? 0 : ERROR_NORMAL);
	smb3_ndr_put_ptr(out, !status);
	smb3_ndr_put_ptr(out, !status);
	smb3_ndr_put_u32(out, 0); /* tag */
	for (unsigned int i = 0; i < 3; i++)
		smb3_ndr_put_ptr(out, !status);
	if (!status) {
		smb3_ndr_put_wstring(out, PROGRAM);
		smb3_ndr_put_wstring(out, ""); /* load order group */
		smb3_ndr_put_wstring(out, ""); /* dependencies */
		smb3_ndr_put_wstring(out, ACCOUNT);
		smb3_ndr_put_wstring(out, s->display);
	}
	smb3_ndr_put_u32(out, needed);
	smb3_ndr_put_u32(out, status);
	return SMB3_RPC_OK;
}

uint32_t svcctl_query_config2(struct smb3_rpc_call *call)
{
	struct smb3_rpc_handle h = smb3_ndr_handle(call->in);
	uint32_t level = smb3_ndr_u32(call->in), status;
	struct buffer buf = buffer_begin(call, smb3_ndr_u32(call->in), CONFIG_BUFFER_MAX);
	const struct service *s;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	s = service_get(call, &h, SERVICE_QUERY_CONFIG, &status);
	if (s && level == CONFIG_DESCRIBE) {
		smb3_put_u32(&buf.b, 4);
		put_text16(&buf.b, s->about);
	} else if (s && level == CONFIG_FAILURE) {
		smb3_put_zero(&buf.b, 20); /* nothing is done on failure */
	} else if (s) {
		status = ERROR_INVALID_LEVEL;
	}
	return answer_one(call, &buf, status);
}

/* ---- status ---- */

void put_status(struct smb3_builder *b, bool process)
{
	smb3_put_u32(b, SERVICE_WIN32_SHARE);
	smb3_put_u32(b, SERVICE_RUNNING);
	smb3_put_u32(b, SERVICE_ACCEPTS_NOTHING);
	smb3_put_zero(b, 16); /* exit codes, check point, hint */
	if (process)
		smb3_put_zero(b, 8); /* the process is not told; no flags */
}

uint32_t svcctl_query_status_ex(struct smb3_rpc_call *call)
{
	struct smb3_rpc_handle h = smb3_ndr_handle(call->in);
	uint32_t level = smb3_ndr_u32(call->in), status;
	struct buffer buf = buffer_begin(call, smb3_ndr_u32(call->in), CONFIG_BUFFER_MAX);

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (service_get(call, &h, SERVICE_QUERY_STATUS, &status) && level != INFO_PROCESS)
		status = ERROR_INVALID_LEVEL;
	if (!status)
		put_status(&buf.b, true);
	return answer_one(call, &buf, status);
}

/* ---- lists ---- */

struct listing {
	bool process; /* with SERVICE_STATUS_PROCESS */
	uint32_t type, state;
	bool has_resume, has_group;
	uint32_t resume;
	struct services all;
	uint32_t first, n; /* that fit */
	uint32_t left;     /* bytes of those that do not */
	struct buffer buf;
};

static size_t entry_size(const struct listing *l, const struct service *s)
{
	return ENTRY_HEAD + (l->process ? PROCESS_SIZE : STATUS_SIZE) + text16_size(s->name) +
	       text16_size(s->display);
}

/* How many fit from the first one on; the rest is what a client has to offer more. */
static void list_choose(struct listing *l)
{
	size_t used = 0;
	bool full = false;

	l->first = l->has_resume && l->resume < l->all.n ? l->resume : 0;
	for (uint32_t i = l->first; i < l->all.n; i++) {
		size_t size = entry_size(l, &l->all.list[i]);

		full |= used + size > l->buf.offered;
		if (full) {
			l->left += (uint32_t)size;
			continue;
		}
		used += size;
		l->n++;
	}
}

/* Heads first, then texts. */
static void list_fill(struct listing *l)
{
	struct smb3_builder *b = &l->buf.b;
	size_t at = l->n * (ENTRY_HEAD + (size_t)(l->process ? PROCESS_SIZE : STATUS_SIZE));

	for (uint32_t i = 0; i < l->n; i++) {
		const struct service *s = &l->all.list[l->first + i];

		smb3_put_u32(b, (uint32_t)at);
		at += text16_size(s->name);
		smb3_put_u32(b, (uint32_t)at);
		at += text16_size(s->display);
		put_status(b, l->process);
	}
	for (uint32_t i = 0; i < l->n; i++) {
		put_text16(b, l->all.list[l->first + i].name);
		put_text16(b, l->all.list[l->first + i].display);
	}
}

static uint32_t list_status(struct smb3_rpc_call *call, const struct smb3_rpc_handle *h,
			    const struct listing *l)
{
	const struct manager *m = smb3_rpc_handle_find(call, &svcctl_manager, h);

	if (!m)
		return ERROR_INVALID_HANDLE;
	if (!(m->access & SC_MANAGER_ENUMERATE))
		return ERROR_ACCESS_DENIED;
	if (!l->type || !l->state || l->state > STATE_ALL)
		return ERROR_INVALID_PARAMETER;
	return ERROR_SUCCESS;
}

static uint32_t list_answer(struct smb3_rpc_call *call, struct listing *l, uint32_t status)
{
	/* All of them share a process, and run; none belongs to a group. */
	if (!status && l->type & SERVICE_WIN32_SHARE && l->state & STATE_ACTIVE && !l->has_group)
		l->all = services_all(call);
	list_choose(l);
	list_fill(l);
	if (!status && l->left)
		status = ERROR_MORE_DATA;
	buffer_put(call, &l->buf, true);
	smb3_ndr_put_u32(call->out, l->left);
	smb3_ndr_put_u32(call->out, l->n);
	smb3_ndr_put_ptr(call->out, l->has_resume);
	if (l->has_resume)
		smb3_ndr_put_u32(call->out, l->left ? l->first + l->n : 0);
	smb3_ndr_put_u32(call->out, status);
	return SMB3_RPC_OK;
}

static void list_get(struct smb3_rpc_call *call, struct listing *l)
{
	l->type = smb3_ndr_u32(call->in);
	l->state = smb3_ndr_u32(call->in);
	l->buf = buffer_begin(call, smb3_ndr_u32(call->in), BUFFER_MAX);
	l->has_resume = smb3_ndr_ptr(call->in);
	if (l->has_resume)
		l->resume = smb3_ndr_u32(call->in);
}

uint32_t svcctl_enum_status(struct smb3_rpc_call *call)
{
	struct smb3_rpc_handle h = smb3_ndr_handle(call->in);
	struct listing l = { .process = false };

	list_get(call, &l);
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	return list_answer(call, &l, list_status(call, &h, &l));
}

uint32_t svcctl_enum_status_ex(struct smb3_rpc_call *call)
{
	struct smb3_rpc_handle h = smb3_ndr_handle(call->in);
	uint32_t level = smb3_ndr_u32(call->in), status;
	struct listing l = { .process = true };
	const char *group;

	list_get(call, &l);
	group = smb3_ndr_wstring_ptr(call->in);
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	l.has_group = group && *group;
	status = list_status(call, &h, &l);
	if (!status && level != INFO_PROCESS)
		status = ERROR_INVALID_LEVEL;
	return list_answer(call, &l, status);
}

/* None depends on another one. */
uint32_t svcctl_enum_dependent(struct smb3_rpc_call *call)
{
	struct smb3_rpc_handle h = smb3_ndr_handle(call->in);
	uint32_t state = smb3_ndr_u32(call->in), status;
	struct buffer buf = buffer_begin(call, smb3_ndr_u32(call->in), BUFFER_MAX);

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (service_get(call, &h, SERVICE_ENUMERATE, &status) && (!state || state > STATE_ALL))
		status = ERROR_INVALID_PARAMETER;
	buffer_put(call, &buf, false);
	smb3_ndr_put_u32(call->out, 0);
	smb3_ndr_put_u32(call->out, 0);
	smb3_ndr_put_u32(call->out, status);
	return SMB3_RPC_OK;
}
