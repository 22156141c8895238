// SPDX-License-Identifier: Apache-2.0
/*
 * smb3.h: everything a module may include.
 */
#ifndef SMB3_SMB3_H
#define SMB3_SMB3_H

#include <smb3/arena.h>
#include <smb3/auth.h>
#include <smb3/base.h>
#include <smb3/buf.h>
#include <smb3/conf.h>
#include <smb3/conn.h>
#include <smb3/create.h>
#include <smb3/credit.h>
#include <smb3/ctl.h>
#include <smb3/cursor.h>
#include <smb3/dialect.h>
#include <smb3/disk.h>
#include <smb3/fscc.h>
#include <smb3/fsctl.h>
#include <smb3/group.h>
#include <smb3/hash.h>
#include <smb3/hook.h>
#include <smb3/info.h>
#include <smb3/inner.h>
#include <smb3/layer.h>
#include <smb3/list.h>
#include <smb3/log.h>
#include <smb3/match.h>
#include <smb3/metric.h>
#include <smb3/module.h>
#include <smb3/ndr.h>
#include <smb3/open.h>
#include <smb3/pipe.h>
#include <smb3/reparse.h>
#include <smb3/req.h>
#include <smb3/rpc.h>
#include <smb3/server.h>
#include <smb3/session.h>
#include <smb3/share.h>
#include <smb3/sign.h>
#include <smb3/slot.h>
#include <smb3/smb2.h>
#include <smb3/snapshot.h>
#include <smb3/spare.h>
#include <smb3/spotlight.h>
#include <smb3/status.h>
#include <smb3/time.h>
#include <smb3/transport.h>
#include <smb3/utf16.h>
#include <smb3/vfs.h>
#include <smb3/worker.h>

#endif
