// SPDX-License-Identifier: Apache-2.0
/*
 * rpc_ntsvcs.c: module rpc_ntsvcs: Plug and Play, of which a file server has the root of the tree of
 * devices and nothing below. No document describes the interface; these are the procedures, arguments
 * and results that clients (the functions CM_... of Windows, Samba's rpcclient) are known to use.
 */
#include <smb3/smb3.h>

/* CONFIGRET, as in the header cfgmgr32.h */
#define CR_SUCCESS          0x00u
#define CR_INVALID_POINTER  0x03u
#define CR_INVALID_FLAG     0x04u
#define CR_NO_SUCH_DEVNODE  0x0Du
#define CR_BUFFER_SMALL     0x1Au
#define CR_INVALID_DATA     0x1Fu
#define CR_NO_SUCH_VALUE    0x25u
#define CR_INVALID_PROPERTY 0x35u

#define VERSION 0x0400

/* CM_GETIDLIST_FILTER_...: of what a list is */
#define BY_ENUMERATOR 0x01u
#define BY_SERVICE    0x02u
#define BY_RELATION   0xBCu /* ejection, removal, power, bus, transport */
#define BY_CLASS      0x200u
#define BY_ANY        (BY_ENUMERATOR | BY_SERVICE | BY_RELATION | BY_CLASS)
#define ALSO          0x10000140u /* present ones, not generated, of the service */

#define LOCATE_FLAGS 0x07u /* CM_LOCATE_DEVNODE_...: also those that are not present, ... */
#define PROPERTY_MAX 0x25u /* CM_DRP_MAX */

#define STRING_MAX 32767u

enum { PARENT = 1, CHILD, SIBLING };

static const char root[] = "HTREE\\ROOT\\0";

static bool is_root(const char *device)
{
	return smb3_name_equal(device, root);
}

static uint32_t put_result(struct smb3_rpc_call *call, uint32_t result)
{
	smb3_ndr_put_u32(call->out, result);
	return SMB3_RPC_OK;
}

/* PNP_RPC_STRING_LEN: characters */
static uint32_t get_length(struct smb3_ndr_in *in)
{
	uint32_t length = smb3_ndr_u32(in);

	if (length > STRING_MAX)
		smb3_ndr_bad(in);
	return length;
}

/* [out, string, size_is(length)]: a string in a buffer of that size; "" is there in any case. */
static void put_buffer(struct smb3_ndr_out *out, const char *text, uint32_t length)
{
	uint32_t n = (uint32_t)strlen(text) + 1;

	smb3_ndr_put_u32(out, length);
	smb3_ndr_put_u32(out, 0);
	smb3_ndr_put_u32(out, length ? n : 0);
	for (uint32_t i = 0; i < n && length; i++)
		smb3_ndr_put_u16(out, (uint8_t)text[i]);
}

/* ---- procedures ---- */

static uint32_t get_version(struct smb3_rpc_call *call)
{
	smb3_ndr_put_u16(call->out, VERSION);
	return put_result(call, CR_SUCCESS);
}

static uint32_t validate(struct smb3_rpc_call *call)
{
	const char *device = smb3_ndr_wstring(call->in);
	uint32_t flags = smb3_ndr_u32(call->in);

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (flags & ~LOCATE_FLAGS)
		return put_result(call, CR_INVALID_FLAG);
	return put_result(call, is_root(device) ? CR_SUCCESS : CR_NO_SUCH_DEVNODE);
}

static uint32_t get_root(struct smb3_rpc_call *call)
{
	uint32_t length = get_length(call->in);

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	put_buffer(call->out, length < sizeof(root) ? "" : root, length);
	return put_result(call, length < sizeof(root) ? CR_BUFFER_SMALL : CR_SUCCESS);
}

/* The root has no relatives. */
static uint32_t get_related(struct smb3_rpc_call *call)
{
	uint32_t relation = smb3_ndr_u32(call->in), length, flags;

	(void)smb3_ndr_wstring(call->in);
	length = get_length(call->in);
	flags = smb3_ndr_u32(call->in);
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	put_buffer(call->out, "", length);
	smb3_ndr_put_u32(call->out, length);
	if (flags || relation < PARENT || relation > SIBLING)
		return put_result(call, flags ? CR_INVALID_FLAG : CR_INVALID_DATA);
	return put_result(call, CR_NO_SUCH_DEVNODE);
}

/* Which devices a filter finds: the root, or none. */
static uint32_t filter_run(const char *filter, uint32_t flags, bool *ret_found)
{
	uint32_t by = flags & BY_ANY;

	*ret_found = false;
	if (flags & ~(BY_ANY | ALSO) || by & (by - 1))
		return CR_INVALID_FLAG;
	if (by && !filter)
		return CR_INVALID_POINTER;
	if (by & BY_RELATION && !is_root(filter))
		return CR_NO_SUCH_DEVNODE;
	*ret_found = !by || (by == BY_ENUMERATOR && (smb3_name_equal(filter, "HTREE") ||
						     smb3_name_equal(filter, "HTREE\\ROOT")));
	return CR_SUCCESS;
}

