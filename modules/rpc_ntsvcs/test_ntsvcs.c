// SPDX-License-Identifier: Apache-2.0
/*
 * test_ntsvcs.c: which devices are told.
 */
#include "rpccall.h"

#include <criterion/criterion.h>

#define ROOT "HTREE\\ROOT\\0"

enum {
	GET_VERSION = 2,
	VALIDATE = 6,
	GET_ROOT,
	GET_RELATED,
	GET_LIST = 10,
	GET_LIST_SIZE,
	GET_DEPTH,
	GET_PROPERTY
};

static struct rpc_rig rig;

static void begin(void)
{
	rpc_rig_open(&rig, RPC_ALICE, NULL);
}

static void end(void)
{
	rpc_rig_close(&rig);
}

TestSuite(ntsvcs, .init = begin, .fini = end, .timeout = 60);

Test(ntsvcs, version)
{
	struct smb3_ndr_out out = rpc_rig_args(&rig);
	struct smb3_ndr_in in = rpc_rig_call(&rig, GET_VERSION, &out);

	cr_expect_eq(smb3_ndr_u16(&in), 0x400);
	cr_expect_eq(rpc_rig_result(&in), 0u);
}

static uint32_t validate(const char *device, uint32_t flags)
{
	struct smb3_ndr_out out = rpc_rig_args(&rig);
	struct smb3_ndr_in in;

	smb3_ndr_put_wstring(&out, device);
	smb3_ndr_put_u32(&out, flags);
	in = rpc_rig_call(&rig, VALIDATE, &out);
	return rpc_rig_result(&in);
}

Test(ntsvcs, only_the_root_is_there)
{
	cr_expect_eq(validate(ROOT, 0), 0u);
	cr_expect_eq(validate("htree\\root\\0", 1), 0u);
	cr_expect_eq(validate("ROOT\\LEGACY_SPOOLER\\0000", 0), 0x0du);
	cr_expect_eq(validate("", 0), 0x0du);
	cr_expect_eq(validate(ROOT, 8), 4u);
}

Test(ntsvcs, the_root_and_its_depth)
{
	struct smb3_ndr_out out = rpc_rig_args(&rig);
	struct smb3_ndr_in in;
	uint16_t first;

	smb3_ndr_put_u32(&out, 200);
	in = rpc_rig_call(&rig, GET_ROOT, &out);
	cr_expect_eq(smb3_ndr_u32(&in), 200u);
	cr_expect_eq(smb3_ndr_u32(&in), 0u);
	cr_expect_eq(smb3_ndr_u32(&in), 13u);
	first = smb3_ndr_u16(&in);
	cr_expect_eq(first, 'H');
	(void)smb3_ndr_bytes(&in, 24);
	cr_expect_eq(rpc_rig_result(&in), 0u);
	out = rpc_rig_args(&rig);
	smb3_ndr_put_u32(&out, 12);
	in = rpc_rig_call(&rig, GET_ROOT, &out);
	(void)smb3_ndr_bytes(&in, 14);
	cr_expect_eq(rpc_rig_result(&in), 0x1au);
	out = rpc_rig_args(&rig);
	smb3_ndr_put_wstring(&out, ROOT);
	smb3_ndr_put_u32(&out, 0);
	in = rpc_rig_call(&rig, GET_DEPTH, &out);
	cr_expect_eq(smb3_ndr_u32(&in), 0u);
	cr_expect_eq(rpc_rig_result(&in), 0u);
}

static uint32_t list_size(const char *filter, uint32_t flags, uint32_t *ret_size)
{
	struct smb3_ndr_out out = rpc_rig_args(&rig);
	struct smb3_ndr_in in;

	smb3_ndr_put_wstring_ptr(&out, filter);
	smb3_ndr_put_u32(&out, flags);
	in = rpc_rig_call(&rig, GET_LIST_SIZE, &out);
	*ret_size = smb3_ndr_u32(&in);
	return rpc_rig_result(&in);
}

Test(ntsvcs, filters)
{
	uint32_t size;

	cr_expect_eq(list_size(NULL, 0, &size), 0u);
	cr_expect_eq(size, 14u);
	cr_expect_eq(list_size("HTREE", 1, &size), 0u);
	cr_expect_eq(size, 14u);
	cr_expect_eq(list_size("PCI", 1, &size), 0u);
	cr_expect_eq(size, 1u);
	cr_expect_eq(list_size("Spooler", 2, &size), 0u);
	cr_expect_eq(size, 1u);
	cr_expect_eq(list_size(NULL, 2, &size), 3u);
	cr_expect_eq(size, 0u);
	cr_expect_eq(list_size("PCI", 3, &size), 4u, "two filters");
	cr_expect_eq(list_size("PCI", 0x800, &size), 4u);
	cr_expect_eq(list_size("PCI\\0", 8, &size), 0x0du);
	cr_expect_eq(list_size(ROOT, 8, &size), 0u);
	cr_expect_eq(size, 1u);
}

