// SPDX-License-Identifier: Apache-2.0
/*
 * rpc_samr.c: module rpc_samr: accounts and groups of this machine, as remote procedures. [MS-SAMR]
 */
#include "samr.h"

static const struct smb3_rpc_op samr_ops[] = {
	[0] = { "SamrConnect", samr_connect },
	[1] = { "SamrCloseHandle", samr_close },
	[3] = { "SamrQuerySecurityObject", samr_query_security },
	[5] = { "SamrLookupDomainInSamServer", samr_lookup_domain },
	[6] = { "SamrEnumerateDomainsInSamServer", samr_enum_domains },
	[7] = { "SamrOpenDomain", samr_open_domain },
	[8] = { "SamrQueryInformationDomain", samr_query_domain },
	[10] = { "SamrCreateGroupInDomain", samr_create_group },
	[11] = { "SamrEnumerateGroupsInDomain", samr_enum_groups },
	[12] = { "SamrCreateUserInDomain", samr_create_user },
	[13] = { "SamrEnumerateUsersInDomain", samr_enum_users },
	[14] = { "SamrCreateAliasInDomain", samr_create_alias },
	[15] = { "SamrEnumerateAliasesInDomain", samr_enum_aliases },
	[16] = { "SamrGetAliasMembership", samr_alias_membership },
	[17] = { "SamrLookupNamesInDomain", samr_lookup_names },
	[18] = { "SamrLookupIdsInDomain", samr_lookup_rids },
	[19] = { "SamrOpenGroup", samr_open_group },
	[20] = { "SamrQueryInformationGroup", samr_query_group },
	[21] = { "SamrSetInformationGroup", samr_set_group },
	[22] = { "SamrAddMemberToGroup", samr_group_add },
	[23] = { "SamrDeleteGroup", samr_delete_group },
	[24] = { "SamrRemoveMemberFromGroup", samr_group_remove },
	[25] = { "SamrGetMembersInGroup", samr_group_members },
	[26] = { "SamrSetMemberAttributesOfGroup", samr_group_attributes },
	[27] = { "SamrOpenAlias", samr_open_alias },
	[28] = { "SamrQueryInformationAlias", samr_query_alias },
	[29] = { "SamrSetInformationAlias", samr_set_alias },
	[30] = { "SamrDeleteAlias", samr_delete_alias },
	[31] = { "SamrAddMemberToAlias", samr_alias_add },
	[32] = { "SamrRemoveMemberFromAlias", samr_alias_remove },
	[33] = { "SamrGetMembersInAlias", samr_alias_members },
	[34] = { "SamrOpenUser", samr_open_user },
	[35] = { "SamrDeleteUser", samr_delete_user },
	[36] = { "SamrQueryInformationUser", samr_query_user },
	[37] = { "SamrSetInformationUser", samr_set_user },
	[39] = { "SamrGetGroupsForUser", samr_user_groups },
	[40] = { "SamrQueryDisplayInformation", samr_query_display },
	[41] = { "SamrGetDisplayEnumerationIndex", samr_display_index },
	[44] = { "SamrGetUserDomainPasswordInformation", samr_user_password },
	[45] = { "SamrRemoveMemberFromForeignDomain", samr_remove_foreign },
	[46] = { "SamrQueryInformationDomain2", samr_query_domain },
	[47] = { "SamrQueryInformationUser2", samr_query_user },
	[48] = { "SamrQueryDisplayInformation2", samr_query_display },
	[49] = { "SamrGetDisplayEnumerationIndex2", samr_display_index },
	[50] = { "SamrCreateUser2InDomain", samr_create_user2 },
	[51] = { "SamrQueryDisplayInformation3", samr_query_display },
	[52] = { "SamrAddMultipleMembersToAlias", samr_alias_add_many },
	[53] = { "SamrRemoveMultipleMembersFromAlias", samr_alias_remove_many },
	[55] = { "SamrUnicodeChangePasswordUser2", samr_change_password2 },
	[56] = { "SamrGetDomainPasswordInformation", samr_domain_password },
	[57] = { "SamrConnect2", samr_connect2 },
	[58] = { "SamrSetInformationUser2", samr_set_user },
	[61] = { "SamrConnect3", samr_connect4 }, /* not in [MS-SAMR]; of old clients */
	[62] = { "SamrConnect4", samr_connect4 },
	[63] = { "SamrUnicodeChangePasswordUser3", samr_change_password3 },
	[64] = { "SamrConnect5", samr_connect5 },
	[65] = { "SamrRidToSid", samr_rid_to_sid },
	[73] = { "SamrUnicodeChangePasswordUser4", samr_change_password4 },
};

static const char *const samr_pipes[] = { "samr", NULL };

static const struct smb3_rpc_interface samr = {
	.name = "samr",
	.uuid = SMB3_RPC_UUID(0x12345778, 0x1234, 0xabcd, 0xef, 0x00, 0x01, 0x23, 0x45, 0x67, 0x89,
			      0xac),
	.major = 1,
	.pipes = samr_pipes,
	.ops = samr_ops,
	.n_ops = SMB3_ARRAY_SIZE(samr_ops),
};

static const struct smb3_provide samr_provides[] = { SMB3_RPC(&samr), SMB3_END };
static const char *const samr_needs[] = { "rpc", "sam", NULL };

SMB3_MODULE(rpc_samr, .summary = "accounts and groups, for clients that list and change them",
	    .needs = samr_needs, .provides = samr_provides);
