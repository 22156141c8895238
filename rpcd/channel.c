// SPDX-License-Identifier: Apache-2.0
/*
 * channel.c: messages from and to smb3d. Without it there is nothing to do here: the process ends.
 */
#include "process.h"

#include <errno.h>
#include <smb3/log.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Before the parent listens to LOG messages (and when it does not any more) the only place to tell a
 * reason is the log of the parent, which standard error is. */
void give_up(const char *fmt, ...)
{
	va_list ap;

	fputs("smb3-rpcd: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	_exit(1);
}

void channel_read(void *data, size_t len)
{
	uint8_t *p = data;

	while (len) {
		ssize_t n = read(CHANNEL_FD, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			_exit(0); /* the parent is gone */
		p += n;
		len -= (size_t)n;
	}
}

static void write_all(const uint8_t *p, size_t len)
{
	while (len) {
		ssize_t n = write(CHANNEL_FD, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			_exit(0);
		p += n;
		len -= (size_t)n;
	}
}

void channel_write(struct process *p, const struct channel_head *head, const void *body)
{
	uint8_t bytes[CHANNEL_HEAD];
	struct smb3_builder b = smb3_builder_init(bytes, sizeof(bytes));

	channel_put_head(&b, head);
	pthread_mutex_lock(&p->write_lock);
	write_all(bytes, sizeof(bytes));
	write_all(body, head->len);
	pthread_mutex_unlock(&p->write_lock);
}

uint8_t *channel_next(struct channel_head *ret_head)
{
	uint8_t bytes[CHANNEL_HEAD], *body;

	channel_read(bytes, sizeof(bytes));
	if (!channel_get_head(bytes, ret_head))
		give_up("the server sends no messages of this version");
	body = smb3_alloc(ret_head->len + 1u);
	channel_read(body, ret_head->len);
	return body;
}
