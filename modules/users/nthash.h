// SPDX-License-Identifier: Apache-2.0
/*
 * nthash.h: the NT hash of a password. [MS-NLMP] 3.3.1
 */
#ifndef NTHASH_H
#define NTHASH_H

#include <smb3/base.h>

/* MD4 of the password in UTF-16LE. -EINVAL: not UTF-8; -ENOSYS: OpenSSL has no MD4 here. */
int nthash(const char *password, uint8_t ret_hash[16]);

#endif
