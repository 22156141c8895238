// SPDX-License-Identifier: Apache-2.0
/*
 * rpc_winreg.c: module rpc_winreg: what the server is, as keys of a registry that is only read.
 * [MS-RRP]
 */
#include "winreg.h"

#include <stdlib.h>

#define REGISTRY_VERSION 5u /* one view: no keys for programs of 32 bits. [MS-RRP] 3.1.5.24 */

/* Rights [MS-RRP] 2.2.3; what is left beside them would change something. */
#define KEY_READ           0x00020019u
#define KEY_WOW64          0x00000300u
#define ACCESS_HARMLESS    (KEY_READ | KEY_WOW64 | RIGHT_MAXIMUM | RIGHT_READ_AND_RUN)
#define RIGHT_MAXIMUM      0x02000000u
#define RIGHT_READ_AND_RUN 0xA0000000u /* generic read, generic execute */

static const struct smb3_rpc_handle_type key_handle = { .name = "key", .free = free };

const struct key *winreg_key(struct smb3_rpc_call *call, const struct smb3_rpc_handle *h)
{
	const struct opened *o = smb3_rpc_handle_find(call, &key_handle, h);

	return o ? o->key : NULL;
}

/* ---- opening ---- */

static uint32_t put_opened(struct smb3_rpc_call *call, const struct key *key, uint32_t status)
{
	struct smb3_rpc_handle h = { { 0 } };
	struct opened *o = status ? NULL : smb3_alloc(sizeof(*o));

	if (o)
		o->key = key;
	if (o && !smb3_rpc_handle_new(call, &key_handle, o, &h)) {
		free(o);
		status = ERROR_NOT_ENOUGH_MEMORY;
	}
	smb3_ndr_put_handle(call->out, &h);
	smb3_ndr_put_u32(call->out, status);
	return SMB3_RPC_OK;
}

static uint32_t access_status(const struct smb3_rpc_call *call, uint32_t wanted)
{
	if (call->caller->anonymous || call->caller->guest || wanted & ~ACCESS_HARMLESS)
		return ERROR_ACCESS_DENIED;
	return ERROR_SUCCESS;
}

static uint32_t open_root(struct smb3_rpc_call *call, enum root root)
{
	uint32_t wanted;

	if (smb3_ndr_ptr(call->in)) /* ServerName: one character that means nothing */
		(void)smb3_ndr_u16(call->in);
	wanted = smb3_ndr_u32(call->in);
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	return put_opened(call, key_root(root), access_status(call, wanted));
}

static uint32_t open_classes(struct smb3_rpc_call *call)
{
	return open_root(call, HKCR);
}

static uint32_t open_user(struct smb3_rpc_call *call)
{
	return open_root(call, HKCU);
}

static uint32_t open_machine(struct smb3_rpc_call *call)
{
	return open_root(call, HKLM);
}

static uint32_t open_users(struct smb3_rpc_call *call)
{
	return open_root(call, HKU);
}

static uint32_t open_key(struct smb3_rpc_call *call)
{
	struct smb3_rpc_handle h = smb3_ndr_handle(call->in);
	struct reg_name name = reg_get_name(call->in);
	const struct key *above, *key = NULL;
	uint32_t wanted, status;

	(void)smb3_ndr_u32(
		call->in); /* dwOptions: for links and backups, of which there are none */
	wanted = smb3_ndr_u32(call->in);
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	above = winreg_key(call, &h);
	status = above ? access_status(call, wanted) : ERROR_INVALID_HANDLE;
	if (!status)
		key = key_find(above, name.text);
	if (!status && !key)
		status = ERROR_FILE_NOT_FOUND;
	return put_opened(call, key, status);
}

