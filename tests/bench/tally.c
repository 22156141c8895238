// SPDX-License-Identifier: Apache-2.0
/*
 * tally.c: counting operations, their times, and what the server spends on them.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

/* 32 classes for each power of two. */
static unsigned class_of(uint64_t ns)
{
	unsigned power;

	if (ns < 32)
		return (unsigned)ns;
	power = 63 - (unsigned)__builtin_clzll(ns);
	return (power - 4) * 32 + (unsigned)(ns >> (power - 5) & 31);
}

static uint64_t class_top(unsigned i)
{
	unsigned power = i / 32 + 4;

	return i < 32 ? i : ((32 + (uint64_t)i % 32 + 1) << (power - 5)) - 1;
}

void bench_tally_add(struct bench_tally *t, uint64_t ns)
{
	t->ops++;
	t->sum_ns += ns;
	if (ns > t->max_ns)
		t->max_ns = ns;
	t->class[class_of(ns)]++;
}

uint64_t bench_tally_at(const struct bench_tally *t, double part)
{
	uint64_t want = (uint64_t)((double)t->ops * part), seen = 0;

	for (unsigned i = 0; i < sizeof(t->class) / sizeof(t->class[0]); i++) {
		seen += t->class[i];
		if (seen > want)
			return class_top(i) < t->max_ns ? class_top(i) : t->max_ns;
	}
	return t->max_ns;
}

/* ---- the server's processes ---- */

struct process {
	long pid, parent;
	uint64_t dead_user, dead_system; /* ticks, of children that were waited for */
	bool ours;
};

struct processes {
	struct process *list;
	size_t n;
};

static bool read_process(const char *pid, struct process *ret)
{
	char path[64], line[1024], *at;
	FILE *f;
	bool read;

	snprintf(path, sizeof(path), "/proc/%.20s/stat", pid);
	f = fopen(path, "r");
	if (!f)
		return false;
	read = fgets(line, sizeof(line), f);
	fclose(f);
	at = read ? strrchr(line, ')') : NULL;
	if (!at)
		return false;
	*ret = (struct process){ .pid = atol(pid) };
	return sscanf(at + 2, "%*c %ld %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %lu %lu",
		      &ret->parent, &ret->dead_user, &ret->dead_system) == 3;
}

/* Exact: a thousand processes may each have had less than one of the ticks that /proc tells. */
static uint64_t cpu_of(long pid)
{
	struct timespec t;
	clockid_t clock;

	if (clock_getcpuclockid((pid_t)pid, &clock) != 0 || clock_gettime(clock, &t) < 0)
		return 0;
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static struct processes read_all(void)
{
	struct processes all = { 0 };
	DIR *dir = opendir("/proc");
	struct dirent *entry;

	if (!dir)
		bench_die("/proc cannot be read");
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] < '1' || entry->d_name[0] > '9')
			continue;
		all.list = reallocarray(all.list, all.n + 1, sizeof(*all.list));
		if (!all.list)
			bench_die("no memory");
		all.n += read_process(entry->d_name, &all.list[all.n]);
	}
	closedir(dir);
	return all;
}

/* Who descends from pid. Children may stand before their parents: until nobody is added. */
static void mark(struct processes *all, long pid)
{
	bool added = true;

	for (size_t i = 0; i < all->n; i++)
		all->list[i].ours = all->list[i].pid == pid;
	while (added) {
		added = false;
		for (size_t i = 0; i < all->n; i++)
			for (size_t k = 0; k < all->n && !all->list[i].ours; k++)
				if (all->list[k].ours && all->list[k].pid == all->list[i].parent)
					added = all->list[i].ours = true;
	}
}

static uint64_t pss_of(long pid)
{
	char path[64], line[256];
	uint64_t kib = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%ld/smaps_rollup", pid);
	f = fopen(path, "r");
	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f) && sscanf(line, "Pss: %lu", &kib) != 1)
		;
	fclose(f);
	return kib;
}

void bench_cost_read(long pid, bool memory, struct bench_cost *ret)
{
	uint64_t tick = 1000000 / (uint64_t)sysconf(_SC_CLK_TCK);
	struct processes all = read_all();

	mark(&all, pid);
	*ret = (struct bench_cost){ 0 };
	for (size_t i = 0; i < all.n; i++) {
		const struct process *p = &all.list[i];

		if (!p->ours)
			continue;
		ret->processes++;
		ret->cpu_us += cpu_of(p->pid) + (p->dead_user + p->dead_system) * tick;
		if (memory)
			ret->pss_kib += pss_of(p->pid);
	}
	free(all.list);
}
