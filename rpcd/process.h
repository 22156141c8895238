// SPDX-License-Identifier: Apache-2.0
/*
 * process.h: smb3-rpcd, the process around the runtime: one thread reads the channel, a few run calls.
 */
#ifndef RPCD_PROCESS_H
#define RPCD_PROCESS_H

#include "channel.h"
#include "runtime.h"

#include <smb3/hash.h>

#define THREADS_MAX 16

/* SETUP, decoded. */
struct setup {
	uint32_t threads;
	uint64_t memory; /* RLIMIT_AS; 0: none */
	uint64_t cpu;    /* RLIMIT_CPU, seconds */
	char **modules;  /* paths, NULL-terminated */
};

struct process {
	struct rpcd_host host;
	struct smb3_arena *arena; /* of the setup: until the end */
	struct setup setup;
	pthread_mutex_t lock; /* pipes, jobs, questions */
	pthread_cond_t more;
	struct smb3_hash pipes; /* of pipe.node */
	struct smb3_list jobs;  /* of pipe.job_link */
	struct smb3_list questions;
	uint64_t last_question;
	pthread_mutex_t write_lock;
};

/* channel.c: all of it, or the process ends. */
void channel_read(void *data, size_t len);
void channel_write(struct process *p, const struct channel_head *head, const void *body);
/* The body of the next message, malloc'd. */
uint8_t *channel_next(struct channel_head *ret_head);
_Noreturn void give_up(const char *fmt, ...) SMB3_PRINTF(1, 2);

/* serve.c */
extern const struct rpcd_host_ops process_ops;
/* Takes what the parent says until there is no parent. */
_Noreturn void process_serve(struct process *p);
int process_threads_start(struct process *p);

/* setup.c */
void setup_read(struct process *p);
void setup_load_modules(struct process *p);

/* confine.c: gives everything up that is not the channel. Ends the process when it cannot. */
void confine_limits(const struct setup *setup);
void confine_user(void);
void confine_files(void);
/* seccomp.c: the last step; for all threads. */
void confine_calls(void);

#endif
