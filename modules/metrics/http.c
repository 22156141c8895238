// SPDX-License-Identifier: Apache-2.0
/*
 * http.c: one HTTP request, read strictly: what is not exactly as RFC 9112 says is refused, and
 * nothing that a page of metrics does not need is understood.
 */
#include "metrics.h"

#include <string.h>
#include <strings.h>

struct line {
	const char *at;
	size_t len;
};

/* A line ends with CR LF; no other control characters are in it, but for tabs. */
static bool line_next(const char **at, const char *end, struct line *ret_line)
{
	const char *cr = memchr(*at, '\r', (size_t)(end - *at));

	if (!cr || cr + 1 >= end || cr[1] != '\n')
		return false;
	*ret_line = (struct line){ *at, (size_t)(cr - *at) };
	*at = cr + 2;
	for (size_t i = 0; i < ret_line->len; i++) {
		unsigned char c = (unsigned char)ret_line->at[i];

		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

static bool line_is(const struct line *line, const char *text)
{
	return line->len == strlen(text) && !memcmp(line->at, text, line->len);
}

/* The word up to a space; the line goes on behind it. */
static struct line word(struct line *line)
{
	const char *space = memchr(line->at, ' ', line->len);
	struct line w = { line->at, space ? (size_t)(space - line->at) : line->len };
	size_t gone = w.len + (space != NULL);

	line->at += gone;
	line->len -= gone;
	return w;
}

struct request {
	struct line method, target, version;
	unsigned int hosts;
	bool body;
};

static bool is_token(const struct line *name)
{
	static const char others[] = "!#$%&'*+-.^_`|~";

	for (size_t i = 0; i < name->len; i++) {
		char c = name->at[i];

		if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
		    !strchr(others, c))
			return false;
	}
	return name->len;
}

static bool name_is(const struct line *name, const char *text)
{
	return name->len == strlen(text) && !strncasecmp(name->at, text, name->len);
}

static bool header(struct request *r, const struct line *line)
{
	const char *colon = memchr(line->at, ':', line->len);
	struct line name = { line->at, colon ? (size_t)(colon - line->at) : 0 }, value;

	if (!colon || !is_token(&name))
		return false;
	value.at = colon + 1;
	value.len = line->len - name.len - 1;
	while (value.len && (*value.at == ' ' || *value.at == '\t')) {
		value.at++;
		value.len--;
	}
	r->hosts += name_is(&name, "Host");
	if (name_is(&name, "Transfer-Encoding") ||
	    (name_is(&name, "Content-Length") && !line_is(&value, "0")))
		r->body = true;
	return true;
}

/* False: it is no request. */
static bool parse(struct request *r, const char *at, const char *end)
{
	struct line line;

	if (!line_next(&at, end, &line))
		return false;
	r->method = word(&line);
	r->target = word(&line);
	r->version = line;
	if (!is_token(&r->method) || !r->target.len || *r->target.at != '/')
		return false;
	while (line_next(&at, end, &line)) {
		if (!line.len)
			return at == end;
		if (!header(r, &line))
			return false;
	}
	return false;
}

static int judge(const struct request *r)
{
	bool old = line_is(&r->version, "HTTP/1.0");
	struct line path = r->target;
	const char *query = memchr(path.at, '?', path.len);

	if (!old && !line_is(&r->version, "HTTP/1.1"))
		return r->version.len > 5 && !memcmp(r->version.at, "HTTP/", 5) ? 505 : 400;
	if (r->body || r->hosts > 1 || (!old && !r->hosts))
		return 400;
	if (!line_is(&r->method, "GET") && !line_is(&r->method, "HEAD"))
		return 405;
	if (query)
		path.len = (size_t)(query - path.at);
	return line_is(&path, "/metrics") ? 200 : 404;
}

int metrics_http(const char *data, size_t len, bool *ret_head)
{
	const char *end = memmem(data, len, "\r\n\r\n", 4);
	struct request r = { .hosts = 0 };

	*ret_head = false;
	if (memchr(data, '\0', len))
		return 400;
	if (!end)
		return len < METRICS_REQUEST_MAX ? 0 : 431;
	if (!parse(&r, data, end + 4))
		return 400;
	*ret_head = line_is(&r.method, "HEAD");
	return judge(&r);
}

const char *metrics_http_reason(int status)
{
	switch (status) {
	case 200:
		return "OK";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	case 431:
		return "Request Header Fields Too Large";
	case 505:
		return "HTTP Version Not Supported";
	default:
		return "Bad Request";
	}
}
