// SPDX-License-Identifier: Apache-2.0
/*
 * limit.c: what the kernel and the processor take for the parts of a file server's work, without a
 * file server: copies, loopback TCP from and to the page cache by each of the ways there are, and
 * small reads by system calls and by io_uring. Processor time of the thread that works, never that of
 * its peer. Run by tests/bench/ceilings.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "limit.h"

#define MIB   (1u << 20)
#define FILES (64u * MIB)
#define DEPTH 32

static uint8_t *buffer;
static int file, pipes[2];
static uint64_t total = 1024ull * MIB;

void limit_fail(const char *what)
{
	perror(what);
	exit(1);
}

double limit_cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void limit_say(const char *what, double value, const char *unit)
{
	printf("%-34s %8.3f %s\n", what, value, unit);
	fflush(stdout);
}

/* ---- loopback TCP ---- */

struct peer {
	int fd;
	bool sends;
};

static void *peer_run(void *arg)
{
	struct peer *p = arg;
	uint8_t *mine = malloc(MIB);

	memset(mine, 7, MIB);
	for (uint64_t done = 0; done < total;) {
		ssize_t n = p->sends ? send(p->fd, mine, MIB, MSG_NOSIGNAL) :
				       recv(p->fd, mine, MIB, 0);

		if (n <= 0)
			break;
		done += (uint64_t)n;
	}
	free(mine);
	return NULL;
}

static void tcp_pair(int fd[2])
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);
	int l = socket(AF_INET, SOCK_STREAM, 0), on = 1;

	fd[0] = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(l, (struct sockaddr *)&at, len) < 0 || listen(l, 1) < 0 ||
	    getsockname(l, (struct sockaddr *)&at, &len) < 0 ||
	    connect(fd[0], (struct sockaddr *)&at, len) < 0)
		limit_fail("loopback");
	fd[1] = accept(l, NULL, NULL);
	close(l);
	setsockopt(fd[0], IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd[0], SOL_SOCKET, SO_ZEROCOPY, &on, sizeof(on));
	/* As tests/lib/server.sh: BBR would send by timers. */
	for (int i = 0; i < 2; i++)
		if (setsockopt(fd[i], IPPROTO_TCP, TCP_CONGESTION, "cubic", 5) < 0)
			perror("TCP with cubic");
}

static void send_all(int fd, int flags)
{
	for (size_t done = 0; done < MIB;) {
		ssize_t n = send(fd, buffer + done, MIB - done, MSG_NOSIGNAL | flags);

		if (n < 0)
			limit_fail("send");
		done += (size_t)n;
	}
}

static void one_buffer(int fd, off_t at)
{
	(void)at;
	send_all(fd, 0);
}

static void one_read(int fd, off_t at)
{
	if (pread(file, buffer, MIB, at) != MIB)
		limit_fail("pread");
	send_all(fd, 0);
}

static void one_zerocopy(int fd, off_t at)
{
	uint8_t control[256];
	struct msghdr msg = { .msg_control = control, .msg_controllen = sizeof(control) };

	if (pread(file, buffer, MIB, at) != MIB)
		limit_fail("pread");
	send_all(fd, MSG_ZEROCOPY);
	while (recvmsg(fd, &msg, MSG_ERRQUEUE | MSG_DONTWAIT) >= 0)
		msg.msg_controllen = sizeof(control);
}

static void one_sendfile(int fd, off_t at)
{
	for (size_t left = MIB; left;) {
		ssize_t n = sendfile(fd, file, &at, left);

		if (n <= 0)
			limit_fail("sendfile");
		left -= (size_t)n;
	}
}

static void one_splice(int fd, off_t at)
{
	if (splice(file, &at, pipes[1], NULL, MIB, SPLICE_F_MOVE) != MIB)
		limit_fail("splice");
	for (size_t left = MIB; left;) {
		ssize_t n = splice(pipes[0], NULL, fd, NULL, left, SPLICE_F_MOVE);

		if (n <= 0)
			limit_fail("splice");
		left -= (size_t)n;
	}
}

static void one_receive(int fd, off_t at)
{
	if (recv(fd, buffer, MIB, MSG_WAITALL) != MIB || pwrite(file, buffer, MIB, at) != MIB)
		limit_fail("receive");
}

