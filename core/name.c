// SPDX-License-Identifier: Apache-2.0
/*
 * name.c: takes a name from the wire apart. [MS-FSCC] 2.1.5
 */
#include <smb3/name.h>

#include <smb3/arena.h>
#include <smb3/status.h>
#include <smb3/utf16.h>
#include <string.h>
#include <strings.h>

/* [MS-FSCC] 2.1.5.2: also the characters that are wildcards elsewhere. A stream's name may hold
 * them (2.1.5.3). */
static bool name_char_bad(unsigned char c)
{
	return c < 0x20 || strchr("\"*:<>?|", c);
}

/* One component [s, end), without stream part. */
static ntstatus name_component(const char *s, const char *end)
{
	size_t len = (size_t)(end - s), units = 0;

	if (len == 0 || (len == 1 && s[0] == '.'))
		return STATUS_OBJECT_NAME_INVALID;
	while (s < end) {
		if (name_char_bad((unsigned char)*s))
			return STATUS_OBJECT_NAME_INVALID;
		units += smb3_utf8_next(&s) < 0x10000 ? 1 : 2;
	}
	return units > SMB3_NAME_MAX ? STATUS_OBJECT_NAME_INVALID : STATUS_SUCCESS;
}

/* "$DATA", or "$INDEX_ALLOCATION" of the one index that a directory has. */
static ntstatus name_stream_type(struct smb3_name *n, const char *stream, const char *type)
{
	if (!strcasecmp(type, "$DATA")) {
		n->data = !*stream;
		return STATUS_SUCCESS;
	}
	if (strcasecmp(type, "$INDEX_ALLOCATION") || (*stream && strcasecmp(stream, "$I30")))
		return STATUS_OBJECT_NAME_INVALID;
	n->directory = true;
	return STATUS_SUCCESS;
}

/* What stands after the first ':' of the last component: "stream" or "stream:type". */
static ntstatus name_stream(struct smb3_name *n, char *stream)
{
	char *type = strchr(stream, ':');
	ntstatus status = STATUS_SUCCESS;

	if (type)
		*type++ = '\0';
	else if (!*stream)
		return STATUS_OBJECT_NAME_INVALID;
	if (strchr(stream, '/') || smb3_utf16_size(stream) > SMB3_NAME_MAX * sizeof(uint16_t))
		return STATUS_OBJECT_NAME_INVALID;
	if (type)
		status = name_stream_type(n, stream, type);
	if (*stream && !n->directory)
		n->stream = stream;
	return status;
}

/* ".." takes the component in front of it away, whatever that is; there is nothing above the share. */
static ntstatus name_components(char *path)
{
	char *base = path, *out = path, *end = path;
	ntstatus status = STATUS_SUCCESS;

	for (bool more = true; more && !status; path = end + 1) {
		end = path + strcspn(path, "/");
		more = *end;
		if (end - path == 2 && !memcmp(path, "..", 2)) {
			if (out == base)
				return STATUS_OBJECT_PATH_SYNTAX_BAD;
			while (--out > base && *out != '/')
				;
			continue;
		}
		status = name_component(path, end);
		if (out > base)
			*out++ = '/';
		memmove(out, path, (size_t)(end - path));
		out += end - path;
	}
	*out = '\0';
	return status;
}

/* Cuts the stream part and a trailing backslash off. */
static ntstatus name_ending(struct smb3_name *n, char *path)
{
	char *last = strrchr(path, '/'), *colon = strchr(path, ':');
	size_t len;

	if (colon && last && colon < last)
		return STATUS_OBJECT_NAME_INVALID;
	if (colon) {
		*colon = '\0';
		return name_stream(n, colon + 1);
	}
	len = strlen(path);
	if (len && path[len - 1] == '/') {
		path[len - 1] = '\0';
		n->directory = true;
	}
	return STATUS_SUCCESS;
}

ntstatus smb3_name_parse(struct smb3_arena *a, const uint8_t *utf16, size_t len,
			 struct smb3_name *ret_name)
{
	struct smb3_name n = { 0 };
	ntstatus status;
	char *path;

	if (len % 2)
		return STATUS_INVALID_PARAMETER;
	path = smb3_utf16_to_utf8(a, utf16, len);
	if (!path)
		return STATUS_OBJECT_NAME_INVALID;
	/* Some clients write '/', which no name can hold, for the separator. */
	for (char *p = path; (p = strchr(p, '\\'));)
		*p = '/';
	if (*path == '/')
		return STATUS_INVALID_PARAMETER;
	status = name_ending(&n, path);
	if (!status && *path)
		status = name_components(path);
	if (status)
		return status;
	n.path = path;
	smb3_name_split(a, path, &n.parent, &n.leaf);
	*ret_name = n;
	return STATUS_SUCCESS;
}

char *smb3_name_join(struct smb3_arena *a, const char *parent, const char *leaf)
{
	return smb3_arena_printf(a, "%s%s%s", parent, *parent ? "/" : "", leaf);
}

void smb3_name_split(struct smb3_arena *a, const char *path, const char **ret_parent,
		     const char **ret_leaf)
{
	const char *slash = strrchr(path, '/');
	char *parent;

	if (!slash) {
		*ret_parent = "";
		*ret_leaf = path;
		return;
	}
	parent = smb3_arena_strdup(a, path);
	parent[slash - path] = '\0';
	*ret_parent = parent;
	*ret_leaf = slash + 1;
}
