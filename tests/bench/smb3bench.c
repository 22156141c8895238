// SPDX-License-Identifier: Apache-2.0
/*
 * smb3bench.c: an SMB 2/3 load generator: what it is told to do, and what it found out.
 */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "bench.h"

void bench_die(const char *format, ...)
{
	va_list args;

	fputs("smb3bench: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

/* ---- options ---- */

static const struct option long_options[] = {
	{ "port", required_argument, NULL, 'p' },
	{ "user", required_argument, NULL, 'U' },
	{ "password-file", required_argument, NULL, 'P' },
	{ "work", required_argument, NULL, 'w' },
	{ "connections", required_argument, NULL, 'c' },
	{ "channels", required_argument, NULL, 'm' },
	{ "depth", required_argument, NULL, 'd' },
	{ "size", required_argument, NULL, 's' },
	{ "file-size", required_argument, NULL, 'f' },
	{ "entries", required_argument, NULL, 'e' },
	{ "time", required_argument, NULL, 't' },
	{ "warm-up", required_argument, NULL, 'W' },
	{ "operations", required_argument, NULL, 'n' },
	{ "sign", required_argument, NULL, 'S' },
	{ "encrypt", required_argument, NULL, 'E' },
	{ "dialect", required_argument, NULL, 'D' },
	{ "pid", required_argument, NULL, 'i' },
	{ "json", required_argument, NULL, 'j' },
	{ "label", required_argument, NULL, 'l' },
	{ "verify", no_argument, NULL, 'v' },
	{ "keep", no_argument, NULL, 'k' },
	{ "busy-poll", no_argument, NULL, 'b' },
	{ "reopen", no_argument, NULL, 'r' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

static const char usage_text[] =
	"usage: smb3bench [option...] HOST SHARE\n"
	"\n"
	"  -w, --work LIST          what to do, in this order (default read):\n";

static const char options_text[] =
	"  -p, --port N             port (default 445)\n"
	"  -U, --user NAME          the password is in $SMB3BENCH_PASSWORD or in a file:\n"
	"  -P, --password-file FILE\n"
	"  -c, --connections N      (default 1)\n"
	"  -m, --channels N         of them share a session (default 1)\n"
	"  -d, --depth N            operations under way on each connection (default 1)\n"
	"  -s, --size BYTES         of a READ or WRITE (default 64K)\n"
	"  -f, --file-size BYTES    of each connection's file (default 64M)\n"
	"  -e, --entries N          of the folder that is listed (default 1000)\n"
	"  -t, --time SECONDS       of each work (default 5), after\n"
	"  -W, --warm-up SECONDS    (default 0.5)\n"
	"  -n, --operations N       that many instead, without warm-up\n"
	"  -S, --sign ALGORITHM     none, hmac-sha256, aes-128-cmac, aes-128-gmac (default)\n"
	"  -E, --encrypt CIPHER     none (default), aes-128-ccm, aes-128-gcm, aes-256-ccm, aes-256-gcm\n"
	"  -D, --dialect DIALECT    2.0.2, 2.1, 3.0, 3.0.2, 3.1.1 (default)\n"
	"  -i, --pid PID            of the server: its CPU time and memory are told\n"
	"  -j, --json FILE          append a line of JSON for each work\n"
	"  -l, --label TEXT         in the JSON\n"
	"  -v, --verify             compare what is read with what was written\n"
	"  -k, --keep               the files stay\n"
	"  -b, --busy-poll          look for replies without sleeping\n"
	"  -r, --reopen             each procedure opens its pipe, binds, and closes it\n";

static void usage(FILE *to)
{
	fputs(usage_text, to);
	for (const struct bench_work *w = bench_works; w->name; w++)
		fprintf(to, "       %-14s %s\n", w->name, w->help);
	for (const struct bench_work *w = bench_pipe_works; w->name; w++)
		fprintf(to, "       %-14s %s\n", w->name, w->help);
	fputs("       idle           stay connected for --time\n", to);
	fputs("       none           stay connected: with --pid, the memory of a connection\n", to);
	fputs(options_text, to);
}

static double number(const char *text, double least, double most)
{
	char *end;
	double n = strtod(text, &end);

	if (*end == 'K')
		n *= 1024, end++;
	else if (*end == 'M')
		n *= 1024 * 1024, end++;
	else if (*end == 'G')
		n *= 1024 * 1024 * 1024, end++;
	if (end == text || *end || !(n >= least && n <= most))
		bench_die("%s: not a number from %.0f to %.0f", text, least, most);
	return n;
}

static const char *read_password(const char *file)
{
	static char line[256];
	FILE *f = fopen(file, "r");

	if (!f || !fgets(line, sizeof(line), f))
		bench_die("%s: %s", file, f ? "empty" : strerror(errno));
	fclose(f);
	line[strcspn(line, "\r\n")] = '\0';
	return line;
}

/* false: not one of these. */
static bool take_number(struct bench_options *o, int letter, const char *arg)
{
	switch (letter) {
	case 'c':
		o->peers = (unsigned)number(arg, 1, 100000);
		return true;
	case 'm':
		o->channels = (unsigned)number(arg, 1, 32);
		return true;
	case 'd':
		o->depth = (unsigned)number(arg, 1, 4096);
		return true;
	case 's':
		o->size = (uint32_t)number(arg, 1, 8 << 20);
		return true;
	case 'f':
		o->file_size = (uint64_t)number(arg, 1, 1e15);
		return true;
	case 'e':
		o->entries = (unsigned)number(arg, 1, 10e6);
		return true;
	case 't':
		o->seconds = number(arg, 0.01, 1e6);
		return true;
	case 'W':
		o->warm = number(arg, 0, 1e6);
		return true;
	case 'n':
		o->ops = (uint64_t)number(arg, 1, 1e15);
		return true;
	case 'i':
		o->pid = (long)number(arg, 1, 1e9);
		return true;
	default:
		return false;
	}
}

static bool take_text(struct bench_options *o, int letter, const char *arg)
{
	const char **at = letter == 'p' ? &o->port :
			  letter == 'U' ? &o->user :
			  letter == 'w' ? &o->works :
			  letter == 'S' ? &o->signing :
			  letter == 'E' ? &o->cipher :
			  letter == 'D' ? &o->dialect :
			  letter == 'j' ? &o->json :
			  letter == 'l' ? &o->label :
					  NULL;

	if (at)
		*at = arg;
	return at;
}

static void take_option(struct bench_options *o, int letter)
{
	if (letter == 'h') {
		usage(stdout);
		exit(0);
	}
	if (letter == 'v')
		o->verify = true;
	else if (letter == 'k')
		o->keep = true;
	else if (letter == 'b')
		o->busy_poll = true;
	else if (letter == 'r')
		o->reopen = true;
	else if (letter == 'P')
		o->password = read_password(optarg);
	else if (letter == '?' ||
		 (!take_number(o, letter, optarg) && !take_text(o, letter, optarg))) {
		usage(stderr);
		exit(2);
	}
}

static void take_options(struct bench_options *o, int argc, char **argv)
{
	int letter;

	while ((letter = getopt_long(argc, argv, "p:U:P:w:c:m:d:s:f:e:t:W:n:S:E:D:i:j:l:vkbrh",
				     long_options, NULL)) >= 0)
		take_option(o, letter);
	if (argc - optind != 2) {
		usage(stderr);
		exit(2);
	}
	o->host = argv[optind];
	o->share = argv[optind + 1];
	if (!o->password)
		o->password = getenv("SMB3BENCH_PASSWORD");
	if (!o->user || !o->password)
		bench_die("say who logs on: --user NAME, and SMB3BENCH_PASSWORD=... or "
			  "--password-file FILE");
	if (o->peers % o->channels)
		bench_die("%u connections are not so many times %u channels", o->peers,
			  o->channels);
	if (o->file_size < o->size)
		o->file_size = o->size;
	o->file_size -= o->file_size % o->size;
}

/* ---- results ---- */

static double per_second(const struct bench *b, uint64_t n)
{
	return (double)n * 1e9 / (double)(b->done - b->begins);
}

static double cpu_us(const struct bench *b)
{
	return (double)b->after.cpu_us - (double)b->before.cpu_us;
}

static void head(void)
{
	printf("%-13s %10s %11s %9s %9s %9s %9s %9s %9s %9s\n", "work", "ops", "ops/s", "MiB/s",
	       "p50 us", "p99 us", "p99.9 us", "own us/op", "CPU us/op", "CPU s/GiB");
}

static void print_row(const struct bench *b)
{
	const struct bench_tally *t = &b->tally;
	double us[3] = { 0.5, 0.99, 0.999 };

	printf("%-13s %10lu %11.1f", b->work->name, t->ops, per_second(b, t->ops));
	if (t->bytes)
		printf(" %9.1f", per_second(b, t->bytes) / 1048576);
	else
		printf(" %9s", "-");
	for (int i = 0; i < 3; i++)
		printf(" %9.1f", (double)bench_tally_at(t, us[i]) / 1e3);
	printf(" %9.2f", (double)b->own_us / (double)(t->ops ? t->ops : 1));
	if (b->o->pid && t->ops)
		printf(" %9.2f", cpu_us(b) / (double)t->ops);
	else
		printf(" %9s", "-");
	if (b->o->pid && t->bytes)
		printf(" %9.3f\n", cpu_us(b) / 1e6 / ((double)t->bytes / 1073741824));
	else
		printf(" %9s\n", "-");
	if (t->entries)
		printf("%-13s %10lu entries, %.0f/s, CPU %.2f us each\n", "", t->entries,
		       per_second(b, t->entries), cpu_us(b) / (double)t->entries);
	fflush(stdout);
}

static void append_json(const struct bench *b)
{
	const struct bench_options *o = b->o;
	const struct bench_tally *t = &b->tally;
	FILE *f = fopen(o->json, "a");

	if (!f)
		bench_die("%s: %s", o->json, strerror(errno));
	fprintf(f, "{\"label\":\"%s\",\"work\":\"%s\",\"connections\":%u,\"channels\":%u,",
		o->label, b->work->name, o->peers, o->channels);
	fprintf(f,
		"\"depth\":%u,\"size\":%u,\"dialect\":\"%s\",\"sign\":\"%s\",\"encrypt\":\"%s\",",
		o->depth, o->size, o->dialect, bench_signing(b), o->cipher);
	fprintf(f, "\"seconds\":%.3f,\"ops\":%lu,\"bytes\":%lu,\"entries\":%lu,",
		(double)(b->done - b->begins) / 1e9, t->ops, t->bytes, t->entries);
	fprintf(f, "\"p50_us\":%.1f,\"p99_us\":%.1f,\"p999_us\":%.1f,\"max_us\":%.1f",
		(double)bench_tally_at(t, 0.5) / 1e3, (double)bench_tally_at(t, 0.99) / 1e3,
		(double)bench_tally_at(t, 0.999) / 1e3, (double)t->max_ns / 1e3);
	fprintf(f, ",\"own_us\":%lu", b->own_us);
	if (o->pid)
		fprintf(f, ",\"cpu_us\":%.0f", cpu_us(b));
	fprintf(f, "}\n");
	if (fclose(f))
		bench_die("%s: %s", o->json, strerror(errno));
}

/* ---- running ---- */

static void make_pattern(struct bench *b)
{
	struct bench_lane source = { .random = 88172645463325252u };
	size_t size = b->o->size > 65536 ? b->o->size : 65536;

	b->pattern_size = size;
	b->pattern = malloc(2 * size);
	if (!b->pattern)
		bench_die("no memory");
	for (size_t i = 0; i < size; i++)
		b->pattern[i] = (uint8_t)bench_random(&source);
	memcpy(b->pattern + size, b->pattern, size);
}

static void tell_connections(const struct bench *b, uint64_t ns, const struct bench_cost *before,
			     const struct bench_cost *after)
{
	const struct bench_options *o = b->o;
	double us = (double)after->cpu_us - (double)before->cpu_us;
	double kib = (double)after->pss_kib - (double)before->pss_kib;
	FILE *f;

	printf("%u connections in %.3f s: %.2f ms of CPU and %.1f KiB each; %u processes\n",
	       o->peers, (double)ns / 1e9, us / 1e3 / o->peers, kib / o->peers, after->processes);
	if (!o->json)
		return;
	f = fopen(o->json, "a");
	if (!f)
		bench_die("%s: %s", o->json, strerror(errno));
	fprintf(f,
		"{\"label\":\"%s\",\"work\":\"connections\",\"connections\":%u,"
		"\"seconds\":%.3f,\"ops\":%u,\"cpu_us\":%.0f,\"kib\":%.0f}\n",
		o->label, o->peers, (double)ns / 1e9, o->peers, us, kib);
	if (fclose(f))
		bench_die("%s: %s", o->json, strerror(errno));
}

static void connect_all(struct bench *b)
{
	struct bench_cost before, after;
	uint64_t began = bench_now();

	if (b->o->pid)
		bench_cost_read(b->o->pid, true, &before);
	bench_connect(b);
	if (!b->o->pid)
		return;
	began = bench_now() - began;
	bench_cost_read(b->o->pid, true, &after);
	tell_connections(b, began, &before, &after);
}

/* What stays with the server has its memory told. */
static void run_keeping(struct bench *b, const struct bench_work *work)
{
	const struct bench_options *o = b->o;
	uint64_t n = work->waits ? (uint64_t)o->peers * o->depth : o->ops;
	struct bench_cost before, after;
	double kib;

	if (!n)
		bench_die("%s wants --operations", work->name);
	if (o->pid)
		bench_cost_read(o->pid, true, &before);
	bench_run(b, work);
	if (!o->pid)
		return;
	bench_cost_read(o->pid, true, &after);
	kib = (double)after.pss_kib - (double)before.pss_kib;
	printf("%s: %lu held, %.3f KiB each\n", work->name, n, kib / (double)n);
}

/* Connections that do nothing. */
static void stay(const struct bench *b)
{
	struct timespec t = { .tv_sec = (time_t)b->o->seconds };

	t.tv_nsec = (long)((b->o->seconds - (double)t.tv_sec) * 1e9);
	puts("idle");
	fflush(stdout);
	while (nanosleep(&t, &t))
		;
}

static void run_one(struct bench *b, const char *name)
{
	const struct bench_work *work = bench_work_find(name);

	if (!strcmp(name, "idle")) {
		stay(b);
		return;
	}
	if (!work)
		bench_die("%s: no such work; --help lists them", name);
	bench_prepare(b, work);
	if (work->keeps)
		run_keeping(b, work);
	else
		bench_run(b, work);
	print_row(b);
	if (b->o->json)
		append_json(b);
}

static void raise_files(unsigned peers)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur < peers + 64)
		bench_die("%u connections want more open files than %lu: ulimit -n", peers,
			  (unsigned long)limit.rlim_cur);
}

int main(int argc, char **argv)
{
	struct bench_options o = {
		.port = "445",
		.domain = "",
		.works = "read",
		.signing = "aes-128-gmac",
		.cipher = "none",
		.dialect = "3.1.1",
		.label = "",
		.peers = 1,
		.channels = 1,
		.depth = 1,
		.entries = 1000,
		.size = 65536,
		.seconds = 5,
		.warm = 0.5,
		.file_size = 64 << 20,
	};
	struct bench b = { .o = &o };
	char *works, *name;

	take_options(&o, argc, argv);
	raise_files(o.peers);
	if (smbc_lib_new(&b.lib))
		bench_die("OpenSSL lacks an algorithm (its legacy provider is a file of its own)");
	make_pattern(&b);
	connect_all(&b);
	works = strdup(o.works);
	if (strcmp(o.works, "none"))
		head();
	for (char *rest = works; strcmp(o.works, "none") && (name = strsep(&rest, ","));)
		run_one(&b, name);
	free(works);
	bench_disconnect(&b);
	free(b.pattern);
	smbc_lib_free(b.lib);
	return 0;
}