static void measure_tcp(const char *what, void (*one)(int fd, off_t at), bool receives)
{
	struct peer peer = { .sends = receives };
	pthread_t thread;
	double began;
	int fd[2];

	tcp_pair(fd);
	peer.fd = fd[1];
	pthread_create(&thread, NULL, peer_run, &peer);
	began = limit_cpu();
	for (uint64_t done = 0; done < total; done += MIB)
		one(fd[0], (off_t)(done % FILES));
	limit_say(what, (limit_cpu() - began) * (1024.0 * MIB) / (double)total, "s/GiB");
	pthread_join(thread, NULL);
	close(fd[0]);
	close(fd[1]);
}

static void measure_copy(void)
{
	uint8_t *from = malloc(FILES);
	double began;

	memset(from, 1, FILES);
	began = limit_cpu();
	for (uint64_t done = 0; done < total; done += MIB) {
		memcpy(buffer, from + done % FILES, MIB);
		__asm__ volatile("" : : "r"(buffer) : "memory");
	}
	limit_say("memory copy", (limit_cpu() - began) * (1024.0 * MIB) / (double)total, "s/GiB");
	free(from);
}

/* ---- small reads: system calls, and io_uring ---- */

static off_t somewhere(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (off_t)(*seed >> 8) % (FILES / 4096) * 4096;
}

static void measure_preads(uint32_t n)
{
	uint32_t seed = 1;
	double began = limit_cpu();

	for (uint32_t i = 0; i < n; i++) {
		struct iovec iov = { buffer + i % DEPTH * 4096, 4096 };

		if (preadv2(file, &iov, 1, somewhere(&seed), RWF_NOWAIT) != 4096)
			limit_fail("preadv2");
	}
	limit_say("4 KiB preadv2", (limit_cpu() - began) / n * 1e6, "us");
}

struct ring {
	int fd;
	struct io_uring_sqe *sqes;
	uint32_t *sq_tail, *sq_mask, *sq_array, *cq_head, *cq_tail, *cq_mask;
	struct io_uring_cqe *cqes;
};

static bool ring_open(struct ring *r)
{
	struct io_uring_params p = { .flags = IORING_SETUP_SINGLE_ISSUER |
					      IORING_SETUP_DEFER_TASKRUN };
	uint8_t *base;
	size_t size;

	r->fd = (int)syscall(SYS_io_uring_setup, DEPTH, &p);
	if (r->fd < 0)
		return false;
	size = p.cq_off.cqes + p.cq_entries * sizeof(struct io_uring_cqe);
	if (size < p.sq_off.array + p.sq_entries * 4)
		size = p.sq_off.array + p.sq_entries * 4;
	base = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, r->fd,
		    IORING_OFF_SQ_RING);
	r->sqes = mmap(NULL, p.sq_entries * sizeof(*r->sqes), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_POPULATE, r->fd, IORING_OFF_SQES);
	if (base == MAP_FAILED || r->sqes == MAP_FAILED)
		limit_fail("io_uring: mmap");
	r->sq_tail = (uint32_t *)(void *)(base + p.sq_off.tail);
	r->sq_mask = (uint32_t *)(void *)(base + p.sq_off.ring_mask);
	r->sq_array = (uint32_t *)(void *)(base + p.sq_off.array);
	r->cq_head = (uint32_t *)(void *)(base + p.cq_off.head);
	r->cq_tail = (uint32_t *)(void *)(base + p.cq_off.tail);
	r->cq_mask = (uint32_t *)(void *)(base + p.cq_off.ring_mask);
	r->cqes = (struct io_uring_cqe *)(void *)(base + p.cq_off.cqes);
	return true;
}

static void ring_put(struct ring *r, const struct io_uring_sqe *sqe)
{
	uint32_t tail = *r->sq_tail, slot = tail & *r->sq_mask;

	r->sqes[slot] = *sqe;
	r->sq_array[slot] = slot;
	__atomic_store_n(r->sq_tail, tail + 1, __ATOMIC_RELEASE);
}

