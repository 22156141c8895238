// SPDX-License-Identifier: Apache-2.0
/*
 * guess.c: guesses passwords over several connections from one address of the loopback, while a
 * client at another address logs on and off with the right one, and says how long both take.
 *
 *	guess PORT GUESSES CONNECTIONS USER PASSWORD
 *
 * Output, one line each: "guesses N seconds S ms_per_guess M", and for the client before and during
 * the guessing "client WHEN logons N failed N p50_ms M p99_ms M max_ms M".
 */
#include "cmd.h"
#include "crypto.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SERVER   "127.0.0.1"
#define GUESSER  "127.0.0.1"
#define CLIENT   "127.0.0.2"
#define WAIT_MS  600000
#define MOST     100000 /* log-ons that are remembered */
#define PAUSE_US 5000   /* of the client: it is a user, not a load */
#define WARM_UP  200

static struct smbc_lib *lib;
static uint16_t port;

static void die(const char *what)
{
	fprintf(stderr, "guess: %s: %s\n", what, strerror(errno));
	exit(2);
}

static double now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static struct smbc_conn *connect_from(const char *address)
{
	struct sockaddr_in own = { .sin_family = AF_INET };
	struct sockaddr_in peer = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct smbc_conn *c;
	uint32_t status;

	inet_pton(AF_INET, address, &own.sin_addr);
	inet_pton(AF_INET, SERVER, &peer.sin_addr);
	if (fd < 0 || bind(fd, (struct sockaddr *)&own, sizeof(own)) < 0 ||
	    connect(fd, (struct sockaddr *)&peer, sizeof(peer)) < 0)
		die("connect");
	c = smbc_conn_new(lib, fd);
	if (smbc_negotiate(c, &smbc_negotiate_default, WAIT_MS, &status) < 0 || status)
		die("negotiate");
	return c;
}

/* ---- the client ---- */

struct figures {
	unsigned int count, failed;
	double ms[MOST];
};

static void one_logon(const struct smbc_cred *cred, struct figures *f)
{
	double began = now_ms();
	struct smbc_conn *c = connect_from(CLIENT);
	uint32_t status = 1;

	if (smbc_session_setup(smbc_session_new(c), cred, WAIT_MS, &status) < 0 || status)
		f->failed++;
	if (f->count < MOST)
		f->ms[f->count++] = now_ms() - began;
	smbc_conn_free(c);
	usleep(PAUSE_US);
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void figures_print(const char *when, struct figures *f)
{
	qsort(f->ms, f->count, sizeof(f->ms[0]), by_size);
	printf("client %s logons %u failed %u p50_ms %.2f p99_ms %.2f max_ms %.2f\n", when,
	       f->count, f->failed, f->ms[f->count / 2], f->ms[(size_t)f->count * 99 / 100],
	       f->ms[f->count - 1]);
	fflush(stdout);
}

static volatile sig_atomic_t over;

static void on_term(int sig)
{
	over = sig;
}

/* Says on `ready` that the quiet figures are taken; goes on until SIGTERM. */
static void client_run(const struct smbc_cred *cred, int ready)
{
	struct figures *f = calloc(2, sizeof(*f));

	if (!f)
		die("memory");
	signal(SIGTERM, on_term);
	while (f[0].count < WARM_UP)
		one_logon(cred, &f[0]);
	if (write(ready, "", 1) != 1)
		die("pipe");
	do
		one_logon(cred, &f[1]);
	while (!over);
	figures_print("before", &f[0]);
	figures_print("during", &f[1]);
	exit(0);
}

/* ---- the guesser ---- */

struct guesser {
	struct smbc_conn *conn;
	const struct smbc_cred *cred;
	bool busy, lost;
	unsigned int *left, *failed;
};

static void answered(struct smbc_session *session, int err, uint32_t status)
{
	struct guesser *g = session->arg;

	g->busy = false;
	if (err < 0) { /* the server waits for nobody for ever */
		g->lost = true;
		(*g->left)++;
		return;
	}
	if (status != 0xc000006d) {
		fprintf(stderr, "guess: status 0x%08x\n", status);
		exit(2);
	}
	(*g->failed)++;
}

static void conn_again(struct guesser *g, struct pollfd *pfd)
{
	smbc_conn_free(g->conn);
	g->conn = connect_from(GUESSER);
	g->lost = false;
	pfd->fd = g->conn->fd;
}

static void guess_next(struct guesser *g)
{
	if (g->busy || !*g->left)
		return;
	(*g->left)--;
	g->busy = true;
	if (smbc_session_start(smbc_session_new(g->conn), g->cred, answered, g) < 0)
		die("log-on");
}

static void guess_all(const struct smbc_cred *cred, unsigned int guesses, unsigned int n)
{
	struct guesser *g = calloc(n, sizeof(*g));
	struct pollfd *fds = calloc(n, sizeof(*fds));
	unsigned int left = guesses, failed = 0;
	double began;

	if (!g || !fds)
		die("memory");
	for (unsigned int i = 0; i < n; i++) {
		g[i] = (struct guesser){ .conn = connect_from(GUESSER),
					 .cred = cred,
					 .left = &left,
					 .failed = &failed };
		fds[i] = (struct pollfd){ .fd = g[i].conn->fd, .events = POLLIN };
	}
	began = now_ms();
	while (failed < guesses) {
		for (unsigned int i = 0; i < n; i++) {
			guess_next(&g[i]);
			smbc_flush(g[i].conn);
		}
		if (poll(fds, n, WAIT_MS) <= 0)
			die("no answer");
		for (unsigned int i = 0; i < n; i++)
			if ((fds[i].revents && smbc_receive(g[i].conn) < 0) || g[i].lost)
				conn_again(&g[i], &fds[i]);
	}
	began = now_ms() - began;
	printf("guesses %u seconds %.2f ms_per_guess %.2f\n", guesses, began / 1e3,
	       began / guesses);
	for (unsigned int i = 0; i < n; i++)
		smbc_conn_free(g[i].conn);
	free(g);
	free(fds);
}

int main(int argc, char **argv)
{
	struct smbc_cred right, wrong;
	int ready[2];
	char byte;
	pid_t client = -1;

	if (argc != 6 || smbc_lib_new(&lib) < 0) {
		fputs("usage: guess PORT GUESSES CONNECTIONS USER PASSWORD\n", stderr);
		return 2;
	}
	port = (uint16_t)atoi(argv[1]);
	right = (struct smbc_cred){ .user = argv[4], .domain = "", .password = argv[5] };
	wrong = (struct smbc_cred){ .user = argv[4], .domain = "", .password = "guess" };
	if (pipe(ready) < 0 || (client = fork()) < 0)
		die("fork");
	if (client == 0)
		client_run(&right, ready[1]);
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		die("the client");
	guess_all(&wrong, (unsigned int)atoi(argv[2]), (unsigned int)atoi(argv[3]));
	fflush(stdout);
	kill(client, SIGTERM);
	waitpid(client, NULL, 0);
	return 0;
}