/* Characters: each name with its zero, and one more zero. */
static uint32_t list_size(bool found)
{
	return found ? (uint32_t)sizeof(root) + 1 : 1;
}

static uint32_t get_list(struct smb3_rpc_call *call)
{
	const char *filter = smb3_ndr_wstring_ptr(call->in);
	uint32_t room = get_length(call->in), flags, result, n = 0;
	bool found;

	flags = smb3_ndr_u32(call->in);
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	result = filter_run(filter, flags, &found);
	if (!result && room < list_size(found))
		result = CR_BUFFER_SMALL;
	if (!result)
		n = list_size(found);
	smb3_ndr_put_u32(call->out, n);
	smb3_ndr_put_u32(call->out, 0);
	smb3_ndr_put_u32(call->out, n);
	for (uint32_t i = 0; i < n; i++)
		smb3_ndr_put_u16(call->out, found && i < sizeof(root) ? (uint8_t)root[i] : 0);
	smb3_ndr_put_u32(call->out, n);
	return put_result(call, result);
}

static uint32_t get_list_size(struct smb3_rpc_call *call)
{
	const char *filter = smb3_ndr_wstring_ptr(call->in);
	uint32_t flags = smb3_ndr_u32(call->in), result;
	bool found;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	result = filter_run(filter, flags, &found);
	smb3_ndr_put_u32(call->out, result ? 0 : list_size(found));
	return put_result(call, result);
}

static uint32_t get_depth(struct smb3_rpc_call *call)
{
	const char *device = smb3_ndr_wstring(call->in);
	uint32_t flags = smb3_ndr_u32(call->in);

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	smb3_ndr_put_u32(call->out, 0);
	if (flags)
		return put_result(call, CR_INVALID_FLAG);
	return put_result(call, is_root(device) ? CR_SUCCESS : CR_NO_SUCH_DEVNODE);
}

/* The root has no property. */
static uint32_t judge_property(const char *device, uint32_t property, uint32_t flags)
{
	if (flags)
		return CR_INVALID_FLAG;
	if (!property || property > PROPERTY_MAX)
		return CR_INVALID_PROPERTY;
	return is_root(device) ? CR_NO_SUCH_VALUE : CR_NO_SUCH_DEVNODE;
}

static uint32_t get_property(struct smb3_rpc_call *call)
{
	const char *device = smb3_ndr_wstring(call->in);
	uint32_t property = smb3_ndr_u32(call->in), flags;

	(void)smb3_ndr_u32(call->in); /* type */
	(void)smb3_ndr_u32(call->in); /* bytes of the buffer */
	(void)smb3_ndr_u32(call->in); /* bytes of the value */
	flags = smb3_ndr_u32(call->in);
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	for (int i = 0; i < 4; i++) /* REG_NONE; an array without elements */
		smb3_ndr_put_u32(call->out, 0);
	smb3_ndr_put_u32(call->out, 0);
	smb3_ndr_put_u32(call->out, 0);
	return put_result(call, judge_property(device, property, flags));
}

/* ---- the interface ---- */

static const struct smb3_rpc_op ops[] = {
	[2] = { "PNP_GetVersion", get_version },
	[6] = { "PNP_ValidateDeviceInstance", validate },
	[7] = { "PNP_GetRootDeviceInstance", get_root },
	[8] = { "PNP_GetRelatedDeviceInstance", get_related },
	[10] = { "PNP_GetDeviceList", get_list },
	[11] = { "PNP_GetDeviceListSize", get_list_size },
	[12] = { "PNP_GetDepth", get_depth },
	[13] = { "PNP_GetDeviceRegProp", get_property },
};

static const char *const pipes[] = { "ntsvcs", "plugplay", NULL };

static const struct smb3_rpc_interface ntsvcs = {
	.name = "ntsvcs",
	.uuid = SMB3_RPC_UUID(0x8d9f4e40, 0xa03d, 0x11ce, 0x8f, 0x69, 0x08, 0x00, 0x3e, 0x30, 0x05,
			      0x1b),
	.major = 1,
	.pipes = pipes,
	.ops = ops,
	.n_ops = SMB3_ARRAY_SIZE(ops),
};

static const struct smb3_provide provides[] = { SMB3_RPC(&ntsvcs), SMB3_END };
static const char *const needs[] = { "rpc", NULL };

SMB3_MODULE(rpc_ntsvcs, .summary = "says that there are no devices to manage", .needs = needs,
	    .provides = provides);
