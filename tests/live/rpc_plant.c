// SPDX-License-Identifier: Apache-2.0
/*
 * rpc_plant.c: an interface for the test of remote procedures: an intruder inside of smb3-rpcd. It
 * crashes, runs in a circle, and tries what the process must not be able to do.
 */
#include <fcntl.h>
#include <signal.h>
#include <smb3/smb3.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static uint32_t plant_crash(struct smb3_rpc_call *call)
{
	__builtin_trap();
	return SMB3_RPC_OK;
}

static uint32_t plant_loop(struct smb3_rpc_call *call)
{
	for (volatile unsigned int i = 0;; i++)
		continue;
	return SMB3_RPC_OK;
}

/* Each answers whether it went well. */
static bool open_reads(void)
{
	return syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY) >= 0;
}

static bool open_here(void)
{
	return syscall(SYS_openat, AT_FDCWD, ".", O_RDONLY | O_DIRECTORY) >= 0;
}

static bool open_makes(void)
{
	return syscall(SYS_openat, AT_FDCWD, "/tmp/rpc-plant", O_RDWR | O_CREAT, 0600) >= 0;
}

static bool looks(void)
{
	return access("/", F_OK) == 0;
}

static bool socket_ip(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) >= 0;
}

static bool socket_unix(void)
{
	return socket(AF_UNIX, SOCK_STREAM, 0) >= 0;
}

static bool runs(void)
{
	char *const argv[] = { "true", NULL };

	return execv("/bin/true", argv) == 0;
}

static bool forks(void)
{
	return syscall(SYS_clone, 17, NULL, NULL, NULL, NULL) >= 0;
}

static bool maps_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		    0) != MAP_FAILED;
}

static bool makes_code(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return mprotect(p, 4096, PROT_READ | PROT_EXEC) == 0;
}

static bool kills(void)
{
	return kill(1, 0) == 0;
}

static bool traces(void)
{
	return syscall(SYS_ptrace, 16, 1, NULL, NULL) == 0;
}

static bool reads_input(void)
{
	char byte;

	return read(0, &byte, 1) >= 0;
}

static bool takes_memory(void)
{
	return malloc((size_t)4 << 30) != NULL;
}

static bool (*const tries[])(void) = { open_reads,  open_here, open_makes,  looks,       socket_ip,
				       socket_unix, runs,      forks,       maps_code,   makes_code,
				       kills,       traces,    reads_input, takes_memory };

/* uint32 which -> uint32: 0, it failed as it must; 1, it went well; 2, there is none of that number */
static uint32_t plant_try(struct smb3_rpc_call *call)
{
	uint32_t which = smb3_ndr_u32(call->in);

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	smb3_ndr_put_u32(call->out, which < SMB3_ARRAY_SIZE(tries) ? tries[which]() : 2);
	return SMB3_RPC_OK;
}

/* A system call that nobody makes politely: the end. */
static uint32_t plant_mount(struct smb3_rpc_call *call)
{
	smb3_ndr_put_u32(call->out, (uint32_t)syscall(SYS_mount, "a", "/", "tmpfs", 0, NULL));
	return SMB3_RPC_OK;
}

static uint32_t next(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

#define QUESTIONS 4000
#define NUMBERS   64 /* of questions; the server's own are below */

/* What no procedure would ask: rubbish, half of it in the form of a log-on. */
static void put_rubbish(struct smb3_builder *b, uint32_t *state, uint32_t question)
{
	static const uint8_t types[4] = { 9, 10, 16, 68 };

	if (question == SMB3_ASK_LOGON && next(state) % 2) {
		smb3_put_u32(b, next(state) % 10);
		smb3_put_u8(b, types[next(state) % 4]);
		smb3_put_u8(b, (uint8_t)(next(state) % 8));
		smb3_put_bytes(b, "NTLMSSP\0\1\0\0", 12);
	}
	for (uint32_t n = next(state) % 200; n; n--)
		smb3_put_u8(b, (uint8_t)next(state));
}

/* uint32 seed -> uint32: how many questions were answered, well or not */
static uint32_t plant_questions(struct smb3_rpc_call *call)
{
	uint32_t state = smb3_ndr_u32(call->in) | 1, n = 0;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	for (; n < QUESTIONS; n++) {
		uint32_t question = next(&state) % NUMBERS;
		struct smb3_builder in = smb3_builder_arena(call->arena, 4096);
		struct smb3_cursor answer;

		put_rubbish(&in, &state, question);
		(void)smb3_rpc_ask(call, question, &in, &answer);
	}
	smb3_ndr_put_u32(call->out, n);
	return SMB3_RPC_OK;
}

/* Messages to smb3d that make no sense, rpcd/channel.h: length, type, id. */
static const struct {
	uint32_t len;
	uint16_t type;
	uint64_t id;
} frames[] = {
	{ 0xffffffff, 7, 1 }, /* longer than any */
	{ 4, 99, 1 },         /* of no type */
	{ 4, 6, 0 },          /* ready, once more */
	{ 4, 7, 1ull << 40 }, /* a reply of a pipe that is none */
	{ 1, 8, 1ull << 40 }, /* done with it */
	{ 12, 9, 1 },         /* a question of it */
	{ 4, 2, 1 },          /* what only smb3d says */
};

/* uint32 which -> - */
static uint32_t plant_frame(struct smb3_rpc_call *call)
{
	uint32_t which = smb3_ndr_u32(call->in);
	uint8_t bytes[16 + 16];
	struct smb3_builder b = smb3_builder_init(bytes, sizeof(bytes));

	if (!smb3_ndr_ok(call->in) || which >= SMB3_ARRAY_SIZE(frames))
		return SMB3_RPC_FAULT_NDR;
	smb3_put_u32(&b, frames[which].len);
	smb3_put_u16(&b, frames[which].type);
	smb3_put_u16(&b, 0);
	smb3_put_u64(&b, frames[which].id);
	if (frames[which].len <= 16)
		smb3_put_zero(&b, frames[which].len);
	if (write(3, b.data, b.len) != (ssize_t)b.len)
		return SMB3_RPC_FAULT_NO_MEMORY;
	for (volatile unsigned int i = 0;; i++)
		continue;
}

static const struct smb3_rpc_op ops[] = {
	{ "Crash", plant_crash }, { "Loop", plant_loop },           { "Try", plant_try },
	{ "Mount", plant_mount }, { "Questions", plant_questions }, { "Frame", plant_frame },
};
static const char *const pipes[] = { "plant", NULL };
static const struct smb3_rpc_interface plant = {
	.name = "plant",
	.uuid = SMB3_RPC_UUID(0x7c44d7d4, 0x31d5, 0x424c, 0xbd, 0x5e, 0x2b, 0x3e, 0x1f, 0x32, 0x3d,
			      0x22),
	.major = 1,
	.pipes = pipes,
	.ops = ops,
	.n_ops = SMB3_ARRAY_SIZE(ops),
};
static const struct smb3_provide provides[] = { SMB3_RPC(&plant), SMB3_END };
static const char *const needs[] = { "rpc", NULL };

SMB3_MODULE(rpc_plant, .summary = "an intruder in smb3-rpcd", .needs = needs, .provides = provides);
