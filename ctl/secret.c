// SPDX-License-Identifier: Apache-2.0
/*
 * secret.c: reads a password. The terminal's echo comes back whatever ends the reading.
 */
#include "smb3ctl.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

/* A line without its end. Returns its length, or -1: end of input, too long, or a signal. */
static int line_read(char *buf, size_t size, int signals)
{
	struct pollfd fds[2] = { { .fd = STDIN_FILENO, .events = POLLIN },
				 { .fd = signals, .events = POLLIN } };
	size_t len = 0;

	while (len < size) {
		if (signals >= 0 && poll(fds, 2, -1) >= 0 && fds[1].revents)
			return -1;
		/* Byte by byte: what follows the line is not ours. */
		if (read(STDIN_FILENO, buf + len, 1) != 1)
			break;
		if (buf[len] == '\n') {
			buf[len] = '\0';
			return (int)len;
		}
		len++;
	}
	if (len == 0 || len == size)
		return -1;
	buf[len] = '\0';
	return (int)len;
}

static int prompt(const char *words, char *buf, size_t size, int signals)
{
	int len;

	fputs(words, stderr);
	len = line_read(buf, size, signals);
	fputc('\n', stderr);
	return len;
}

static int ask_twice(char *buf, size_t size, int signals)
{
	char again[1024];
	int result = -1;

	if (prompt("Password: ", buf, size, signals) < 0 ||
	    prompt("Again: ", again, sizeof(again), signals) < 0)
		complain("no password was given");
	else if (strcmp(buf, again))
		complain("the two passwords differ");
	else
		result = 0;
	explicit_bzero(again, sizeof(again));
	return result;
}

static int from_terminal(char *buf, size_t size)
{
	struct termios before, quiet;
	sigset_t set, old;
	int signals, result;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, &old);
	signals = signalfd(-1, &set, SFD_CLOEXEC);
	tcgetattr(STDIN_FILENO, &before);
	quiet = before;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	result = ask_twice(buf, size, signals);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
	close(signals);
	/* A signal that came meanwhile takes effect now. */
	sigprocmask(SIG_SETMASK, &old, NULL);
	return result;
}

int secret_read(char *buf, size_t size)
{
	if (isatty(STDIN_FILENO))
		return from_terminal(buf, size);
	if (line_read(buf, size, -1) >= 0)
		return 0;
	complain("no password on standard input");
	return -1;
}

/* ---- files ---- */

/* Bytes up to the end; -1: not all of them were read, with errno. */
static ssize_t read_whole(int fd, char *text, size_t most)
{
	size_t len = 0;

	while (len <= most) {
		ssize_t n = read(fd, text + len, most + 1 - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			return (ssize_t)len;
		len += (size_t)n;
	}
	errno = EFBIG;
	return -1;
}

char *file_read(const char *path, size_t most)
{
	int fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
	char *text = fd < 0 ? NULL : calloc(1, most + 2);
	ssize_t len = text ? read_whole(fd, text, most) : -1;

	if (len < 0)
		complain("%s: %s", path, strerror(errno));
	else if (memchr(text, '\0', (size_t)len))
		complain("%s: it is no text, but has bytes that are zero", path);
	else if (!len)
		complain("%s: it is empty", path);
	if (fd > STDIN_FILENO)
		close(fd);
	if (len > 0 && !memchr(text, '\0', (size_t)len))
		return text;
	if (text)
		explicit_bzero(text, most + 2);
	free(text);
	return NULL;
}
