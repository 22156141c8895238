// SPDX-License-Identifier: Apache-2.0
/*
 * lsa.h: the parts of module lsa: what administrators keep on this server through the interface lsarpc.
 *   rights         who holds which rights; rights_text: their file
 *   secrets        secrets; secrets_text: their file; cipher: how they stand on the wire
 *   sid            SIDs as text
 *   keep           files that nobody else reads
 */
#ifndef LSA_LSA_H
#define LSA_LSA_H

#include "text.h"

#include <pthread.h>

struct lsa_conf {
	int64_t accounts_max;
	bool secrets;
	int64_t secrets_max;
	uint64_t secret_size; /* bytes */
};

struct lsa {
	const struct smb3_mod *mod;
	pthread_mutex_t lock;       /* of all below, and of both files */
	struct smb3_arena *arena;   /* of holders */
	struct lsa_holders holders; /* as the file has them */
	char *rights_file, *secrets_file;
	struct lsa_cipher *cipher; /* NULL: OpenSSL lacks it */
	_Atomic bool audit_seen;   /* administrators have the right to */
};

static inline const struct lsa_conf *lsa_conf(const struct lsa *lsa)
{
	return atomic_load(&lsa->mod->conf);
}

/* The module's state, from an answer. */
static inline struct lsa *lsa_of(const struct smb3_rpc_asking *asking,
				 const struct smb3_rpc_question *question)
{
	return smb3_module_of(asking->server, question)->data;
}

/* ---- keep.c ---- */

#define LSA_FILE_MAX (64u << 20)

/* All of the file, to be wiped and freed by lsa_text_free(); one that is not there is empty. -EPERM
 * with a message in the log when others could have read or written it. */
int lsa_file_read(const char *path, char **ret_text, size_t *ret_len);
void lsa_text_free(char *text, size_t len);
/* On disk when it returns; a crash leaves the old one or the new one. */
int lsa_file_write(const char *path, const struct smb3_builder *text);

/* ---- rights.c ---- */

/* Reads their file; the message of a failure is in the log. */
int lsa_rights_load(struct lsa *lsa);
extern const struct smb3_hook lsa_access_hook;
extern const struct smb3_rpc_question lsa_ask_holders, lsa_ask_rights, lsa_ask_change;

/* ---- secrets.c ---- */

/* Whether they can be read. */
int lsa_secrets_check(const struct lsa *lsa);
extern const struct smb3_rpc_question lsa_ask_secret_make, lsa_ask_secret_find, lsa_ask_secret_set,
	lsa_ask_secret_get, lsa_ask_secret_delete;

/* ---- cipher.c ---- */

#define LSA_KEY_SIZE    16
#define LSA_SEALED_HEAD 8 /* bytes more than the value has */

struct lsa_cipher *lsa_cipher_new(void); /* NULL: OpenSSL lacks it */
void lsa_cipher_free(struct lsa_cipher *c);
static inline size_t lsa_sealed_size(size_t len)
{
	return LSA_SEALED_HEAD + (len + 7) / 8 * 8;
}
/* ret_sealed has lsa_sealed_size(len) bytes. */
bool lsa_seal(const struct lsa_cipher *c, const uint8_t key[LSA_KEY_SIZE], const uint8_t *value,
	      size_t len, uint8_t *ret_sealed);
/* ret_value has len bytes. STATUS_UNKNOWN_REVISION: it was not sealed with that key. */
ntstatus lsa_unseal(const struct lsa_cipher *c, const uint8_t key[LSA_KEY_SIZE],
		    const uint8_t *sealed, size_t len, uint8_t *ret_value, size_t *ret_len);

#endif