/* Submits n, waits for as many, wants `size` bytes of each. */
static void ring_run(struct ring *r, uint32_t n, int size)
{
	uint32_t head = *r->cq_head;

	if (syscall(SYS_io_uring_enter, r->fd, n, n, IORING_ENTER_GETEVENTS, NULL, 0) < 0)
		limit_fail("io_uring_enter");
	for (; head != __atomic_load_n(r->cq_tail, __ATOMIC_ACQUIRE); head++)
		if (r->cqes[head & *r->cq_mask].res != size) {
			errno = -r->cqes[head & *r->cq_mask].res;
			limit_fail("io_uring");
		}
	__atomic_store_n(r->cq_head, head, __ATOMIC_RELEASE);
}

static void measure_ring(struct ring *r, uint32_t batch, uint32_t n)
{
	struct io_uring_sqe sqe = { .opcode = IORING_OP_READ, .fd = file, .len = 4096 };
	uint32_t seed = 1;
	double began = limit_cpu();
	char what[64];

	for (uint32_t i = 0; i < n; i += batch) {
		for (uint32_t k = 0; k < batch; k++) {
			sqe.addr = (uint64_t)(uintptr_t)(buffer + k * 4096);
			sqe.off = (uint64_t)somewhere(&seed);
			ring_put(r, &sqe);
		}
		ring_run(r, batch, 4096);
	}
	snprintf(what, sizeof(what), "4 KiB io_uring, %u at once", batch);
	limit_say(what, (limit_cpu() - began) / n * 1e6, "us");
}

/* A request of 100 bytes and its answer, which the other end of the socket already has. */
static void measure_messages(struct ring *r, uint32_t n)
{
	struct io_uring_sqe get = { .opcode = IORING_OP_RECV, .len = 100 };
	struct io_uring_sqe put = { .opcode = IORING_OP_SEND, .len = 100 };
	uint8_t peer[100] = { 0 };
	double sum = 0, sum_ring = 0;
	int fd[2];

	tcp_pair(fd);
	get.fd = put.fd = fd[0];
	get.addr = put.addr = (uint64_t)(uintptr_t)buffer;
	for (uint32_t i = 0; i < 2 * n; i++) {
		bool ring = i & 1;
		double began;

		if (send(fd[1], peer, 100, 0) != 100)
			limit_fail("send");
		began = limit_cpu();
		if (ring) {
			get.flags = IOSQE_IO_LINK;
			ring_put(r, &get);
			ring_put(r, &put);
			ring_run(r, 2, 100);
		} else if (recv(fd[0], buffer, 100, 0) != 100 ||
			   send(fd[0], buffer, 100, 0) != 100) {
			limit_fail("message");
		}
		*(ring ? &sum_ring : &sum) += limit_cpu() - began;
		if (recv(fd[1], peer, 100, MSG_WAITALL) != 100)
			limit_fail("recv");
	}
	limit_say("message and answer, recv and send", sum / n * 1e6, "us");
	limit_say("message and answer, io_uring", sum_ring / n * 1e6, "us");
	close(fd[0]);
	close(fd[1]);
}

static void measure_small(void)
{
	struct ring ring;

	measure_preads(300000);
	if (!ring_open(&ring)) {
		printf("io_uring: %s\n", strerror(errno));
		return;
	}
	measure_ring(&ring, 1, 300000);
	measure_ring(&ring, DEPTH, 300000);
	measure_messages(&ring, 50000);
}

/* limit FOLDER: where the file is made, 64 MiB. */
int main(int argc, char **argv)
{
	file = argc == 2 ? open(argv[1], O_TMPFILE | O_RDWR, 0600) : -1;
	if (file < 0)
		limit_fail("usage: limit FOLDER");
	buffer = aligned_alloc(4096, MIB);
	memset(buffer, 3, MIB);
	for (unsigned int i = 0; i < FILES / MIB; i++)
		if (pwrite(file, buffer, MIB, (off_t)i * MIB) != MIB)
			limit_fail("write");
	if (pipe(pipes) < 0 || fcntl(pipes[1], F_SETPIPE_SZ, MIB) < 0)
		limit_fail("pipe");
	measure_copy();
	measure_tcp("loopback, send of one buffer", one_buffer, false);
	measure_tcp("loopback, pread and send", one_read, false);
	measure_tcp("loopback, pread and MSG_ZEROCOPY", one_zerocopy, false);
	measure_tcp("loopback, sendfile", one_sendfile, false);
	measure_tcp("loopback, splice by a pipe", one_splice, false);
	measure_tcp("loopback, recv and pwrite", one_receive, true);
	measure_small();
	limit_names(argv[1]);
	return 0;
}
