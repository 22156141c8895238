// SPDX-License-Identifier: Apache-2.0
/*
 * daemon.h: what the program smb3d prints besides serving. It is linked with core and may use what
 * core keeps from modules.
 */
#ifndef SMB3_DAEMON_H
#define SMB3_DAEMON_H

#include "core.h"

/* Every loaded module with its rows. */
void modules_print(struct smb3_server *server, FILE *out, bool json);
/* The options of a module, or of core for NULL, in mdoc. */
void options_print(const struct smb3_module *module, FILE *out);
/* Logs which commands nobody answers, and what else keeps clients out. */
void missing_tell(struct smb3_server *server);

/* ---- process.c ---- */

struct process;

/* Before any thread is there: from now on signals wait. */
struct process *process_new(void);
/* Takes the pid file of the server's run_dir; refused while another server has it. */
int process_claim(struct process *p, struct smb3_server *server);
/* From now on SIGTERM and SIGINT stop the server, SIGHUP reloads it. */
int process_listen(struct process *p, struct smb3_server *server);
/* No more, though the server lives on for a while. Before it is freed. */
void process_deafen(struct process *p);
void process_free(struct process *p);

/* ---- command.c ---- */

/* Runs an admin command whose password, if any, is on standard input; prints its answer. The exit
 * status. */
int command(struct smb3_server *server, int argc, char **argv);
/* The same in a server whose modules have been initialised. */
int command_run(struct smb3_server *server, int argc, char **argv, const char *secret);

#endif
