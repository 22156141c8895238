// SPDX-License-Identifier: Apache-2.0
/*
 * table.c: rows as aligned columns. The width of a name is that of its characters on a terminal,
 * not its bytes.
 */
#include "smb3ctl.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define COLUMNS_MAX 32

struct column {
	const char *key;
	int width;
	bool number;
};

int text_width(const char *s)
{
	mbstate_t state = { 0 };
	size_t left = strlen(s), n;
	int width = 0;
	wchar_t c;

	for (; left; s += n, left -= n) {
		n = mbrtowc(&c, s, left, &state);
		if (n == (size_t)-1 || n == (size_t)-2) {
			n = 1;
			width++;
			memset(&state, 0, sizeof(state));
		} else {
			width += wcwidth(c) > 0 ? wcwidth(c) : 0;
		}
	}
	return width;
}

/* An empty field would move what follows into the wrong column for awk. */
static const char *cell_text(const struct row *row, const char *key)
{
	const char *value = row_get(row, key);

	return value && *value ? value : "-";
}

static size_t columns_find(const struct row *rows, size_t n, struct column *columns)
{
	const struct row *first = &rows[0];
	size_t count = first->n_fields < COLUMNS_MAX ? first->n_fields : COLUMNS_MAX;

	for (size_t c = 0; c < count; c++) {
		struct column *col = &columns[c];

		col->key = first->fields[c].key;
		col->number = first->fields[c].number;
		col->width = text_width(col->key);
		for (size_t i = 0; i < n; i++) {
			int width = text_width(cell_text(&rows[i], col->key));

			if (width > col->width)
				col->width = width;
		}
	}
	return count;
}

static void cell_print(const struct column *col, const char *text, bool last)
{
	int pad = col->width - text_width(text);

	if (col->number)
		printf("%*s%s", pad, "", text);
	else
		printf("%s%*s", text, last ? 0 : pad, "");
	fputs(last ? "\n" : "  ", stdout);
}

static void header_print(const struct column *columns, size_t count)
{
	char upper[64];

	for (size_t c = 0; c < count; c++) {
		size_t i = 0;

		for (const char *p = columns[c].key; *p && i + 1 < sizeof(upper); p++)
			upper[i++] = (char)toupper((unsigned char)*p);
		upper[i] = '\0';
		cell_print(&columns[c], upper, c + 1 == count);
	}
}

/* Rows of nothing but "line" are text for a file. */
static bool is_text(const struct row *rows)
{
	return rows->n_fields == 1 && !strcmp(rows->fields[0].key, "line");
}

static void one_table(const struct row *rows, size_t n)
{
	struct column columns[COLUMNS_MAX];
	size_t count;

	if (is_text(rows)) {
		for (size_t i = 0; i < n; i++)
			puts(rows[i].fields[0].value);
		return;
	}
	count = columns_find(rows, n, columns);
	header_print(columns, count);
	for (size_t i = 0; i < n; i++)
		for (size_t c = 0; c < count; c++)
			cell_print(&columns[c], cell_text(&rows[i], columns[c].key),
				   c + 1 == count);
}

void table_print(const struct row *rows, size_t n_rows)
{
	for (size_t start = 0, end; start < n_rows; start = end) {
		for (end = start + 1; end < n_rows; end++)
			if (!rows[end].n_fields || !rows[start].n_fields ||
			    strcmp(rows[end].fields[0].key, rows[start].fields[0].key))
				break;
		if (start)
			putchar('\n');
		one_table(rows + start, end - start);
	}
}
