// SPDX-License-Identifier: Apache-2.0
/*
 * test_http.c: which requests are answered, and with what.
 */
#include "metrics.h"

#include <criterion/criterion.h>
#include <string.h>

static int status_of(const char *text)
{
	bool head;

	return metrics_http(text, strlen(text), &head);
}

Test(http, what_it_answers)
{
	static const struct {
		const char *text;
		int status;
	} cases[] = {
		{ "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", 200 },
		{ "HEAD /metrics HTTP/1.1\r\nhost:x\r\n\r\n", 200 },
		{ "GET /metrics HTTP/1.0\r\n\r\n", 200 },
		{ "GET /metrics?a=b HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", 200 },
		{ "GET / HTTP/1.1\r\nHost: x\r\n\r\n", 404 },
		{ "GET /metrics/ HTTP/1.1\r\nHost: x\r\n\r\n", 404 },
		{ "POST /metrics HTTP/1.1\r\nHost: x\r\n\r\n", 405 },
		{ "get /metrics HTTP/1.1\r\nHost: x\r\n\r\n", 405 },
		{ "GET /metrics HTTP/1.1\r\n\r\n", 400 },
		{ "GET /metrics HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400 },
		{ "GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx", 400 },
		{ "GET /metrics HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", 400 },
		{ "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\nmore", 200 },
		{ "GET /metrics HTTP/2.0\r\nHost: x\r\n\r\n", 505 },
		{ "GET /metrics\r\n\r\n", 400 },
		{ "GET  /metrics HTTP/1.1\r\nHost: x\r\n\r\n", 400 },
		{ "GET http://x/metrics HTTP/1.1\r\nHost: x\r\n\r\n", 400 },
		{ " GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", 400 },
		{ "GET /metrics HTTP/1.1 \r\nHost: x\r\n\r\n", 505 },
		{ "GET /metrics HTTP/1.1\r\nHost : x\r\n\r\n", 400 },
		{ "GET /metrics HTTP/1.1\r\nHost: x\r\n folded: y\r\n\r\n", 400 },
		{ "GET /metrics HTTP/1.1\r\nHost\r\n\r\n", 400 },
		{ "GET /metrics HTTP/1.1\nHost: x\r\n\r\n", 400 },
		{ "GET /metrics HTTP/1.1\r\nHost: x\ry\r\n\r\n", 400 },
		{ "GET /metrics HTTP/1.1\r\nHost: \x01\r\n\r\n", 400 },
		{ "\r\n\r\n", 400 },
		{ "GET /metrics HTTP/1.1\r\nHost: x\r\n", 0 },
		{ "", 0 },
	};

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++)
		cr_expect_eq(status_of(cases[i].text), cases[i].status, "%s: %d", cases[i].text,
			     status_of(cases[i].text));
}

Test(http, limits)
{
	char text[METRICS_REQUEST_MAX];
	bool head;

	memset(text, 'a', sizeof(text));
	cr_expect_eq(metrics_http(text, sizeof(text) - 1, &head), 0);
	cr_expect_eq(metrics_http(text, sizeof(text), &head), 431);
	cr_expect_eq(metrics_http("GET\0", 4, &head), 400);
	cr_expect_eq(metrics_http("HEAD /metrics HTTP/1.0\r\n\r\n", 26, &head), 200);
	cr_expect(head);
}

/* Byte by byte it is the same: nothing before the end, and then the same answer. */
Test(http, in_pieces)
{
	static const char text[] = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";
	bool head;

	for (size_t len = 0; len < sizeof(text) - 1; len++)
		cr_assert_eq(metrics_http(text, len, &head), 0, "%zu", len);
	cr_expect_eq(metrics_http(text, sizeof(text) - 1, &head), 200);
}
