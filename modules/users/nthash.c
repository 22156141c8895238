// SPDX-License-Identifier: Apache-2.0
/*
 * nthash.c: MD4 over the password in UTF-16LE: what NTLM computes with. [MS-NLMP] 3.3.1
 * MD4 is in OpenSSL's legacy provider. It is wanted so rarely that it is loaded each time, into a
 * library context of its own.
 */
#include "users.h"

#include <openssl/evp.h>
#include <openssl/provider.h>
#include <smb3/utf16.h>

#define PASSWORD_MAX 512 /* bytes of UTF-8 */

static bool md4(const void *data, size_t len, uint8_t ret_hash[16])
{
	OSSL_LIB_CTX *lib = OSSL_LIB_CTX_new();
	OSSL_PROVIDER *legacy = lib ? OSSL_PROVIDER_load(lib, "legacy") : NULL;
	EVP_MD *algorithm = legacy ? EVP_MD_fetch(lib, "MD4", NULL) : NULL;
	bool ok = algorithm && EVP_Digest(data, len, ret_hash, NULL, algorithm, NULL);

	EVP_MD_free(algorithm);
	if (legacy)
		OSSL_PROVIDER_unload(legacy);
	OSSL_LIB_CTX_free(lib);
	return ok;
}

const char *nt_hash(const char *password, uint8_t ret_hash[16])
{
	uint8_t utf16[2 * PASSWORD_MAX];
	struct smb3_builder b = smb3_builder_init(utf16, sizeof(utf16));
	const char *why = NULL;

	if (!*password)
		return "the password is empty";
	if (strlen(password) > PASSWORD_MAX)
		return "the password is longer than 512 bytes";
	if (!smb3_utf8_valid(password))
		return "the password is not valid UTF-8: set the terminal to UTF-8";
	smb3_put_utf16(&b, password);
	if (!md4(b.data, b.len, ret_hash))
		why = "OpenSSL's legacy provider, which has MD4, cannot be loaded: install it "
		      "(Debian: openssl-provider-legacy, or libssl3)";
	smb3_wipe(utf16, sizeof(utf16));
	return why;
}
