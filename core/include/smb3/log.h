// SPDX-License-Identifier: Apache-2.0
/*
 * log.h: the log. The function that gives up logs, once, with the object; tools do not log.
 * Debug text costs one load and a branch unless its component is switched on
 * (smb3ctl debug COMPONENT; naming it again switches it off).
 */
#ifndef SMB3_LOG_H
#define SMB3_LOG_H

#include <smb3/base.h>
#include <stdarg.h>
#include <stdatomic.h>

enum smb3_log_level { SMB3_LOG_ERROR, SMB3_LOG_WARNING, SMB3_LOG_NOTICE, SMB3_LOG_INFO };

/* Debug components: bits of smb3_debug_mask; the names are in smb3_debug_names. */
enum smb3_component {
	SMB3_DBG_CONN,
	SMB3_DBG_SMB,
	SMB3_DBG_AUTH,
	SMB3_DBG_VFS,
	SMB3_DBG_OPLOCK,
	SMB3_DBG_IPC,
	SMB3_DBG_RDMA,
	SMB3_DBG_MODULE,
	SMB3_DBG_CONF,
	SMB3_DBG_COMPONENTS
};

/* "conn", "smb", ...: in the order of enum smb3_component, NULL at the end. */
extern const char *const smb3_debug_names[SMB3_DBG_COMPONENTS + 1];

/* Switched at run time; read without a lock. */
extern _Atomic uint32_t smb3_debug_mask;

static inline bool smb3_debugging(enum smb3_component c)
{
	return atomic_load_explicit(&smb3_debug_mask, memory_order_relaxed) & 1u << c;
}

/* One line, without newline at the end. Control bytes from peers are shown as \xNN. */
void smb3_log(enum smb3_log_level level, const char *fmt, ...) SMB3_PRINTF(2, 3);
void smb3_vlog(enum smb3_log_level level, const char *object, const char *fmt, va_list ap)
	SMB3_PRINTF(3, 0);

/* The same with the object in front: "conn 12 [192.0.2.7]: ...",
 * "conn 12 [192.0.2.7] session 0x41: ...". The object may be NULL. */
void smb3_log_conn(const struct smb3_conn *conn, enum smb3_log_level level, const char *fmt, ...)
	SMB3_PRINTF(3, 4);
void smb3_log_req(const struct smb3_req *req, enum smb3_log_level level, const char *fmt, ...)
	SMB3_PRINTF(3, 4);

void smb3_debug_line(enum smb3_component c, const struct smb3_conn *conn, const char *fmt, ...)
	SMB3_PRINTF(3, 4);

/* SMB3_DEBUG(SMB3_DBG_VFS, conn_or_NULL, "opened %s", name) */
#define SMB3_DEBUG(component, conn, ...)                               \
	do {                                                           \
		if (smb3_debugging(component))                         \
			smb3_debug_line(component, conn, __VA_ARGS__); \
	} while (0)

#endif