static uint32_t close_key(struct smb3_rpc_call *call)
{
	static const struct smb3_rpc_handle none;
	struct smb3_rpc_handle h = smb3_ndr_handle(call->in);
	bool closed;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	closed = smb3_rpc_handle_close(call, &key_handle, &h);
	smb3_ndr_put_handle(call->out, closed ? &none : &h);
	smb3_ndr_put_u32(call->out, closed ? ERROR_SUCCESS : ERROR_INVALID_HANDLE);
	return SMB3_RPC_OK;
}

/* ---- BaseRegEnumKey [MS-RRP] 3.1.5.10 ---- */

static uint32_t enum_key(struct smb3_rpc_call *call)
{
	struct smb3_ndr_in *in = call->in;
	struct smb3_rpc_handle h = smb3_ndr_handle(in);
	uint32_t index = smb3_ndr_u32(in), status = ERROR_SUCCESS;
	struct reg_name name = reg_get_name(in), class = { .max = 0 };
	bool has_class = smb3_ndr_ptr(in), has_time;
	const struct key *key;
	const char *child = NULL;

	if (has_class)
		class = reg_get_name(in);
	has_time = smb3_ndr_ptr(in);
	if (has_time)
		(void)smb3_ndr_udlong(in);
	if (!smb3_ndr_ok(in))
		return SMB3_RPC_FAULT_NDR;
	key = winreg_key(call, &h);
	if (!key)
		status = ERROR_INVALID_HANDLE;
	else if (!(child = key_child(key, index)))
		status = ERROR_NO_MORE_ITEMS;
	else if (smb3_utf16_size(child) + 2 > name.max)
		status = ERROR_MORE_DATA;
	reg_put_name(call->out, status ? NULL : child, name.max);
	smb3_ndr_put_ptr(call->out, has_class);
	if (has_class)
		reg_put_name(call->out, NULL, class.max);
	smb3_ndr_put_ptr(call->out, has_time);
	if (has_time)
		smb3_ndr_put_udlong(call->out, call->facts->started);
	smb3_ndr_put_u32(call->out, status);
	return SMB3_RPC_OK;
}

/* ---- BaseRegQueryInfoKey [MS-RRP] 3.1.5.16 ---- */

struct figures {
	uint32_t children, longest_child, values, longest_value, largest_data;
};

static void at_least(uint32_t *n, size_t size)
{
	if (*n < size)
		*n = (uint32_t)size;
}

static struct figures key_figures(struct smb3_rpc_call *call, const struct key *key)
{
	struct figures f = { .values = key->n_values };
	const char *child;

	while ((child = key_child(key, f.children))) {
		at_least(&f.longest_child, smb3_utf16_size(child));
		f.children++;
	}
	for (uint32_t i = 0; i < key->n_values; i++) {
		struct smb3_cursor data = value_data(call, &key->values[i]);

		at_least(&f.longest_value, smb3_utf16_size(key->values[i].name));
		at_least(&f.largest_data, smb3_cursor_left(&data));
	}
	return f;
}

static uint32_t query_info(struct smb3_rpc_call *call)
{
	struct smb3_rpc_handle h = smb3_ndr_handle(call->in);
	struct reg_name class = reg_get_name(call->in);
	struct smb3_ndr_out *out = call->out;
	struct figures f = { .children = 0 };
	const struct key *key;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	key = winreg_key(call, &h);
	if (key)
		f = key_figures(call, key);
	reg_put_name(out, NULL, class.max);
	smb3_ndr_put_u32(out, f.children);
	smb3_ndr_put_u32(out, f.longest_child);
	smb3_ndr_put_u32(out, 0); /* the longest class */
	smb3_ndr_put_u32(out, f.values);
	smb3_ndr_put_u32(out, f.longest_value);
	smb3_ndr_put_u32(out, f.largest_data);
	smb3_ndr_put_u32(out, 0); /* security descriptor: not told */
	smb3_ndr_put_udlong(out, key ? call->facts->started : 0);
	smb3_ndr_put_u32(out, key ? ERROR_SUCCESS : ERROR_INVALID_HANDLE);
	return SMB3_RPC_OK;
}

