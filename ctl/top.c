// SPDX-License-Identifier: Apache-2.0
/*
 * top.c: smb3ctl top: what the server does, again and again, on a terminal or as plain text.
 *
 * The terminal is as it was when the program ends, also by a signal. Control sequences are those of
 * ECMA-48 that every terminal of today has, and the other screen of xterm.
 */
#include "top.h"

#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

#define SCREEN_BEGIN "\033[?1049h\033[?25l"
#define SCREEN_END   "\033[?25h\033[?1049l"
#define SCREEN_HOME  "\033[H"
#define LINE_END     "\033[K\n" /* the terminal adds the carriage return */
#define SCREEN_REST  "\033[J"

static const char top_usage[] =
	"usage: smb3ctl top [-b] [-d SECONDS] [-n COUNT] [-s KEY] [--once]\n"
	"\n"
	"  -b, --batch          plain text, one picture after the other\n"
	"  -d, --delay SECONDS  between two pictures (2)\n"
	"  -n, --count COUNT    end after so many pictures\n"
	"  -s, --sort KEY       sessions by ops, in, out, opens, user or age (ops)\n"
	"      --once           the same as -b -n 1\n"
	"\n"
	"Keys: q ends, s sorts by the next key, space shows a picture at once.\n";

struct top {
	const struct target *target;
	double delay;
	unsigned long count; /* 0: without end */
	bool batch;
	enum sort sort;
	struct termios saved;
	int signals; /* a descriptor from which they are read */
	int ending;  /* the one that asked for the end */
};

/* ---- the command line ---- */

static bool set_sort(struct top *t, const char *name)
{
	for (int i = 0; i < SORTS; i++) {
		if (strcmp(sort_names[i], name))
			continue;
		t->sort = (enum sort)i;
		return true;
	}
	complain("top cannot sort by \"%s\"; ops, in, out, opens, user or age", name);
	return false;
}

static bool set_delay(struct top *t, const char *text)
{
	char *end;

	t->delay = strtod(text, &end);
	if (end != text && !*end && t->delay >= 0.1 && t->delay <= 86400)
		return true;
	complain("\"%s\" is no delay: a number of seconds from 0.1 on", text);
	return false;
}

static bool set_count(struct top *t, const char *text)
{
	char *end;

	t->count = strtoul(text, &end, 10);
	if (*text >= '0' && *text <= '9' && !*end && t->count)
		return true;
	complain("\"%s\" is no count of pictures", text);
	return false;
}

/* False: end now, with *ret_status. */
static bool top_parse(struct top *t, char **argv, int *ret_status)
{
	static const struct option longs[] = {
		{ "batch", no_argument, NULL, 'b' },
		{ "delay", required_argument, NULL, 'd' },
		{ "count", required_argument, NULL, 'n' },
		{ "sort", required_argument, NULL, 's' },
		{ "once", no_argument, NULL, '1' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int argc = 0, c;
	bool good = true;

	while (argv[argc])
		argc++;
	*ret_status = EXIT_USAGE;
	optind = 0; /* another command line than before */
	while (good && (c = getopt_long(argc, argv, "bd:n:s:h", longs, NULL)) != -1) {
		if (c == 'b')
			t->batch = true;
		else if (c == 'd')
			good = set_delay(t, optarg);
		else if (c == 'n')
			good = set_count(t, optarg);
		else if (c == 's')
			good = set_sort(t, optarg);
		else if (c == '1') {
			t->batch = true;
			t->count = 1;
		} else {
			fputs(top_usage, c == 'h' ? stdout : stderr);
			*ret_status = c == 'h' ? EXIT_SUCCESS : EXIT_USAGE;
			return false;
		}
	}
	if (good && argv[optind])
		fputs(top_usage, stderr);
	return good && !argv[optind];
}

/* ---- the terminal ---- */

static void write_all(const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(STDOUT_FILENO, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		text += n;
		len -= (size_t)n;
	}
}

static void terminal_begin(struct top *t)
{
	struct termios raw;

	if (tcgetattr(STDIN_FILENO, &t->saved) == 0) {
		raw = t->saved;
		raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
		tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
	}
	write_all(SCREEN_BEGIN, strlen(SCREEN_BEGIN));
}

static void terminal_end(const struct top *t)
{
	write_all(SCREEN_END, strlen(SCREEN_END));
	tcsetattr(STDIN_FILENO, TCSADRAIN, &t->saved);
}

static void terminal_size(size_t *ret_lines, int *ret_columns)
{
	struct winsize size = { .ws_row = 0 };

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_row || !size.ws_col)
		size = (struct winsize){ .ws_row = 24, .ws_col = 80 };
	*ret_lines = size.ws_row;
	*ret_columns = size.ws_col;
}

/* How many bytes of a line fit into so many columns. */
static size_t fitting(const char *line, size_t len, int columns)
{
	mbstate_t state = { 0 };
	size_t at = 0;

	while (at < len) {
		wchar_t c;
		size_t n = mbrtowc(&c, line + at, len - at, &state);
		int width = 1;

		if (n == (size_t)-1 || n == (size_t)-2 || n == 0) {
			memset(&state, 0, sizeof(state));
			n = 1;
		} else {
			width = wcwidth(c) > 0 ? wcwidth(c) : 0;
		}
		if (width > columns)
			break;
		columns -= width;
		at += n;
	}
	return at;
}

/* From the top left, over what was there: nothing flickers. The last line has no end, or the screen
 * would move. */
static void screen_show(const char *text)
{
	size_t lines, len;
	char *all = NULL;
	int columns;
	FILE *out = open_memstream(&all, &len);

	if (!out)
		abort();
	terminal_size(&lines, &columns);
	fputs(SCREEN_HOME, out);
	for (size_t i = 0; *text && i + 1 < lines; i++) {
		size_t line = strcspn(text, "\n");

		fwrite(text, 1, fitting(text, line, columns), out);
		fputs(LINE_END, out);
		text += line + (text[line] == '\n');
	}
	fputs(SCREEN_REST, out);
	fclose(out);
	write_all(all, len);
	free(all);
}

static void show(const struct top *t, const struct sample *before, const struct sample *now)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		abort();
	view_write(before, now, t->sort, out);
	if (t->batch)
		fputc('\n', out);
	fclose(out);
	if (t->batch)
		write_all(text, len);
	else
		screen_show(text);
	free(text);
}

