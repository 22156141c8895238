// SPDX-License-Identifier: Apache-2.0
/*
 * caught.c: what is written to standard error, for tests of messages.
 */
#include "caught.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void caught_begin(void)
{
	FILE *file = tmpfile();

	if (!file || dup2(fileno(file), STDERR_FILENO) < 0)
		exit(99);
	fclose(file);
}

const char *caught(void)
{
	static char text[8192];
	ssize_t n;

	fflush(stderr);
	n = pread(STDERR_FILENO, text, sizeof(text) - 1, 0);
	text[n > 0 ? n : 0] = '\0';
	if (ftruncate(STDERR_FILENO, 0) < 0)
		exit(99);
	lseek(STDERR_FILENO, 0, SEEK_SET);
	return text;
}