/* ---- the rest ---- */

static uint32_t get_version(struct smb3_rpc_call *call)
{
	struct smb3_rpc_handle h = smb3_ndr_handle(call->in);

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	smb3_ndr_put_u32(call->out, REGISTRY_VERSION);
	smb3_ndr_put_u32(call->out, winreg_key(call, &h) ? ERROR_SUCCESS : ERROR_INVALID_HANDLE);
	return SMB3_RPC_OK;
}

/* Nothing waits to be written. */
static uint32_t flush_key(struct smb3_rpc_call *call)
{
	struct smb3_rpc_handle h = smb3_ndr_handle(call->in);

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	smb3_ndr_put_u32(call->out, winreg_key(call, &h) ? ERROR_SUCCESS : ERROR_INVALID_HANDLE);
	return SMB3_RPC_OK;
}

static uint32_t denied(struct smb3_rpc_call *call)
{
	smb3_ndr_put_u32(call->out, ERROR_ACCESS_DENIED);
	return SMB3_RPC_OK;
}

/* The key's handle and the disposition stand before the status. */
static uint32_t create_key(struct smb3_rpc_call *call)
{
	static const struct smb3_rpc_handle none;

	smb3_ndr_put_handle(call->out, &none);
	smb3_ndr_put_ptr(call->out, false);
	return denied(call);
}

/* ---- the interface ---- */

static const struct smb3_rpc_op ops[] = {
	[0] = { "OpenClassesRoot", open_classes },
	[1] = { "OpenCurrentUser", open_user },
	[2] = { "OpenLocalMachine", open_machine },
	[4] = { "OpenUsers", open_users },
	[5] = { "BaseRegCloseKey", close_key },
	[6] = { "BaseRegCreateKey", create_key },
	[7] = { "BaseRegDeleteKey", denied },
	[8] = { "BaseRegDeleteValue", denied },
	[9] = { "BaseRegEnumKey", enum_key },
	[10] = { "BaseRegEnumValue", winreg_enum_value },
	[11] = { "BaseRegFlushKey", flush_key },
	[13] = { "BaseRegLoadKey", denied },
	[15] = { "BaseRegOpenKey", open_key },
	[16] = { "BaseRegQueryInfoKey", query_info },
	[17] = { "BaseRegQueryValue", winreg_query_value },
	[18] = { "BaseRegReplaceKey", denied },
	[19] = { "BaseRegRestoreKey", denied },
	[20] = { "BaseRegSaveKey", denied },
	[21] = { "BaseRegSetKeySecurity", denied },
	[22] = { "BaseRegSetValue", denied },
	[23] = { "BaseRegUnLoadKey", denied },
	[24] = { "BaseInitiateSystemShutdown", denied },
	[25] = { "BaseAbortSystemShutdown", denied },
	[26] = { "BaseRegGetVersion", get_version },
	[30] = { "BaseInitiateSystemShutdownEx", denied },
	[31] = { "BaseRegSaveKeyEx", denied },
	[35] = { "BaseRegDeleteKeyEx", denied },
};

static const char *const pipes[] = { "winreg", NULL };

static const struct smb3_rpc_interface winreg = {
	.name = "winreg",
	.uuid = SMB3_RPC_UUID(0x338cd001, 0x2244, 0x31f1, 0xaa, 0xaa, 0x90, 0x00, 0x38, 0x00, 0x10,
			      0x03),
	.major = 1,
	.pipes = pipes,
	.ops = ops,
	.n_ops = SMB3_ARRAY_SIZE(ops),
};

static const struct smb3_provide provides[] = { SMB3_RPC(&winreg), SMB3_END };
static const char *const needs[] = { "rpc", NULL };

SMB3_MODULE(rpc_winreg, .summary = "what the server is, as registry keys", .needs = needs,
	    .provides = provides);
