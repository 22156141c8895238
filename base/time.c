// SPDX-License-Identifier: Apache-2.0
/*
 * time.c: the clock, and NT times. MS-DTYP 2.3.3
 */
#include <smb3/time.h>

#include <stdatomic.h>

#define TICKS_PER_SECOND     10000000u
#define SECONDS_1601_TO_1970 11644473600
/* FILETIME is used as a signed number by many clients. */
#define NTTIME_MAX INT64_MAX

/* The one way for tests to stop the clock; 0 in a server. */
static _Atomic smb3_nttime now_fixed;

smb3_nttime smb3_now(void)
{
	smb3_nttime fixed = atomic_load_explicit(&now_fixed, memory_order_relaxed);
	struct timespec ts;

	if (fixed)
		return fixed;
	clock_gettime(CLOCK_REALTIME, &ts);
	return smb3_nttime_from_timespec(&ts);
}

void smb3_now_set(smb3_nttime t)
{
	atomic_store(&now_fixed, t);
}

uint64_t smb3_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

smb3_nttime smb3_nttime_from_timespec(const struct timespec *ts)
{
	/* File systems hold times outside of what NT time can say. */
	if (ts->tv_sec < -SECONDS_1601_TO_1970)
		return 0;
	if (ts->tv_sec >= (time_t)(NTTIME_MAX / TICKS_PER_SECOND) - SECONDS_1601_TO_1970)
		return NTTIME_MAX;
	return (uint64_t)(ts->tv_sec + SECONDS_1601_TO_1970) * TICKS_PER_SECOND +
	       (uint64_t)ts->tv_nsec / 100;
}

struct timespec smb3_nttime_to_timespec(smb3_nttime t)
{
	return (struct timespec){
		.tv_sec = (time_t)(t / TICKS_PER_SECOND) - SECONDS_1601_TO_1970,
		.tv_nsec = (long)(t % TICKS_PER_SECOND) * 100,
	};
}