/* ---- from picture to picture ---- */

static uint64_t clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

enum woken { WOKEN_TIME, WOKEN_DRAW, WOKEN_NOW, WOKEN_END };

static enum woken key(struct top *t)
{
	char c;
	ssize_t n = read(STDIN_FILENO, &c, 1);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return WOKEN_DRAW;
	if (n <= 0 || c == 'q' || c == 'Q')
		return WOKEN_END;
	if (c == 's')
		t->sort = (enum sort)((t->sort + 1) % SORTS);
	return c == ' ' ? WOKEN_NOW : WOKEN_DRAW;
}

static enum woken signalled(struct top *t)
{
	struct signalfd_siginfo info;

	if (read(t->signals, &info, sizeof(info)) != sizeof(info) || info.ssi_signo == SIGWINCH)
		return WOKEN_DRAW;
	t->ending = (int)info.ssi_signo;
	return WOKEN_END;
}

static enum woken wait_until(struct top *t, uint64_t until)
{
	struct pollfd in[2] = {
		{ .fd = t->signals, .events = POLLIN },
		{ .fd = t->batch ? -1 : STDIN_FILENO, .events = POLLIN },
	};
	uint64_t now = clock_ns(), left = until > now ? until - now : 0;
	int n = poll(in, 2, (int)(left / 1000000u) + 1);

	if (n < 0)
		return errno == EINTR ? WOKEN_DRAW : WOKEN_END;
	if (in[0].revents)
		return signalled(t);
	return in[1].revents ? key(t) : WOKEN_TIME;
}

/* The next sample's time has come, or the end. before and now are shown again meanwhile. */
static bool pause_between(struct top *t, const struct sample *before, const struct sample *now)
{
	uint64_t until = now->at + (uint64_t)(t->delay * 1e9);
	enum woken woken;

	while ((woken = wait_until(t, until)) == WOKEN_DRAW)
		if (!t->batch)
			show(t, before, now);
	return woken != WOKEN_END;
}

/* On a terminal there is a picture at once, of what stands there; then what happens is shown. */
static int pictures(struct top *t, struct sample *first)
{
	struct sample before = *first, now = *first, next;
	unsigned long shown = 0;
	bool alone = true, good = true; /* alone: before and now are the same */

	if (!t->batch)
		show(t, &before, &now);
	while ((!t->count || shown < t->count) && pause_between(t, &before, &now)) {
		good = sample_take(t->target, &next);
		if (!good)
			break;
		if (!alone)
			sample_free(&before);
		before = now;
		now = next;
		alone = false;
		show(t, &before, &now);
		shown++;
	}
	if (!alone)
		sample_free(&before);
	sample_free(&now);
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* They are read like keys, so that each ends the program in order. */
static void signals_begin(struct top *t, sigset_t *ret_old)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sigaddset(&set, numbers[i]);
	sigprocmask(SIG_BLOCK, &set, ret_old);
	t->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int top(const struct target *target, char **argv)
{
	struct top t = { .target = target, .delay = 2 };
	struct sample first;
	sigset_t old;
	int status;

	if (!top_parse(&t, argv, &status))
		return status;
	if (!isatty(STDOUT_FILENO) || !isatty(STDIN_FILENO))
		t.batch = true;
	if (!sample_take(target, &first))
		return EXIT_FAILURE;
	signals_begin(&t, &old);
	if (!t.batch)
		terminal_begin(&t);
	status = pictures(&t, &first);
	if (!t.batch)
		terminal_end(&t);
	close(t.signals);
	sigprocmask(SIG_SETMASK, &old, NULL);
	/* Whoever started it is told by which signal it ended. */
	if (t.ending && t.ending != SIGINT)
		raise(t.ending);
	return status;
}
