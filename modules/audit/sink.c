// SPDX-License-Identifier: Apache-2.0
/*
 * sink.c: where the lines are kept: a file, the journal, or the system log. On the module's thread
 * only, which may wait.
 */
#include "audit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* Facility authpriv (10), severity notice (5). RFC 3164 4.1.1 */
#define SYSLOG_PRIORITY "<85>smb3d: "
/* The journal's own protocol: a field a line, one entry a datagram. systemd.journal-fields(7) */
#define JOURNAL_FIELDS "SYSLOG_IDENTIFIER=smb3d\nPRIORITY=5\nMESSAGE="

/* ---- a file ---- */

static int file_open(struct sink *s)
{
	struct stat st;
	int fd = open(s->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
		      0600);

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return -EINVAL;
	}
	s->fd = fd;
	s->dev = st.st_dev;
	s->ino = st.st_ino;
	s->torn = false;
	return 0;
}

/* The file shall end with a whole line: takes back the last n bytes. */
static void file_untear(struct sink *s, size_t n)
{
	struct stat st;

	s->torn = n && (fstat(s->fd, &st) < 0 || st.st_size < (off_t)n ||
			ftruncate(s->fd, st.st_size - (off_t)n) < 0);
}

static size_t whole_lines(const char *lines, size_t len)
{
	const char *last = memrchr(lines, '\n', len);

	return last ? (size_t)(last + 1 - lines) : 0;
}

static int file_write(struct sink *s, const char *lines, size_t len, size_t *ret_done)
{
	size_t done = 0;
	int err = 0;

	*ret_done = 0;
	if (s->torn && write(s->fd, "\n", 1) != 1)
		return -ENOSPC;
	s->torn = false;
	while (done < len && !err) {
		ssize_t n = write(s->fd, lines + done, len - done);
		size_t whole = n > 0 ? whole_lines(lines + done, (size_t)n) : 0;

		if (n < 0 && errno != EINTR)
			err = -errno;
		if (n > 0 && whole < (size_t)n)
			file_untear(s, (size_t)n - whole);
		done += whole;
		/* A disk without room for one line has none. */
		if (n >= 0 && !whole)
			err = -ENOSPC;
	}
	*ret_done = done;
	return err;
}

/* ---- a socket ---- */

static int socket_open(struct sink *s)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	const struct timeval patience = { .tv_sec = 1 };
	int fd, err;

	if (strlen(s->path) >= sizeof(name.sun_path))
		return -ENAMETOOLONG;
	memcpy(name.sun_path, s->path, strlen(s->path) + 1);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (connect(fd, (struct sockaddr *)&name, sizeof(name)) < 0) {
		err = -errno;
		close(fd);
		return err;
	}
	s->fd = fd;
	return 0;
}

/* One line, its newline included, which the journal wants and the system log does not. */
static int socket_send(const struct sink *s, const char *line, size_t len)
{
	bool journal = s->to == AUDIT_JOURNAL;
	const char *head = journal ? JOURNAL_FIELDS : SYSLOG_PRIORITY;
	struct iovec parts[2] = { { (char *)(uintptr_t)head, strlen(head) },
				  { (char *)(uintptr_t)line, journal ? len : len - 1 } };
	struct msghdr msg = { .msg_iov = parts, .msg_iovlen = 2 };

	while (sendmsg(s->fd, &msg, MSG_NOSIGNAL) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

static int socket_write(struct sink *s, const char *lines, size_t len, size_t *ret_done)
{
	size_t done = 0;
	int err = 0;

	while (done < len && !err) {
		const char *end = memchr(lines + done, '\n', len - done);
		size_t n = (size_t)(end + 1 - (lines + done));

		err = socket_send(s, lines + done, n);
		if (!err)
			done += n;
	}
	/* Who listened there may have been started again. */
	if (err)
		sink_close(s);
	*ret_done = done;
	return err;
}

/* ---- either ---- */

int sink_open(struct sink *s)
{
	return s->to == AUDIT_FILE ? file_open(s) : socket_open(s);
}

void sink_close(struct sink *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

int sink_follow(struct sink *s)
{
	struct stat st;

	if (s->fd >= 0 && (s->to != AUDIT_FILE || (lstat(s->path, &st) == 0 &&
						   st.st_dev == s->dev && st.st_ino == s->ino)))
		return 0;
	sink_close(s);
	return sink_open(s);
}

int sink_write(struct sink *s, const char *lines, size_t len, size_t *ret_done)
{
	int err = sink_follow(s);

	*ret_done = 0;
	if (err || !len)
		return err;
	return s->to == AUDIT_FILE ? file_write(s, lines, len, ret_done) :
				     socket_write(s, lines, len, ret_done);
}
