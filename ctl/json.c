// SPDX-License-Identifier: Apache-2.0
/*
 * json.c: reads the lines of an answer: objects with strings, numbers and true or false.
 */
#include "smb3ctl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reader {
	const char *p, *end;
};

static bool take(struct reader *r, char c)
{
	if (r->p == r->end || *r->p != c)
		return false;
	r->p++;
	return true;
}

/* What a terminal would obey is shown as \xNN, for ASCII and for the controls of Latin-1. */
static size_t put_byte(char *out, unsigned char c)
{
	return (size_t)sprintf(out, "\\x%02x", c);
}

static bool take_escape(struct reader *r, char *out, size_t *len)
{
	unsigned int code;
	char hex[5] = "";

	if (r->p == r->end)
		return false;
	switch (*r->p++) {
	case '"':
	case '\\':
		out[(*len)++] = r->p[-1];
		return true;
	case 'u':
		if (r->end - r->p < 4)
			return false;
		memcpy(hex, r->p, 4);
		r->p += 4;
		if (sscanf(hex, "%4x", &code) != 1 || code > 0xff)
			return false;
		/* Messages may have several lines. */
		if (code == '\n')
			out[(*len)++] = '\n';
		else
			*len += put_byte(out + *len, (unsigned char)code);
		return true;
	default:
		return false;
	}
}

/* The text can become longer: "\u0001" is "\x01", but a raw C1 control grows from 2 bytes to 4. */
static char *take_string(struct reader *r)
{
	char *out;
	size_t len = 0;

	if (!take(r, '"'))
		return NULL;
	out = malloc((size_t)(r->end - r->p) * 2 + 1);
	while (out && r->p < r->end && *r->p != '"') {
		unsigned char c = (unsigned char)*r->p++;

		if (c == '\\') {
			if (!take_escape(r, out, &len))
				break;
		} else if (c == 0xc2 && r->p < r->end && (unsigned char)*r->p < 0xa0) {
			len += put_byte(out + len, (unsigned char)*r->p++);
		} else {
			out[len++] = (char)c;
		}
	}
	if (!out || !take(r, '"')) {
		free(out);
		return NULL;
	}
	out[len] = '\0';
	return out;
}

static char *take_value(struct reader *r, bool *ret_number)
{
	const char *start = r->p;

	*ret_number = false;
	if (r->p < r->end && *r->p == '"')
		return take_string(r);
	while (r->p < r->end && *r->p != ',' && *r->p != '}')
		r->p++;
	*ret_number = start < r->end && strchr("-0123456789", *start);
	return strndup(start, (size_t)(r->p - start));
}

static bool take_field(struct reader *r, struct row *row)
{
	struct field f = { .key = take_string(r) };
	struct field *fields;

	if (f.key && take(r, ':'))
		f.value = take_value(r, &f.number);
	fields = f.value ? realloc(row->fields, (row->n_fields + 1) * sizeof(*fields)) : NULL;
	if (!fields) {
		free(f.key);
		free(f.value);
		return false;
	}
	fields[row->n_fields++] = f;
	row->fields = fields;
	return true;
}

bool row_parse(const char *line, size_t len, struct row *ret_row)
{
	struct reader r = { .p = line, .end = line + len };
	struct row row = { .n_fields = 0 };
	bool ok = take(&r, '{');

	while (ok && take_field(&r, &row) && take(&r, ','))
		;
	if (!ok || !take(&r, '}') || r.p != r.end) {
		row_free(&row);
		return false;
	}
	*ret_row = row;
	return true;
}

void row_free(struct row *row)
{
	for (size_t i = 0; i < row->n_fields; i++) {
		free(row->fields[i].key);
		free(row->fields[i].value);
	}
	free(row->fields);
	*row = (struct row){ .n_fields = 0 };
}

const char *row_get(const struct row *row, const char *key)
{
	for (size_t i = 0; i < row->n_fields; i++)
		if (!strcmp(row->fields[i].key, key))
			return row->fields[i].value;
	return NULL;
}
