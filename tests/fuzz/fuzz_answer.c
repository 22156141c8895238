// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_answer.c: the lines that smb3ctl reads. Input: one byte, odd for a name that the server puts
 * into a line (it must come out of it, and no byte of it may act on a terminal), even for a line.
 */
#include "../../ctl/smb3ctl.h"
#include "core.h"
#include "fuzz.h"

static bool is_plain(const char *s)
{
	for (const unsigned char *p = (const unsigned char *)s; *p; p++) {
		if (*p < 0x20 || *p == 0x7f)
			return false;
	}
	return true;
}

static void line(const char *text, size_t len)
{
	struct row row;

	if (!row_parse(text, len, &row))
		return;
	for (size_t i = 0; i < row.n_fields; i++) {
		CHECK(row_get(&row, row.fields[i].key));
		CHECK(row.fields[i].value);
	}
	row_free(&row);
}

static void name(const char *text)
{
	char *json = NULL;
	struct row row;
	size_t len;
	FILE *out = open_memstream(&json, &len);

	CHECK(out);
	fputs("{\"name\":", out);
	smb3_json_string(out, text);
	fputc('}', out);
	fclose(out);
	CHECK(is_plain(json) && smb3_utf8_valid(json));
	CHECK(row_parse(json, len, &row));
	CHECK(row.n_fields == 1 && !strcmp(row.fields[0].key, "name") && !row.fields[0].number);
	if (is_plain(text) && smb3_utf8_valid(text) && !strchr(text, '\xc2'))
		CHECK(!strcmp(row.fields[0].value, text));
	row_free(&row);
	free(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *copy;

	if (!len)
		return 0;
	copy = malloc(len);
	memcpy(copy, data + 1, len - 1);
	if (data[0] & 1) {
		copy[len - 1] = '\0';
		name(copy);
	} else {
		copy = realloc(copy, len > 1 ? len - 1 : 1); /* reading beyond it is seen */
		line(copy, len - 1);
	}
	free(copy);
	return 0;
}
