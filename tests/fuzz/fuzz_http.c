// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_http.c: requests to the address for Prometheus. What is accepted begins as it must, and no
 * request that is not whole is judged by its end.
 */
#include "../../modules/metrics/metrics.h"
#include "fuzz.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	/* Exactly as long as the input: a byte too far is found. */
	char *text = malloc(len ? len : 1);
	bool head = false;
	int status;

	memcpy(text, data, len);
	status = metrics_http(text, len, &head);
	CHECK(metrics_http_reason(status));
	if (status == 200)
		CHECK(len > 4 && !memcmp(text, head ? "HEAD " : "GET /", 5) &&
		      memmem(text, len, "\r\n\r\n", 4));
	if (!status)
		CHECK(len < METRICS_REQUEST_MAX && !memmem(text, len, "\r\n\r\n", 4));
	free(text);
	return 0;
}
