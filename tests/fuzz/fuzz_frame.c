// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_frame.c: a byte stream into the tcp transport: frames, cut anywhere. Input: the size of
 * the pieces in one byte, then the stream. [MS-SMB2] 2.1
 */
#include "fuzz.h"
#include "core.h"
#include <arpa/inet.h>
#include <sys/socket.h>

static struct smb3_server *server;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	server = fuzz_server_start("{ transport = \"tcp\"; address = \"127.0.0.1\"; port = 0; }");
	return 0;
}

/* From changing addresses, so that ports in TIME_WAIT do not run out. */
static int client_socket(void)
{
	static uint32_t number;
	struct sockaddr_in from = { .sin_family = AF_INET }, to = from;
	struct linger reset = { 1, 0 };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + number++ % 250 * 256);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	to.sin_port = htons(server->listeners[0].port);
	setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	CHECK(bind(fd, (struct sockaddr *)&from, sizeof(from)) == 0);
	/* libFuzzer's alarm may interrupt it. */
	while (connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0 && errno != EISCONN)
		CHECK(errno == EINTR || errno == EALREADY);
	return fd;
}

static void turn(int fd)
{
	char replies[4096];

	ev_run(server->workers[0]->loop, EVRUN_NOWAIT);
	while (recv(fd, replies, sizeof(replies), MSG_DONTWAIT) > 0)
		continue;
}

/* Until the server has let go, or as long as requests wait for the peer's next move. */
static void finish(int fd)
{
	uint64_t since = smb3_clock();

	close(fd);
	while (server->n_conns || smb3_server_files(server) || fuzz_share_in_use()) {
		CHECK(smb3_clock() - since < 10000000000);
		ev_run(server->workers[0]->loop, EVRUN_ONCE);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct smb3_cursor c = smb3_cursor_init(data, len);
	size_t piece = 1 + (size_t)smb3_get_u8(&c) * 4, left;
	int fd;

	fuzz_reset();
	fd = client_socket();
	while ((left = smb3_cursor_left(&c)) > 0) {
		size_t n = left < piece ? left : piece;

		if (send(fd, smb3_get_bytes(&c, n), n, MSG_NOSIGNAL) < 0)
			break;
		turn(fd);
	}
	turn(fd);
	finish(fd);
	return 0;
}
