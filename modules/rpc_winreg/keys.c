// SPDX-License-Identifier: Apache-2.0
/*
 * keys.c: the registry: a small tree of what file clients ask a server for, made of what the server
 * knows about itself. Nothing of it is stored, nothing can be written.
 */
#include "winreg.h"

#define DATA_SIZE_MAX 8192

static const struct value version_values[] = {
	{ "ProductName", FACT_PRODUCT, NULL, 0 },
	{ "CurrentVersion", FACT_TEXT, "10.0", 0 },
	{ "CurrentMajorVersionNumber", FACT_NUMBER, NULL, 10 },
	{ "CurrentMinorVersionNumber", FACT_NUMBER, NULL, 0 },
	{ "InstallationType", FACT_TEXT, "Server", 0 },
};
static const struct value product_values[] = {
	{ "ProductType", FACT_TEXT, "ServerNT", 0 },
};
static const struct value computer_values[] = {
	{ "ComputerName", FACT_SERVER, NULL, 0 },
};
static const struct value server_values[] = {
	{ "srvcomment", FACT_COMMENT, NULL, 0 },
	{ "Guid", FACT_GUID, NULL, 0 },
};
static const struct value tcpip_values[] = {
	{ "Hostname", FACT_SERVER, NULL, 0 },
};
static const struct value workstation_values[] = {
	{ "Domain", FACT_WORKGROUP, NULL, 0 },
};

#define CONTROL_SET "SYSTEM\\CurrentControlSet"
#define NONE        NULL, 0
#define VALUES(v)   (v), SMB3_ARRAY_SIZE(v)

/* Each key stands behind the one that it is in; subkeys are told in this order. */
static const struct key keys[] = {
	{ HKCR, "", NONE },
	{ HKCU, "", NONE },
	{ HKU, "", NONE },
	{ HKLM, "", NONE },
	{ HKLM, "SOFTWARE", NONE },
	{ HKLM, "SOFTWARE\\Microsoft", NONE },
	{ HKLM, "SOFTWARE\\Microsoft\\Windows NT", NONE },
	{ HKLM, "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion", VALUES(version_values) },
	{ HKLM, "SYSTEM", NONE },
	{ HKLM, CONTROL_SET, NONE },
	{ HKLM, CONTROL_SET "\\Control", NONE },
	{ HKLM, CONTROL_SET "\\Control\\ComputerName", NONE },
	{ HKLM, CONTROL_SET "\\Control\\ComputerName\\ActiveComputerName",
	  VALUES(computer_values) },
	{ HKLM, CONTROL_SET "\\Control\\ComputerName\\ComputerName", VALUES(computer_values) },
	{ HKLM, CONTROL_SET "\\Control\\ProductOptions", VALUES(product_values) },
	{ HKLM, CONTROL_SET "\\Services", NONE },
	{ HKLM, CONTROL_SET "\\Services\\LanmanServer", NONE },
	{ HKLM, CONTROL_SET "\\Services\\LanmanServer\\Parameters", VALUES(server_values) },
	{ HKLM, CONTROL_SET "\\Services\\LanmanWorkstation", NONE },
	{ HKLM, CONTROL_SET "\\Services\\LanmanWorkstation\\Parameters",
	  VALUES(workstation_values) },
	{ HKLM, CONTROL_SET "\\Services\\Tcpip", NONE },
	{ HKLM, CONTROL_SET "\\Services\\Tcpip\\Parameters", VALUES(tcpip_values) },
};

/* ---- keys ---- */

const struct key *key_root(enum root root)
{
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(keys); i++)
		if (keys[i].root == root)
			return &keys[i];
	return NULL;
}

/* What a key's path has behind that of one above it, without the separator; NULL: it is not below. */
static const char *path_below(const struct key *above, const struct key *key)
{
	size_t len = strlen(above->path);

	if (key->root != above->root || key == above || strncmp(key->path, above->path, len) != 0)
		return NULL;
	if (!len)
		return key->path;
	return key->path[len] == '\\' ? key->path + len + 1 : NULL;
}

const struct key *key_find(const struct key *above, const char *path)
{
	if (!*path)
		return above;
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(keys); i++) {
		const char *below = path_below(above, &keys[i]);

		if (below && smb3_name_equal(below, path))
			return &keys[i];
	}
	return NULL;
}

const char *key_child(const struct key *key, uint32_t index)
{
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(keys); i++) {
		const char *below = path_below(key, &keys[i]);

		if (below && *below && !strchr(below, '\\') && index-- == 0)
			return below;
	}
	return NULL;
}

/* ---- values ---- */

const struct value *value_find(const struct key *key, const char *name)
{
	for (uint32_t i = 0; i < key->n_values; i++)
		if (smb3_name_equal(key->values[i].name, name))
			return &key->values[i];
	return NULL;
}

uint32_t value_type(const struct value *value)
{
	if (value->fact == FACT_NUMBER)
		return REG_DWORD;
	return value->fact == FACT_GUID ? REG_BINARY : REG_SZ;
}

static const char *value_text(struct smb3_rpc_call *call, const struct value *value)
{
	const struct smb3_rpc_facts *f = call->facts;

	switch (value->fact) {
	case FACT_SERVER:
		return f->server;
	case FACT_WORKGROUP:
		return f->workgroup;
	case FACT_COMMENT:
		return f->comment;
	case FACT_PRODUCT:
		return smb3_arena_printf(call->arena, "smb3d %s", f->version);
	default:
		return value->text;
	}
}

struct smb3_cursor value_data(struct smb3_rpc_call *call, const struct value *value)
{
	struct smb3_builder b = smb3_builder_arena(call->arena, DATA_SIZE_MAX);

	if (value->fact == FACT_NUMBER) {
		smb3_put_u32(&b, value->number);
	} else if (value->fact == FACT_GUID) {
		smb3_put_guid(&b, &call->facts->guid);
	} else {
		smb3_put_utf16(&b, value_text(call, value));
		smb3_put_u16(&b, 0);
	}
	return smb3_cursor_init(b.data, smb3_builder_ok(&b) ? b.len : 0);
}
