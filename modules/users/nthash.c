// SPDX-License-Identifier: Apache-2.0
/*
 * nthash.c: the NT hash of a password. [MS-NLMP] 3.3.1
 * MD4 lives in OpenSSL's legacy provider; a library context of our own keeps it from anybody else.
 */
#include "nthash.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <smb3/smb3.h>
#include <stdlib.h>

static bool md4(const uint8_t *data, size_t len, uint8_t ret_hash[16])
{
	OSSL_LIB_CTX *lib = OSSL_LIB_CTX_new();
	OSSL_PROVIDER *legacy = lib ? OSSL_PROVIDER_load(lib, "legacy") : NULL;
	EVP_MD *md = legacy ? EVP_MD_fetch(lib, "MD4", NULL) : NULL;
	bool ok = md && EVP_Digest(data, len, ret_hash, NULL, md, NULL);

	EVP_MD_free(md);
	if (legacy)
		OSSL_PROVIDER_unload(legacy);
	OSSL_LIB_CTX_free(lib);
	return ok;
}

int nthash(const char *password, uint8_t ret_hash[16])
{
	size_t size = smb3_utf16_size(password);
	uint8_t *utf16;
	struct smb3_builder b;
	bool ok;

	if (!smb3_utf8_valid(password))
		return -EINVAL;
	utf16 = smb3_alloc(size + 1);
	b = smb3_builder_init(utf16, size);
	smb3_put_utf16(&b, password);
	ok = md4(utf16, size, ret_hash);
	smb3_wipe(utf16, size);
	free(utf16);
	return ok ? 0 : -ENOSYS;
}
