// SPDX-License-Identifier: Apache-2.0
/*
 * added.c: the text of the file that has the shares which administrators made with their clients.
 * It is included by smb3.conf inside of its list of shares, as the last thing there: so each share
 * begins with a comma, and a file without shares is right, too. A line for each, of one form only:
 * what somebody wrote by hand belongs into smb3.conf.
 */
#include "added.h"

#include <errno.h>

static const char heading[] =
	"# Shares that administrators made with their clients (smb3-rpc_srvsvc(7)).\n"
	"# smb3d writes this file: change shares with a client, or move them to smb3.conf.\n";

bool srvsvc_text_sound(const char *s, size_t max)
{
	if (strlen(s) > max || !smb3_utf8_valid(s))
		return false;
	for (; *s; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			return false;
	return true;
}

/* Clients do not list what ends with a dollar. */
static bool is_hidden(const char *name)
{
	size_t len = strlen(name);

	return len && name[len - 1] == '$';
}

/* ---- reading ---- */

static bool skip(const char **p, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(*p, word, len))
		return false;
	*p += len;
	return true;
}

/* Up to the closing quotation mark. NULL: not what we write. */
static const char *get_string(struct smb3_arena *arena, const char **p, size_t max)
{
	char *s = smb3_arena_alloc(arena, strcspn(*p, "\n") + 1), *to = s;
	const char *from = *p;

	while (*from && *from != '"' && *from != '\n') {
		if (*from == '\\' && *++from != '"' && *from != '\\')
			return NULL;
		*to++ = *from++;
	}
	*to = '\0';
	*p = from;
	return skip(p, "\"") && srvsvc_text_sound(s, max) ? s : NULL;
}

static bool get_share(struct smb3_arena *arena, const char *line, struct srvsvc_added *ret_share)
{
	struct srvsvc_added s = { .name = NULL };
	const char *p = line;

	if (!skip(&p, ", { name = \""))
		return false;
	s.name = get_string(arena, &p, SRVSVC_NAME_MAX);
	if (!s.name || !*s.name || !skip(&p, "; path = \""))
		return false;
	s.path = get_string(arena, &p, SRVSVC_PATH_MAX);
	if (!s.path || s.path[0] != '/' || !skip(&p, "; comment = \""))
		return false;
	s.comment = get_string(arena, &p, SRVSVC_COMMENT_MAX);
	if (!s.comment || !skip(&p, is_hidden(s.name) ? "; browseable = false; }\n" : "; }\n") ||
	    *p)
		return false;
	*ret_share = s;
	return true;
}

struct srvsvc_added *srvsvc_added_find(const struct srvsvc_file *file, const char *name)
{
	for (size_t i = 0; i < file->n; i++)
		if (smb3_name_equal(file->list[i].name, name))
			return &file->list[i];
	return NULL;
}

static bool take_line(struct smb3_arena *arena, const char *line, struct srvsvc_file *file)
{
	struct srvsvc_added share;

	if (*line == '#' || *line == '\n')
		return true;
	if (!get_share(arena, line, &share) || srvsvc_added_find(file, share.name))
		return false;
	file->list[file->n++] = share;
	return true;
}

int srvsvc_file_parse(struct smb3_arena *arena, const char *text, size_t len,
		      struct srvsvc_file *ret_file)
{
	struct srvsvc_file file = { .n = 0 };
	const char *end = text + len, *next;
	size_t lines = 1; /* room for one that is added */

	for (const char *p = text; p < end; p++)
		lines += *p == '\n';
	file.list = smb3_arena_alloc(arena, lines * sizeof(*file.list));
	for (; text < end; text = next) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));
		char *line;

		file.line++;
		if (!stop || memchr(text, '\0', (size_t)(stop - text)))
			break;
		next = stop + 1;
		line = smb3_arena_alloc(arena, (size_t)(next - text) + 1);
		memcpy(line, text, (size_t)(next - text));
		if (!take_line(arena, line, &file))
			break;
	}
	*ret_file = file;
	return text < end ? -EBADMSG : 0;
}

/* ---- writing ---- */

static void put(struct smb3_builder *out, const char *s)
{
	smb3_put_bytes(out, s, strlen(s));
}

static void put_string(struct smb3_builder *out, const char *s)
{
	smb3_put_u8(out, '"');
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			smb3_put_u8(out, '\\');
		smb3_put_u8(out, (uint8_t)*s);
	}
	smb3_put_u8(out, '"');
}

void srvsvc_file_build(const struct srvsvc_file *file, struct smb3_builder *out)
{
	put(out, heading);
	for (size_t i = 0; i < file->n; i++) {
		const struct srvsvc_added *s = &file->list[i];

		put(out, ", { name = ");
		put_string(out, s->name);
		put(out, "; path = ");
		put_string(out, s->path);
		put(out, "; comment = ");
		put_string(out, s->comment);
		put(out, is_hidden(s->name) ? "; browseable = false; }\n" : "; }\n");
	}
}

/* ---- folders ---- */

bool srvsvc_path_within(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	while (len && folder[len - 1] == '/')
		len--;
	return path[0] == '/' && !strncmp(path, folder, len) &&
	       (path[len] == '/' || path[len] == '\0');
}

bool srvsvc_path_plain(const char *path)
{
	if (path[0] != '/' || strchr(path, '%') || !srvsvc_text_sound(path, SRVSVC_PATH_MAX))
		return false;
	for (const char *p = path; p; p = strchr(p + 1, '/'))
		if (!strncmp(p, "/../", 4) || !strcmp(p, "/..") || !strncmp(p, "/./", 3) ||
		    !strcmp(p, "/."))
			return false;
	return true;
}
