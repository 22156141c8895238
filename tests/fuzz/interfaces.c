// SPDX-License-Identifier: Apache-2.0
/*
 * interfaces.c: the interfaces of all modules that are built, as smb3-rpcd loads them.
 */
#include "fuzz_rpc.h"

#include <dirent.h>
#include <dlfcn.h>
#include <smb3/module.h>
#include <time.h>

/* A procedure may sleep; nobody waits for it here. */
int nanosleep(const struct timespec *time, struct timespec *left)
{
	return 0;
}

static void load(struct rpcd_host *host, const char *dir, const char *name)
{
	char path[512];
	const struct smb3_module *m;
	void *handle;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	m = handle ? dlsym(handle, SMB3_MODULE_SYMBOL) : NULL;
	CHECK(m && m->abi == SMB3_ABI);
	rpcd_host_add(host, m);
}

void fuzz_interfaces_load(struct rpcd_host *host)
{
	struct dirent **entries;
	char dir[400];
	int n;

	fuzz_module_dir(dir, sizeof(dir));
	n = scandir(dir, &entries, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		if (!strncmp(entries[i]->d_name, "rpc_", 4))
			load(host, dir, entries[i]->d_name);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	CHECK(host->n_interfaces);
}

const struct smb3_rpc_interface *fuzz_interface(const struct rpcd_host *host, uint8_t number)
{
	for (size_t n = 0; n < host->n_interfaces; n++) {
		const struct smb3_guid *uuid = &host->interfaces[n]->uuid;
		uint8_t sum = 0;

		for (size_t i = 0; i < sizeof(uuid->bytes); i++)
			sum = (uint8_t)(sum + uuid->bytes[i]);
		if (sum == number)
			return host->interfaces[n];
	}
	return host->interfaces[number % host->n_interfaces];
}

/* auth: bytes of a verifier's value; 0: there is none. */
static void put_head(struct smb3_builder *b, uint8_t type, size_t body, size_t auth)
{
	size_t len = PDU_HEADER + body + (auth ? PDU_TRAILER + auth : 0);

	smb3_put_u32(b, 5 | (uint32_t)type << 16 | (uint32_t)(PFC_FIRST | PFC_LAST) << 24);
	smb3_put_u32(b, 0x10);
	smb3_put_u16(b, (uint16_t)len);
	smb3_put_u16(b, (uint16_t)auth);
	smb3_put_u32(b, 1);
}

static void put_trailer(struct smb3_builder *b, size_t pad, size_t auth)
{
	if (!auth)
		return;
	smb3_put_zero(b, pad);
	smb3_put_u8(b, 10); /* NTLM */
	smb3_put_u8(b, SMB3_RPC_LEVEL_INTEGRITY);
	smb3_put_u8(b, (uint8_t)pad);
	smb3_put_u8(b, 0);
	smb3_put_u32(b, 1);
	smb3_put_zero(b, auth);
}

static size_t auth_of(const struct smb3_rpc_interface *i)
{
	return i->min_auth > SMB3_RPC_LEVEL_NONE ? FUZZ_SIGN_LEN : 0;
}

void fuzz_put_bind(struct smb3_builder *b, const struct smb3_rpc_interface *i)
{
	static const struct smb3_guid ndr = SMB3_RPC_UUID(0x8a885d04, 0x1ceb, 0x11c9, 0x9f, 0xe8,
							  0x08, 0x00, 0x2b, 0x10, 0x48, 0x60);

	put_head(b, PDU_BIND, 56, auth_of(i));
	smb3_put_u32(b, PDU_FRAG | PDU_FRAG << 16);
	smb3_put_u32(b, 0);
	smb3_put_u32(b, 1);
	smb3_put_u32(b, 1u << 16);
	smb3_put_guid(b, &i->uuid);
	smb3_put_u32(b, i->major | (uint32_t)i->minor << 16);
	smb3_put_guid(b, &ndr);
	smb3_put_u32(b, 2);
	put_trailer(b, 0, auth_of(i));
	CHECK(smb3_builder_ok(b));
}

void fuzz_put_request(struct smb3_builder *b, const struct smb3_rpc_interface *i,
		      const struct fuzz_stub *stub)
{
	size_t len = stub->len < FUZZ_STUB_MAX ? stub->len : FUZZ_STUB_MAX;
	size_t pad = auth_of(i) ? -len % 16 : 0;

	put_head(b, PDU_REQUEST, 8 + len + pad, auth_of(i));
	smb3_put_u32(b, (uint32_t)len);
	smb3_put_u16(b, 0);
	smb3_put_u16(b, stub->opnum);
	smb3_put_bytes(b, stub->data, len);
	put_trailer(b, pad, auth_of(i));
	CHECK(smb3_builder_ok(b));
}

bool fuzz_answer_logon(uint32_t question, struct smb3_builder *answer)
{
	switch (question) {
	case SMB3_ASK_LOGON:
		smb3_put_u8(answer, 1);
		smb3_put_u8(answer, 0);
		smb3_put_u16(answer, FUZZ_SIGN_LEN);
		smb3_put_text(answer, "alice");
		smb3_put_text(answer, "");
		return true;
	case SMB3_ASK_WRAP:
		smb3_put_zero(answer, FUZZ_SIGN_LEN);
		return true;
	default:
		return question == SMB3_ASK_UNWRAP || question == SMB3_ASK_CALLER;
	}
}
