// SPDX-License-Identifier: Apache-2.0
/*
 * rpc_echo.c: module rpc_echo: the interface that testers of RPC call, and the example of how one is
 * written: a procedure reads its arguments, asks the reader once whether they were there, and writes its
 * results.
 */
#include <smb3/smb3.h>

#define SOURCE_MAX (1u << 20)
#define SLEEP_MAX  60

/* uint32 in_data -> uint32 */
static uint32_t add_one(struct smb3_rpc_call *call)
{
	uint32_t n = smb3_ndr_u32(call->in);

	smb3_ndr_put_u32(call->out, n + 1);
	return SMB3_RPC_OK;
}

/* uint32 len, [size_is(len)] uint8 data[] -> [size_is(len)] uint8 data[] */
static uint32_t echo_data(struct smb3_rpc_call *call)
{
	uint32_t len = smb3_ndr_u32(call->in);
	const uint8_t *data;

	if (smb3_ndr_u32(call->in) != len)
		smb3_ndr_bad(call->in);
	data = smb3_ndr_bytes(call->in, len);
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	smb3_ndr_put_u32(call->out, len);
	smb3_ndr_put_bytes(call->out, data, len);
	return SMB3_RPC_OK;
}

/* uint32 len, [size_is(len)] uint8 data[] */
static uint32_t sink_data(struct smb3_rpc_call *call)
{
	uint32_t len = smb3_ndr_u32(call->in);

	if (smb3_ndr_u32(call->in) != len)
		smb3_ndr_bad(call->in);
	(void)smb3_ndr_bytes(call->in, len);
	return SMB3_RPC_OK;
}

/* uint32 len -> [size_is(len)] uint8 data[]: 0, 1, 2 ... */
static uint32_t source_data(struct smb3_rpc_call *call)
{
	uint32_t len = smb3_ndr_u32(call->in);

	if (!smb3_ndr_ok(call->in) || len > SOURCE_MAX)
		return SMB3_RPC_FAULT_NO_MEMORY;
	smb3_ndr_put_u32(call->out, len);
	for (uint32_t i = 0; i < len; i++)
		smb3_ndr_put_u8(call->out, (uint8_t)i);
	return SMB3_RPC_OK;
}

/* [string] wchar_t *s1 -> [string] wchar_t **s2 */
static uint32_t test_call(struct smb3_rpc_call *call)
{
	const char *s = smb3_ndr_wstring(call->in);

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	smb3_ndr_put_wstring_ptr(call->out, s);
	return SMB3_RPC_OK;
}

#define STATUS_INVALID_LEVEL 0xC0000148u

/* uint16 level -> union by level of numbers that stand alone, after a byte, in a structure */
static uint32_t test_call2(struct smb3_rpc_call *call)
{
	static const uint8_t first[] = { 0, 10, 20, 30, 40, 50, 70, 80 };
	static const uint8_t second[] = { 0, 0, 0, 0, 0, 60, 80, 90 };
	struct smb3_ndr_out *out = call->out;
	uint16_t level = smb3_ndr_u16(call->in);
	bool hyper = level == 4 || level == 5 || level == 7;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	smb3_ndr_put_u16(out, level);
	if (hyper)
		smb3_ndr_put_align(out, 8);
	if (level == 1 || (level >= 5 && level <= 7))
		smb3_ndr_put_u8(out, first[level]);
	if (level == 2)
		smb3_ndr_put_u16(out, first[level]);
	if (level == 3)
		smb3_ndr_put_u32(out, first[level]);
	if (hyper)
		smb3_ndr_put_u64(out, level == 4 ? first[level] : second[level]);
	if (level == 6)
		smb3_ndr_put_u8(out, second[level]);
	smb3_ndr_put_u32(out, level >= 1 && level <= 7 ? 0 : STATUS_INVALID_LEVEL);
	return SMB3_RPC_OK;
}

/* An enumeration of 16 bits, a structure of one such and one of 32, a union by the first: all come
 * back. */