/* *ret_n: characters that came. */
static uint32_t list(const char *filter, uint32_t flags, uint32_t room, uint32_t *ret_n)
{
	struct smb3_ndr_out out = rpc_rig_args(&rig);
	struct smb3_ndr_in in;
	uint32_t n;

	smb3_ndr_put_wstring_ptr(&out, filter);
	smb3_ndr_put_u32(&out, room);
	smb3_ndr_put_u32(&out, flags);
	in = rpc_rig_call(&rig, GET_LIST, &out);
	n = smb3_ndr_u32(&in);
	cr_expect_eq(smb3_ndr_u32(&in), 0u);
	cr_expect_eq(smb3_ndr_u32(&in), n);
	(void)smb3_ndr_bytes(&in, (size_t)2 * n);
	*ret_n = smb3_ndr_u32(&in);
	cr_expect_eq(*ret_n, n);
	return rpc_rig_result(&in);
}

Test(ntsvcs, lists)
{
	uint32_t n;

	cr_expect_eq(list(NULL, 0, 14, &n), 0u);
	cr_expect_eq(n, 14u);
	cr_expect_eq(list(NULL, 0, 13, &n), 0x1au);
	cr_expect_eq(n, 0u);
	cr_expect_eq(list("Spooler", 2, 0, &n), 0x1au);
	cr_expect_eq(list("Spooler", 2, 100, &n), 0u);
	cr_expect_eq(n, 1u);
	cr_expect_eq(list(NULL, 2, 100, &n), 3u);
	cr_expect_eq(n, 0u);
}

static uint32_t property(const char *device, uint32_t number, uint32_t flags)
{
	struct smb3_ndr_out out = rpc_rig_args(&rig);
	struct smb3_ndr_in in;

	smb3_ndr_put_wstring(&out, device);
	smb3_ndr_put_u32(&out, number);
	for (int i = 0; i < 3; i++)
		smb3_ndr_put_u32(&out, 0);
	smb3_ndr_put_u32(&out, flags);
	in = rpc_rig_call(&rig, GET_PROPERTY, &out);
	for (int i = 0; i < 6; i++)
		cr_expect_eq(smb3_ndr_u32(&in), 0u);
	return rpc_rig_result(&in);
}

Test(ntsvcs, properties)
{
	cr_expect_eq(property(ROOT, 1, 0), 0x25u);
	cr_expect_eq(property("ACPI\\ACPI0003\\1", 1, 0), 0x0du);
	cr_expect_eq(property(ROOT, 0, 0), 0x35u);
	cr_expect_eq(property(ROOT, 99, 0), 0x35u);
	cr_expect_eq(property(ROOT, 1, 1), 4u);
}

Test(ntsvcs, relatives)
{
	struct smb3_ndr_out out = rpc_rig_args(&rig);
	struct smb3_ndr_in in;

	smb3_ndr_put_u32(&out, 2);
	smb3_ndr_put_wstring(&out, ROOT);
	smb3_ndr_put_u32(&out, 200);
	smb3_ndr_put_u32(&out, 0);
	in = rpc_rig_call(&rig, GET_RELATED, &out);
	(void)smb3_ndr_bytes(&in, 14);
	cr_expect_eq(smb3_ndr_u32(&in), 200u);
	cr_expect_eq(rpc_rig_result(&in), 0x0du);
	out = rpc_rig_args(&rig);
	smb3_ndr_put_u32(&out, 2);
	smb3_ndr_put_wstring(&out, ROOT);
	smb3_ndr_put_u32(&out, 32768);
	smb3_ndr_put_u32(&out, 0);
	cr_expect_eq(rpc_rig_fault(&rig, GET_RELATED, &out), (uint32_t)SMB3_RPC_FAULT_NDR);
}

Test(ntsvcs, rubbish)
{
	struct smb3_ndr_out out = rpc_rig_args(&rig);

	rpc_rig_rubbish_all(&rig);
	cr_expect_eq(rpc_rig_fault(&rig, 3, &out), (uint32_t)SMB3_RPC_FAULT_OP_RANGE);
	cr_expect_eq(rpc_rig_fault(&rig, 64, &out), (uint32_t)SMB3_RPC_FAULT_OP_RANGE);
}
