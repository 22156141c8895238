// SPDX-License-Identifier: Apache-2.0
/*
 * winreg.h: what the files of module rpc_winreg share. [MS-RRP]
 */
#ifndef RPC_WINREG_WINREG_H
#define RPC_WINREG_WINREG_H

#include <smb3/smb3.h>

/* [MS-ERREF] 2.2 */
#define ERROR_SUCCESS           0u
#define ERROR_FILE_NOT_FOUND    2u
#define ERROR_ACCESS_DENIED     5u
#define ERROR_INVALID_HANDLE    6u
#define ERROR_NOT_ENOUGH_MEMORY 8u
#define ERROR_INVALID_PARAMETER 87u
#define ERROR_MORE_DATA         234u
#define ERROR_NO_MORE_ITEMS     259u

/* Types of values [MS-RRP] 3.1.1.5 */
#define REG_SZ     1u
#define REG_BINARY 3u
#define REG_DWORD  4u

#define NAME_CHARS_MAX 32767u
#define DATA_MAX       0x04000000u

enum root { HKCR, HKCU, HKLM, HKU };

/* Where a value comes from. */
enum fact {
	FACT_TEXT,   /* text */
	FACT_NUMBER, /* number */
	FACT_SERVER,
	FACT_WORKGROUP,
	FACT_COMMENT,
	FACT_PRODUCT,
	FACT_GUID,
};

struct value {
	const char *name;
	enum fact fact;
	const char *text;
	uint32_t number;
};

/* The path is from the root, "" for the root itself. All of them are in one table. */
struct key {
	enum root root;
	const char *path;
	const struct value *values;
	uint32_t n_values;
};

/* What a handle stands for. */
struct opened {
	const struct key *key;
};

/* ---- keys.c ---- */

const struct key *key_root(enum root root);
/* Below another one, which may be itself; ignores case. NULL: there is none. */
const struct key *key_find(const struct key *above, const char *path);
/* The name of a subkey; NULL behind the last. */
const char *key_child(const struct key *key, uint32_t index);
const struct value *value_find(const struct key *key, const char *name);
uint32_t value_type(const struct value *value);
/* In the call's arena. */
struct smb3_cursor value_data(struct smb3_rpc_call *call, const struct value *value);

/* ---- value.c ---- */

/* RRP_UNICODE_STRING [MS-RRP] 2.2.4: text, with a terminator that its length counts; how many bytes
 * the answer may have. */
struct reg_name {
	uint16_t max;
	bool present;     /* there is one, which may be empty */
	const char *text; /* "" when there is none */
};
struct reg_name reg_get_name(struct smb3_ndr_in *in);
/* Text NULL: an empty one, without characters. */
void reg_put_name(struct smb3_ndr_out *out, const char *text, uint16_t max);

uint32_t winreg_query_value(struct smb3_rpc_call *call);
uint32_t winreg_enum_value(struct smb3_rpc_call *call);

/* ---- rpc_winreg.c ---- */

/* The key of a handle that the arguments begin with; NULL: none. */
const struct key *winreg_key(struct smb3_rpc_call *call, const struct smb3_rpc_handle *h);

#endif
