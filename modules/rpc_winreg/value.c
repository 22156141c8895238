// SPDX-License-Identifier: Apache-2.0
/*
 * value.c: names on the wire, and values: by name, and one after the other. [MS-RRP] 3.1.5.11,
 * 3.1.5.17
 */
#include "winreg.h"

/* ---- names ---- */

/* The characters, without the terminator. */
static const char *get_chars(struct smb3_ndr_in *in, uint32_t len)
{
	uint32_t max = smb3_ndr_conformance(in, NAME_CHARS_MAX);
	uint32_t n = smb3_ndr_variance(in, max);
	uint8_t *units;
	const char *s;

	if (n != len)
		smb3_ndr_bad(in);
	units = smb3_ndr_alloc(in, n, 2, 2);
	if (!units)
		return "";
	for (uint32_t i = 0; i < n; i++)
		smb3_store_u16(units + (size_t)2 * i, smb3_ndr_u16(in));
	if (!units[2 * n - 2] && !units[2 * n - 1])
		n--;
	s = smb3_ndr_ok(in) ? smb3_utf16_to_utf8(in->arena, units, (size_t)2 * n) : NULL;
	if (s && strlen(s) <= (size_t)3 * n)
		return s;
	smb3_ndr_bad(in);
	return "";
}

struct reg_name reg_get_name(struct smb3_ndr_in *in)
{
	struct smb3_ndr_counted head = smb3_ndr_counted(in);
	struct reg_name name = { .max = head.max, .present = head.present, .text = "" };

	if (head.present)
		name.text = get_chars(in, head.len / 2u);
	return name;
}

void reg_put_name(struct smb3_ndr_out *out, const char *text, uint16_t max)
{
	size_t size = text ? smb3_utf16_size(text) + 2 : 0;

	smb3_ndr_put_align(out, 4);
	smb3_ndr_put_u16(out, (uint16_t)size);
	smb3_ndr_put_u16(out, max);
	smb3_ndr_put_ptr(out, text);
	if (!text)
		return;
	smb3_ndr_put_u32(out, max / 2u);
	smb3_ndr_put_u32(out, 0);
	smb3_ndr_put_u32(out, (uint32_t)size / 2);
	smb3_put_utf16(&out->b, text);
	smb3_put_u16(&out->b, 0);
}

/* ---- data ---- */

/* What a client brings for a value: pointers that may be null, and how much it takes. */
struct wanted {
	bool type, data, size, len;
	uint32_t room;
};

static struct wanted get_wanted(struct smb3_ndr_in *in)
{
	struct wanted w = { .type = smb3_ndr_ptr(in) };
	uint32_t max;

	if (w.type)
		(void)smb3_ndr_u32(in);
	w.data = smb3_ndr_ptr(in);
	if (w.data) {
		max = smb3_ndr_conformance(in, DATA_MAX);
		(void)smb3_ndr_bytes(in, smb3_ndr_variance(in, max));
	}
	w.size = smb3_ndr_ptr(in);
	if (w.size)
		w.room = smb3_ndr_u32(in);
	w.len = smb3_ndr_ptr(in);
	if (w.len)
		(void)smb3_ndr_u32(in);
	return w;
}

static uint32_t wanted_status(const struct wanted *w, const struct smb3_cursor *data)
{
	if (w->data && (!w->size || !w->len))
		return ERROR_INVALID_PARAMETER;
	if (w->data && smb3_cursor_left(data) > w->room)
		return ERROR_MORE_DATA;
	return ERROR_SUCCESS;
}

static void put_number(struct smb3_ndr_out *out, bool there, uint32_t n)
{
	smb3_ndr_put_ptr(out, there);
	if (there)
		smb3_ndr_put_u32(out, n);
}

/* Type, data, size and length; without a value they are null, or zero. */
static void put_value(struct smb3_rpc_call *call, const struct wanted *w, uint32_t type,
		      const struct smb3_cursor *data, uint32_t status)
{
	struct smb3_ndr_out *out = call->out;
	size_t size = smb3_cursor_left(data);
	bool told = w->data && !status;

	put_number(out, w->type, type);
	smb3_ndr_put_ptr(out, told);
	if (told) {
		smb3_ndr_put_u32(out, w->room);
		smb3_ndr_put_u32(out, 0);
		smb3_ndr_put_u32(out, (uint32_t)size);
		smb3_ndr_put_bytes(out, data->pos, size);
	}
	put_number(out, w->size, (uint32_t)size);
	put_number(out, w->len, told ? (uint32_t)size : 0);
	smb3_ndr_put_u32(out, status);
}

static uint32_t answer_value(struct smb3_rpc_call *call, const struct wanted *w,
			     const struct value *v, uint32_t status)
{
	struct smb3_cursor data = smb3_cursor_init(NULL, 0);

	if (v) {
		data = value_data(call, v);
		status = status ? status : wanted_status(w, &data);
	}
	put_value(call, w, v ? value_type(v) : 0, &data, status);
	return SMB3_RPC_OK;
}

uint32_t winreg_query_value(struct smb3_rpc_call *call)
{
	struct smb3_rpc_handle h = smb3_ndr_handle(call->in);
	struct reg_name name = reg_get_name(call->in);
	struct wanted w = get_wanted(call->in);
	const struct key *key;
	const struct value *v = NULL;
	uint32_t status = ERROR_FILE_NOT_FOUND;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	key = winreg_key(call, &h);
	if (!key)
		status = ERROR_INVALID_HANDLE;
	else if (!name.present || !w.type || !w.size || !w.len)
		status = ERROR_INVALID_PARAMETER;
	else if ((v = value_find(key, name.text)))
		status = ERROR_SUCCESS;
	return answer_value(call, &w, v, status);
}

uint32_t winreg_enum_value(struct smb3_rpc_call *call)
{
	struct smb3_rpc_handle h = smb3_ndr_handle(call->in);
	uint32_t index = smb3_ndr_u32(call->in), status = ERROR_NO_MORE_ITEMS;
	struct reg_name name = reg_get_name(call->in);
	struct wanted w = get_wanted(call->in);
	const struct key *key;
	const struct value *v = NULL;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	key = winreg_key(call, &h);
	if (!key) {
		status = ERROR_INVALID_HANDLE;
	} else if (index < key->n_values) {
		v = &key->values[index];
		status = smb3_utf16_size(v->name) + 2 > name.max ? ERROR_MORE_DATA : ERROR_SUCCESS;
	}
	reg_put_name(call->out, v && !status ? v->name : NULL, name.max);
	return answer_value(call, &w, v, status);
}
