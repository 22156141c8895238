// SPDX-License-Identifier: Apache-2.0
/*
 * test_netdfs.c: a server without name spaces.
 */
#include "rpccall.h"

#include <criterion/criterion.h>

enum { GET_VERSION, ADD, REMOVE, SET_INFO, GET_INFO, ENUM };
enum { DENIED = 5, NO_MORE = 259, NOT_FOUND = 1168 };

static struct rpc_rig rig;

static void begin(void)
{
	rpc_rig_open(&rig, RPC_ALICE, NULL);
}

static void end(void)
{
	rpc_rig_close(&rig);
}

TestSuite(netdfs, .init = begin, .fini = end, .timeout = 60);

static struct smb3_ndr_out link_args(void)
{
	struct smb3_ndr_out out = rpc_rig_args(&rig);

	smb3_ndr_put_wstring(&out, "\\\\FILES\\dfs\\link");
	smb3_ndr_put_wstring_ptr(&out, NULL);
	smb3_ndr_put_wstring_ptr(&out, "share");
	return out;
}

Test(netdfs, version_promises_no_more_than_there_is)
{
	struct smb3_ndr_out out = rpc_rig_args(&rig);
	struct smb3_ndr_in in = rpc_rig_call(&rig, GET_VERSION, &out);

	cr_expect_eq(rpc_rig_result(&in), 1u);
	for (uint16_t op = 6; op < 27; op++)
		cr_expect_eq(rpc_rig_fault(&rig, op, &out), (uint32_t)SMB3_RPC_FAULT_OP_RANGE);
}

static uint32_t change(uint16_t op)
{
	struct smb3_ndr_out out = link_args();
	struct smb3_ndr_in in;

	if (op == SET_INFO) {
		smb3_ndr_put_u32(&out, 100);
		smb3_ndr_put_u32(&out, 100);
		smb3_ndr_put_ptr(&out, false);
	} else if (op == ADD) {
		out = rpc_rig_args(&rig);
		smb3_ndr_put_wstring(&out, "\\\\FILES\\dfs\\link");
		smb3_ndr_put_wstring(&out, "FILES");
		smb3_ndr_put_wstring_ptr(&out, "share");
		smb3_ndr_put_wstring_ptr(&out, NULL);
		smb3_ndr_put_u32(&out, 1);
	}
	in = rpc_rig_call(&rig, op, &out);
	return rpc_rig_result(&in);
}

Test(netdfs, changes)
{
	static const uint16_t ops[] = { ADD, REMOVE, SET_INFO };

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(ops); i++)
		cr_expect_eq(change(ops[i]), (uint32_t)DENIED);
	rpc_rig_close(&rig);
	rpc_rig_open(&rig, RPC_ADMIN, NULL);
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(ops); i++)
		cr_expect_eq(change(ops[i]), (uint32_t)NOT_FOUND);
}

Test(netdfs, information)
{
	struct smb3_ndr_out out = link_args();
	struct smb3_ndr_in in;

	smb3_ndr_put_u32(&out, 3);
	in = rpc_rig_call(&rig, GET_INFO, &out);
	cr_expect_eq(smb3_ndr_u32(&in), 3u);
	cr_expect_not(smb3_ndr_ptr(&in));
	cr_expect_eq(rpc_rig_result(&in), (uint32_t)NOT_FOUND);
	out = link_args();
	smb3_ndr_put_u32(&out, 10);
	cr_expect_eq(rpc_rig_fault(&rig, GET_INFO, &out), (uint32_t)SMB3_RPC_FAULT_NDR);
}

/* Level, container; n: entries that it says it has. */
static struct smb3_ndr_out enum_args(uint32_t level, uint32_t n)
{
	struct smb3_ndr_out out = rpc_rig_args(&rig);

	smb3_ndr_put_u32(&out, level);
	smb3_ndr_put_u32(&out, UINT32_MAX);
	smb3_ndr_put_ptr(&out, true);
	smb3_ndr_put_u32(&out, level);
	smb3_ndr_put_u32(&out, level);
	smb3_ndr_put_ptr(&out, true);
	smb3_ndr_put_u32(&out, n);
	smb3_ndr_put_ptr(&out, true);
	smb3_ndr_put_u32(&out, n); /* conformance */
	smb3_ndr_put_ptr(&out, true);
	smb3_ndr_put_u32(&out, 7);
	return out;
}

Test(netdfs, list_is_empty)
{
	static const uint32_t levels[] = { 1, 2, 3, 4, 5, 6, 200, 300 };

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(levels); i++) {
		struct smb3_ndr_out out = enum_args(levels[i], 0);
		struct smb3_ndr_in in = rpc_rig_call(&rig, ENUM, &out);

		cr_expect(smb3_ndr_ptr(&in));
		cr_expect_eq(smb3_ndr_u32(&in), levels[i]);
		smb3_ndr_switch(&in, levels[i]);
		cr_expect(smb3_ndr_ptr(&in));
		cr_expect_eq(smb3_ndr_u32(&in), 0u);
		cr_expect_not(smb3_ndr_ptr(&in));
		cr_expect(smb3_ndr_ptr(&in));
		cr_expect_eq(smb3_ndr_u32(&in), 0u);
		cr_expect_eq(rpc_rig_result(&in), (uint32_t)NO_MORE);
	}
}

Test(netdfs, list_arguments)
{
	struct smb3_ndr_out out = enum_args(7, 0);
	struct smb3_ndr_in in;

	cr_expect_eq(rpc_rig_fault(&rig, ENUM, &out), (uint32_t)SMB3_RPC_FAULT_NDR);
	out = enum_args(1, 1);
	cr_expect_eq(rpc_rig_fault(&rig, ENUM, &out), (uint32_t)SMB3_RPC_FAULT_NDR);
	out = rpc_rig_args(&rig);
	smb3_ndr_put_u32(&out, 1);
	smb3_ndr_put_u32(&out, 0);
	smb3_ndr_put_ptr(&out, false);
	smb3_ndr_put_ptr(&out, false);
	in = rpc_rig_call(&rig, ENUM, &out);
	cr_expect_not(smb3_ndr_ptr(&in));
	cr_expect_not(smb3_ndr_ptr(&in));
	cr_expect_eq(rpc_rig_result(&in), (uint32_t)NO_MORE);
}

Test(netdfs, rubbish)
{
	rpc_rig_rubbish_all(&rig);
}
