// SPDX-License-Identifier: Apache-2.0
/*
 * time.h: the clock. All code asks here, so that tests can set the time.
 */
#ifndef SMB3_TIME_H
#define SMB3_TIME_H

#include <smb3/base.h>
#include <time.h>

/* 100 ns units since 1601-01-01 UTC; MS-DTYP 2.3.3. 0 means "not set". */
typedef uint64_t smb3_nttime;

/* Wall clock now, as NT time. */
smb3_nttime smb3_now(void);

/* Monotonic clock in nanoseconds, for durations. */
uint64_t smb3_clock(void);

smb3_nttime smb3_nttime_from_timespec(const struct timespec *ts);

/* Times before 1970 come out negative in tv_sec; nanoseconds are 0..999,999,900. */
struct timespec smb3_nttime_to_timespec(smb3_nttime t);

/* For tests: every later smb3_now() answers t; 0 gives the real clock back. */
void smb3_now_set(smb3_nttime t);

#endif
