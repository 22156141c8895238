// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_rpc.c: what clients write into a pipe: PDUs, and the arguments of every interface that is built,
 * through the real bind. Input: which interface (1 byte), which procedure (1), a flags byte, then the
 * arguments of one request; or, with bit 0 of the flags, PDUs as they are, after the bind. The answers
 * to procedures' questions are bytes of the input, too (bit 1: none is answered).
 */
#include "../../rpcd/runtime.h"
#include "fuzz.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <smb3/module.h>

static struct rpcd_host host;
static struct smb3_cursor answers;
static bool answers_none;

static void no_send(struct smb3_rpc_assoc *a, const uint8_t *pdu, size_t len)
{
	CHECK(len >= PDU_HEADER && pdu[0] == 5);
}

static int ask(struct smb3_rpc_assoc *a, struct smb3_arena *arena, uint32_t question,
	       const struct smb3_builder *in, struct smb3_cursor *ret_answer)
{
	size_t len = smb3_cursor_left(&answers);

	if (answers_none)
		return -EACCES;
	*ret_answer = smb3_cursor_init(smb3_arena_copy(arena, answers.pos, len), len);
	return 0;
}

static const struct rpcd_host_ops ops = { .send = no_send, .ask = ask };

static void load(const char *dir, const char *name)
{
	char path[512];
	const struct smb3_module *m;
	void *handle;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	m = handle ? dlsym(handle, SMB3_MODULE_SYMBOL) : NULL;
	CHECK(m && m->abi == SMB3_ABI);
	rpcd_host_add(&host, m);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct dirent **entries;
	char dir[400];
	int n;

	fuzz_module_dir(dir, sizeof(dir));
	rpcd_host_init(&host, &ops);
	host.limits = (struct rpcd_limits){ 1 << 20, 1 << 20, 16 };
	host.facts = (struct smb3_rpc_facts){ "FILES", "WORKGROUP", "", "1", .started = 1 };
	n = scandir(dir, &entries, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		if (!strncmp(entries[i]->d_name, "rpc_", 4))
			load(dir, entries[i]->d_name);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	CHECK(host.n_interfaces);
	return 0;
}

static void put_head(struct smb3_builder *b, uint8_t type, size_t body)
{
	smb3_put_u32(b, 5 | (uint32_t)type << 16 | (uint32_t)(PFC_FIRST | PFC_LAST) << 24);
	smb3_put_u32(b, 0x10);
	smb3_put_u16(b, (uint16_t)(PDU_HEADER + body));
	smb3_put_u16(b, 0);
	smb3_put_u32(b, 1);
}

static void bind_to(struct smb3_rpc_assoc *a, const struct smb3_rpc_interface *i)
{
	static const struct smb3_guid ndr = SMB3_RPC_UUID(0x8a885d04, 0x1ceb, 0x11c9, 0x9f, 0xe8,
							  0x08, 0x00, 0x2b, 0x10, 0x48, 0x60);
	uint8_t pdu[PDU_HEADER + 56];
	struct smb3_builder b = smb3_builder_init(pdu, sizeof(pdu));

	put_head(&b, PDU_BIND, 56);
	smb3_put_u32(&b, PDU_FRAG | PDU_FRAG << 16);
	smb3_put_u32(&b, 0);
	smb3_put_u32(&b, 1);
	smb3_put_u32(&b, 1u << 16);
	smb3_put_guid(&b, &i->uuid);
	smb3_put_u32(&b, i->major | (uint32_t)i->minor << 16);
	smb3_put_guid(&b, &ndr);
	smb3_put_u32(&b, 2);
	CHECK(smb3_builder_ok(&b));
	CHECK(rpcd_assoc_input(a, pdu, b.len));
}

static void request(struct smb3_rpc_assoc *a, uint16_t opnum, const uint8_t *data, size_t len)
{
	uint8_t pdu[PDU_HEADER + 8 + 4096];
	struct smb3_builder b = smb3_builder_init(pdu, sizeof(pdu));

	if (len > 4096)
		len = 4096;
	put_head(&b, PDU_REQUEST, 8 + len);
	smb3_put_u32(&b, (uint32_t)len);
	smb3_put_u16(&b, 0);
	smb3_put_u16(&b, opnum);
	smb3_put_bytes(&b, data, len);
	(void)rpcd_assoc_input(a, pdu, b.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct smb3_rpc_interface *i;
	struct smb3_rpc_caller who = { "alice", "", "192.0.2.1", 1, .guest = false };
	struct smb3_rpc_assoc *a;

	if (len < 3)
		return 0;
	i = host.interfaces[data[0] % host.n_interfaces];
	who.admin = data[2] & 4;
	answers = smb3_cursor_init(data + 3, len - 3);
	answers_none = data[2] & 2;
	a = rpcd_assoc_new(&host, i->pipes[0], &who);
	bind_to(a, i);
	if (data[2] & 1)
		(void)rpcd_assoc_input(a, data + 3, len - 3);
	else
		request(a, data[1], data + 3, len - 3);
	rpcd_assoc_free(a);
	return 0;
}