static uint32_t test_enum(struct smb3_rpc_call *call)
{
	struct smb3_ndr_in *in = call->in;
	uint16_t one = smb3_ndr_u16(in), two, three = 0;
	uint32_t two32, three32 = 0;

	smb3_ndr_align(in, 4);
	two = smb3_ndr_u16(in);
	two32 = smb3_ndr_u32(in);
	if (smb3_ndr_u16(in) != one || one < 1 || one > 2)
		smb3_ndr_bad(in);
	if (one == 2)
		smb3_ndr_align(in, 4);
	three = smb3_ndr_u16(in);
	if (one == 2)
		three32 = smb3_ndr_u32(in);
	if (!smb3_ndr_ok(in))
		return SMB3_RPC_FAULT_NDR;
	smb3_ndr_put_u16(call->out, one);
	smb3_ndr_put_align(call->out, 4);
	smb3_ndr_put_u16(call->out, two);
	smb3_ndr_put_u32(call->out, two32);
	smb3_ndr_put_u16(call->out, one);
	if (one == 2)
		smb3_ndr_put_align(call->out, 4);
	smb3_ndr_put_u16(call->out, three);
	if (one == 2)
		smb3_ndr_put_u32(call->out, three32);
	return SMB3_RPC_OK;
}

static uint32_t test_sleep_ends(struct smb3_rpc_call *call, int err, struct smb3_cursor *answer)
{
	const uint32_t *seconds = call->state;

	(void)answer;
	if (err)
		return SMB3_RPC_FAULT_BUSY;
	smb3_ndr_put_u32(call->out, *seconds);
	return SMB3_RPC_OK;
}

/* uint32 seconds -> uint32 seconds: waits, and holds up nobody */
static uint32_t test_sleep(struct smb3_rpc_call *call)
{
	uint32_t seconds = smb3_ndr_u32(call->in);
	struct smb3_builder in = smb3_builder_arena(call->arena, 4);

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	smb3_put_u32(&in, (seconds < SLEEP_MAX ? seconds : SLEEP_MAX) * 1000);
	call->state = smb3_arena_copy(call->arena, &seconds, sizeof(seconds));
	return smb3_rpc_ask_later(call, SMB3_ASK_SLEEP, &in, test_sleep_ends);
}

/* A structure with a conformant array at its end: its size stands in front of all.
 * struct { uint32 x; [size_is(x)] uint16 surrounding[]; } -> the same, twice as long */
static uint32_t test_surrounding(struct smb3_rpc_call *call)
{
	uint32_t size = smb3_ndr_conformance(call->in, SOURCE_MAX / 2);
	uint32_t x = smb3_ndr_u32(call->in);
	uint16_t *list = smb3_ndr_alloc(call->in, size, sizeof(*list), sizeof(*list));

	for (uint32_t i = 0; i < size && smb3_ndr_ok(call->in); i++)
		list[i] = smb3_ndr_u16(call->in);
	if (!smb3_ndr_ok(call->in) || x != size)
		return SMB3_RPC_FAULT_NDR;
	smb3_ndr_put_u32(call->out, 2 * x);
	smb3_ndr_put_u32(call->out, 2 * x);
	for (uint32_t i = 0; i < 2 * x; i++)
		smb3_ndr_put_u16(call->out, 0);
	return SMB3_RPC_OK;
}

/* [ref] uint16 ***data, of which the inner two are unique: a pointer leads to what stands next */
static uint32_t test_double_pointer(struct smb3_rpc_call *call)
{
	uint16_t v = 0;

	if (smb3_ndr_ptr(call->in) && smb3_ndr_ptr(call->in))
		v = smb3_ndr_u16(call->in);
	smb3_ndr_put_u16(call->out, v);
	return SMB3_RPC_OK;
}

static const struct smb3_rpc_op echo_ops[] = {
	[0] = { "AddOne", add_one },
	[1] = { "EchoData", echo_data },
	[2] = { "SinkData", sink_data },
	[3] = { "SourceData", source_data },
	[4] = { "TestCall", test_call },
	[5] = { "TestCall2", test_call2 },
	[6] = { "TestSleep", test_sleep },
	[7] = { "TestEnum", test_enum },
	[8] = { "TestSurrounding", test_surrounding },
	[9] = { "TestDoublePointer", test_double_pointer },
};

static const char *const echo_pipes[] = { "rpcecho", NULL };

static const struct smb3_rpc_interface echo = {
	.name = "rpcecho",
	.uuid = SMB3_RPC_UUID(0x60a15ec5, 0x4de8, 0x11d7, 0xa6, 0x37, 0x00, 0x50, 0x56, 0xa2, 0x01,
			      0x82),
	.major = 1,
	.pipes = echo_pipes,
	.ops = echo_ops,
	.n_ops = SMB3_ARRAY_SIZE(echo_ops),
};

static const struct smb3_provide echo_provides[] = { SMB3_RPC(&echo), SMB3_END };
static const char *const echo_needs[] = { "rpc", NULL };

SMB3_MODULE(rpc_echo, .summary = "an interface to test remote procedures with", .needs = echo_needs,
	    .provides = echo_provides);
