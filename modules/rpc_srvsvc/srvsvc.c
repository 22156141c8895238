// SPDX-License-Identifier: Apache-2.0
/*
 * srvsvc.c: module rpc_srvsvc: shares, sessions and open files of this server, as remote procedures.
 * [MS-SRVS]
 */
#include "srvsvc.h"

#include "filesec.h"
#include "keep.h"

#include <errno.h>
#include <stdlib.h>

uint32_t srvsvc_error(int err, uint32_t missing)
{
	switch (err) {
	case 0:
		return NERR_SUCCESS;
	case -EACCES:
		return ERROR_ACCESS_DENIED;
	case -ENOENT:
		return missing;
	case -EINVAL:
		return ERROR_INVALID_PARAMETER;
	case -ENOSYS:
		return ERROR_NOT_SUPPORTED;
	default:
		return ERROR_NOT_ENOUGH_MEMORY;
	}
}

const char *srvsvc_name(const char *name)
{
	while (name && *name == '\\')
		name++;
	return name ? name : "";
}

/* ---- lists ---- */

void srvsvc_get_list(struct smb3_rpc_call *call, struct srvsvc_list *list, const uint32_t *levels,
		     size_t n_levels)
{
	struct smb3_ndr_in *in = call->in;
	bool known = false;

	*list = (struct srvsvc_list){ .level = smb3_ndr_u32(in) };
	smb3_ndr_switch(in, list->level);
	for (size_t i = 0; i < n_levels; i++)
		known |= levels[i] == list->level;
	/* A union without that arm: there is no telling what follows. */
	if (!known)
		smb3_ndr_bad(in);
	/* Entries that a client sends have no meaning; most send none. */
	if (smb3_ndr_ptr(in) && (smb3_ndr_u32(in) != 0 || smb3_ndr_ptr(in)) &&
	    smb3_ndr_conformance(in, 0))
		smb3_ndr_bad(in);
}

void srvsvc_get_resume(struct smb3_rpc_call *call, struct srvsvc_list *list)
{
	list->preferred = smb3_ndr_u32(call->in);
	list->has_resume = smb3_ndr_ptr(call->in);
	if (list->has_resume)
		list->resume = smb3_ndr_u32(call->in);
}

/* [MS-SRVS] 3.1.4.8: at least one, however little is preferred. */
void srvsvc_choose(struct srvsvc_list *list, uint32_t total, size_t size)
{
	size_t most = list->preferred / size;

	list->first = list->has_resume && list->resume < total ? list->resume : 0;
	if (list->has_resume && list->resume >= total && list->resume)
		list->first = total;
	list->total = total - list->first;
	list->n = list->total;
	if (!most)
		most = 1;
	if (list->n > most)
		list->n = (uint32_t)most;
}

void srvsvc_put_list(struct smb3_rpc_call *call, const struct srvsvc_list *list, uint32_t status)
{
	struct smb3_ndr_out *out = call->out;
	bool good = status == NERR_SUCCESS || status == ERROR_MORE_DATA;

	smb3_ndr_put_u32(out, list->level);
	smb3_ndr_put_u32(out, list->level);
	smb3_ndr_put_ptr(out, true);
	smb3_ndr_put_u32(out, good ? list->n : 0);
	smb3_ndr_put_ptr(out, good && list->n);
	if (good && list->n)
		smb3_ndr_put_u32(out, list->n);
}

void srvsvc_put_end(struct smb3_rpc_call *call, const struct srvsvc_list *list, uint32_t status)
{
	struct smb3_ndr_out *out = call->out;

	smb3_ndr_put_u32(out, list->total);
	smb3_ndr_put_ptr(out, list->has_resume);
	if (list->has_resume)
		smb3_ndr_put_u32(out, status == ERROR_MORE_DATA ? list->first + list->n : 0);
	smb3_ndr_put_u32(out, status);
}

/* ---- the interface ---- */

static const struct smb3_rpc_op srvsvc_ops[] = {
	[8] = { "NetrConnectionEnum", srvsvc_connection_enum },
	[9] = { "NetrFileEnum", srvsvc_file_enum },
	[10] = { "NetrFileGetInfo", srvsvc_file_get_info },
	[11] = { "NetrFileClose", srvsvc_file_close },
	[12] = { "NetrSessionEnum", srvsvc_session_enum },
	[13] = { "NetrSessionDel", srvsvc_session_del },
	[14] = { "NetrShareAdd", srvsvc_share_add },
	[15] = { "NetrShareEnum", srvsvc_share_enum },
	[16] = { "NetrShareGetInfo", srvsvc_share_get_info },
	[17] = { "NetrShareSetInfo", srvsvc_share_set_info },
	[18] = { "NetrShareDel", srvsvc_share_del },
	[19] = { "NetrShareDelSticky", srvsvc_share_del_sticky },
	[20] = { "NetrShareCheck", srvsvc_share_check },
	[21] = { "NetrServerGetInfo", srvsvc_server_get_info },
	[22] = { "NetrServerSetInfo", NULL },
	[23] = { "NetrServerDiskEnum", srvsvc_disk_enum },
	[24] = { "NetrServerStatisticsGet", NULL },
	[26] = { "NetrServerTransportEnum", srvsvc_transport_enum },
	[28] = { "NetrRemoteTOD", srvsvc_remote_tod },
	[33] = { "NetprNameValidate", srvsvc_name_validate },
	[36] = { "NetrShareEnumSticky", srvsvc_share_enum_sticky },
	[39] = { "NetrpGetFileSecurity", srvsvc_get_file_security },
	[40] = { "NetrpSetFileSecurity", srvsvc_set_file_security },
};

static const char *const srvsvc_pipes[] = { "srvsvc", NULL };

static const struct smb3_rpc_interface srvsvc = {
	.name = "srvsvc",
	.uuid = SMB3_RPC_UUID(0x4b324fc8, 0x1670, 0x01d3, 0x12, 0x78, 0x5a, 0x47, 0xbf, 0x6e, 0xe1,
			      0x88),
	.major = 3,
	.pipes = srvsvc_pipes,
	.ops = srvsvc_ops,
	.n_ops = SMB3_ARRAY_SIZE(srvsvc_ops),
};

static int srvsvc_init(struct smb3_mod *mod)
{
	struct srvsvc *own = smb3_alloc(sizeof(*own));

	smb3_list_init(&own->jobs);
	mod->data = own;
	return 0;
}

static void srvsvc_fini(struct smb3_mod *mod)
{
	free(mod->data);
	mod->data = NULL;
}

static const struct smb3_provide srvsvc_provides[] = {
	SMB3_RPC(&srvsvc),
	SMB3_ASK(SMB3_ASK_CHANGE_SHARE, &srvsvc_ask_change),
	SMB3_ASK(SMB3_ASK_LEAVE_SHARE, &srvsvc_ask_leave),
	SMB3_ASK(SMB3_ASK_FILE_SECURITY, &srvsvc_ask_security),
	SMB3_END,
};
static const char *const srvsvc_needs[] = { "rpc", NULL };

SMB3_MODULE(rpc_srvsvc, .summary = "lists of shares, sessions and open files for clients",
	    .needs = srvsvc_needs, .options = srvsvc_options,
	    .conf_size = sizeof(struct srvsvc_conf), .provides = srvsvc_provides,
	    .check = srvsvc_check, .init = srvsvc_init, .fini = srvsvc_fini);
