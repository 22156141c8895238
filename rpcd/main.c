// SPDX-License-Identifier: Apache-2.0
/*
 * main.c: smb3-rpcd. Started by smb3d with one end of a socket pair as descriptor 3, and by nobody else.
 * It loads its modules while it still can, then gives up files, network, privileges and most system
 * calls, and serves.
 */
#include "process.h"

#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static void process_init(struct process *p)
{
	rpcd_host_init(&p->host, &process_ops);
	pthread_mutex_init(&p->lock, NULL);
	pthread_mutex_init(&p->write_lock, NULL);
	pthread_cond_init(&p->more, NULL);
	smb3_hash_init(&p->pipes);
	smb3_list_init(&p->jobs);
	smb3_list_init(&p->questions);
}

static bool is_socket(int fd)
{
	int type;
	socklen_t len = sizeof(type);

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0;
}

int main(void)
{
	struct process p = { .setup.threads = 0 };
	uint8_t ready[4];
	int err;

	if (!is_socket(CHANNEL_FD))
		give_up("started by hand: smb3d starts it, see smb3-rpc(7)");
	process_init(&p);
	setup_read(&p);
	setup_load_modules(&p);
	tzset(); /* reads the time zone's file */
	confine_limits(&p.setup);
	confine_user();
	confine_files();
	err = process_threads_start(&p);
	if (err)
		give_up("threads do not start: error %d", -err);
	confine_calls();
	smb3_store_u32(ready, (uint32_t)p.host.n_interfaces);
	channel_write(&p, &(struct channel_head){ sizeof(ready), CHANNEL_READY, 0 }, ready);
	process_serve(&p);
}
