// SPDX-License-Identifier: Apache-2.0
/*
 * test_metrics.c: the text, checked line by line, from the address and from smb3ctl; and what the
 * address does not do.
 */
#include "ctlclient.h"
#include "metrics.h"
#include "testserver.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <ctype.h>
#include <netinet/in.h>
#include <poll.h>
#include <smb3/smb3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define WAIT 20000

TestSuite(metrics, .timeout = 120);

static struct test_server *server;
static int port;

static void setup_with(const char *options)
{
	char groups[200], *answer;
	const struct test_server_conf conf = { .also = "\"metrics\", \"admin\"", .groups = groups };

	snprintf(groups, sizeof(groups), "metrics = { address = \"127.0.0.1\"; port = 0; %s };",
		 options);
	server = test_server_start(&conf);
	answer = ctl_ask(test_server_core(server), "metrics address", NULL);
	cr_assert_eq(sscanf(answer, "{\"address\":\"127.0.0.1\",\"port\":%d", &port), 1, "%s",
		     answer);
	free(answer);
}

static int dial(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	cr_assert_eq(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

/* Everything up to the end; NULL when it does not come. To be freed. */
static char *answer_of(int fd)
{
	char *text = calloc(1, 1 << 20);
	size_t len = 0;
	ssize_t n = 1;

	while (n > 0) {
		struct pollfd p = { .fd = fd, .events = POLLIN };

		cr_assert_eq(poll(&p, 1, WAIT), 1, "no answer");
		n = recv(fd, text + len, (1 << 20) - 1 - len, 0);
		len += n > 0 ? (size_t)n : 0;
	}
	close(fd);
	return text;
}

static char *get(const char *request)
{
	int fd = dial();

	cr_assert_eq(send(fd, request, strlen(request), MSG_NOSIGNAL), (ssize_t)strlen(request));
	return answer_of(fd);
}

/* ---- the format, strictly ---- */

struct check {
	char family[200], type[20];
	bool helped;
	double last; /* of a histogram's buckets */
	unsigned int samples, families;
};

static size_t name_len(const char *s)
{
	size_t n = 0;

	while (isalnum((unsigned char)s[n]) || s[n] == '_' || s[n] == ':')
		n++;
	return isdigit((unsigned char)*s) ? 0 : n;
}

/* {name="value",...}; what follows it, or NULL. */
static const char *labels_end(const char *s)
{
	if (*s != '{')
		return s;
	do {
		size_t n = name_len(++s);

		if (!n || s[n] != '=' || s[n + 1] != '"')
			return NULL;
		for (s += n + 2; *s && *s != '"'; s++)
			if (*s == '\\' && !*++s)
				return NULL;
		if (*s++ != '"')
			return NULL;
	} while (*s == ',');
	return *s == '}' ? s + 1 : NULL;
}

static void check_comment(struct check *c, const char *line)
{
	char name[200], rest[400];
	bool help = !strncmp(line, "# HELP ", 7);

	cr_assert_eq(sscanf(line, help ? "# HELP %199s %399[^\n]" : "# TYPE %199s %399s", name,
			    rest),
		     2, "%s", line);
	if (help) {
		cr_assert_not(c->helped, "%s", line);
		snprintf(c->family, sizeof(c->family), "%s", name);
	} else {
		cr_assert(c->helped && !strcmp(name, c->family), "%s", line);
		cr_assert(!strcmp(rest, "counter") || !strcmp(rest, "gauge") ||
				  !strcmp(rest, "histogram"),
			  "%s", line);
		snprintf(c->type, sizeof(c->type), "%.19s", rest);
		c->families++;
	}
	c->helped = help;
}

static void check_sample(struct check *c, const char *line)
{
	size_t n = name_len(line), family = strlen(c->family);
	const char *suffix = line + family, *value = labels_end(line + n);
	char *end;
	double number;

	cr_assert(n >= family && !strncmp(line, c->family, family), "%s", line);
	cr_assert(value && *value == ' ', "%s", line);
	number = strtod(value + 1, &end);
	cr_assert(end > value + 1 && !*end, "%s", line);
	if (!strcmp(c->type, "counter")) {
		cr_assert(number >= 0 && !strcmp(c->family + family - 6, "_total"), "%s", line);
	} else if (!strcmp(c->type, "histogram")) {
		bool bucket = !strncmp(suffix, "_bucket{", 8);

		cr_assert(bucket || !strncmp(suffix, "_sum{", 5) || !strncmp(suffix, "_count{", 7),
			  "%s", line);
		if (bucket && strstr(line, "le=\"0.000001\""))
			c->last = 0;
		if (bucket)
			cr_assert(number >= c->last, "%s", line);
		if (!strncmp(suffix, "_count{", 7))
			cr_assert_eq(number, c->last, "%s", line);
		if (bucket)
			c->last = number;
	}
	c->samples++;
}

static void check_text(const char *text)
{
	struct check c = { .samples = 0 };
	char *copy = strdup(text), *rest = copy, *line;

	cr_assert(*text && text[strlen(text) - 1] == '\n');
	while ((line = strsep(&rest, "\n")) && rest) {
		cr_assert(*line, "an empty line");
		if (*line == '#')
			check_comment(&c, line);
		else
			check_sample(&c, line);
	}
	free(copy);
	cr_expect(c.families > 10 && c.samples > 100);
}

/* ---- tests ---- */

Test(metrics, the_text_is_as_prometheus_wants_it)
{
	char *text, *body;
	size_t len = 0;

	setup_with("");
	text = get("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
	cr_assert(!strncmp(text, "HTTP/1.1 200 OK\r\n", 17), "%s", text);
	cr_expect(strstr(text, "\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
	cr_assert_eq(sscanf(strstr(text, "Content-Length:"), "Content-Length: %zu", &len), 1);
	body = strstr(text, "\r\n\r\n") + 4;
	cr_expect_eq(strlen(body), len);
	check_text(body);
	cr_expect(strstr(body, "\nsmb3d_build_info{version=\""));
	cr_expect(strstr(body, "\nsmb3d_requests_total{command=\"NEGOTIATE\"} "));
	free(text);
	text = get("HEAD /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
	cr_expect_str_eq(strstr(text, "\r\n\r\n"), "\r\n\r\n");
	free(text);
	test_server_stop(server);
}

static char *line_of(const char *name)
{
	char *text = get("GET /metrics HTTP/1.0\r\n\r\n"), find[100], *line;

	snprintf(find, sizeof(find), "\n%s ", name);
	line = strstr(text, find);
	cr_assert_not_null(line, "%s", name);
	line = strndup(line + 1, strcspn(line + 1, "\n"));
	free(text);
	return line;
}

/* Workers count once a second. */
Test(metrics, connections_are_counted)
{
	uint64_t began = smb3_clock();
	bool seen = false;
	int fd;

	setup_with("");
	fd = test_server_connect(server);
	while (!seen && smb3_clock() - began < WAIT * 1000000ull) {
		char *line = line_of("smb3d_connections");

		seen = !strcmp(line, "smb3d_connections 1");
		free(line);
		poll(NULL, 0, 20);
	}
	cr_expect(seen);
	close(fd);
	test_server_stop(server);
}

Test(metrics, what_it_refuses)
{
	char *text;

	setup_with("");
	text = get("GET /other HTTP/1.1\r\nHost: x\r\n\r\n");
	cr_expect(!strncmp(text, "HTTP/1.1 404 ", 13), "%s", text);
	free(text);
	text = get("DELETE /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
	cr_expect(!strncmp(text, "HTTP/1.1 405 ", 13) && strstr(text, "\r\nAllow: GET, HEAD\r\n"));
	free(text);
	text = get("\x16\x03\x01 hello\r\n\r\n");
	cr_expect(!strncmp(text, "HTTP/1.1 400 ", 13), "%s", text);
	free(text);
	test_server_stop(server);
}

/* More than there are places for are closed, the silent ones after their time: then there is room. */
Test(metrics, who_says_nothing_is_gone_soon)
{
	char *text;
	int silent[2], more;

	setup_with("connections = 2; timeout = \"1s\";");
	silent[0] = dial();
	silent[1] = dial();
	more = dial();
	text = answer_of(more);
	cr_expect_str_eq(text, "");
	free(text);
	for (int i = 0; i < 2; i++) {
		text = answer_of(silent[i]);
		cr_expect_str_eq(text, "");
		free(text);
	}
	text = get("GET /metrics HTTP/1.0\r\n\r\n");
	cr_expect(!strncmp(text, "HTTP/1.1 200 ", 13));
	free(text);
	test_server_stop(server);
}

Test(metrics, smb3ctl_shows_the_same)
{
	char *answer, *line, *rest, *text = calloc(1, 1 << 20);

	setup_with("");
	answer = ctl_ask(test_server_core(server), "metrics text", NULL);
	rest = answer;
	while ((line = strsep(&rest, "\n")) && !strncmp(line, "{\"line\":\"", 9)) {
		char *to = text + strlen(text);

		line[strlen(line) - 2] = '\0';
		for (line += 9; *line; line++) {
			line += *line == '\\';
			*to++ = *line;
		}
		strcpy(to, "\n");
	}
	check_text(text);
	free(answer);
	free(text);
	test_server_stop(server);
}

Test(metrics, addresses_that_are_refused)
{
	static const struct {
		const char *address;
		bool remote, good;
	} cases[] = {
		{ "", false, true },          { "127.0.0.1", false, true },
		{ "127.3.2.1", false, true }, { "::1", false, true },
		{ "0.0.0.0", false, false },  { "::", false, false },
		{ "10.0.0.1", false, false }, { "10.0.0.1", true, true },
		{ "*", true, false },         { "localhost", true, false },
	};
	struct metrics_conf conf = { .port = 1 };
	struct smb3_mod *mod;

	setup_with("");
	mod = smb3_module_find(test_server_core(server), "metrics");
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		struct smb3_conf_wrong wrong = { .option = NULL };

		conf.address = cases[i].address;
		conf.remote = cases[i].remote;
		cr_expect_eq(mod->module->check(mod, &conf, &wrong), cases[i].good, "%s: %s",
			     cases[i].address, wrong.why);
	}
	test_server_stop(server);
}

Test(metrics, nowhere_by_default)
{
	const struct test_server_conf conf = { .also = "\"metrics\", \"admin\"" };
	char *answer;

	server = test_server_start(&conf);
	answer = ctl_ask(test_server_core(server), "metrics address", NULL);
	cr_expect(strstr(answer, "served nowhere"), "%s", answer);
	free(answer);
	test_server_stop(server);
}
