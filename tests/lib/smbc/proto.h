// SPDX-License-Identifier: Apache-2.0
/*
 * proto.h: the wire constants that the client library needs, with the names of [MS-SMB2] 2.2.
 * Kept apart from the server's own headers so that a wrong constant there is noticed here.
 */
#pragma once

#include <stdint.h>

/* 2.2.1 packet header */
#define SMB2_HEADER_SIZE     64
#define SMB2_TRANSFORM_SIZE  52 /* 2.2.41 */
#define SMB2_MID_UNSOLICITED UINT64_MAX

enum smb2_command {
	SMB2_NEGOTIATE = 0x00,
	SMB2_SESSION_SETUP = 0x01,
	SMB2_LOGOFF = 0x02,
	SMB2_TREE_CONNECT = 0x03,
	SMB2_TREE_DISCONNECT = 0x04,
	SMB2_CREATE = 0x05,
	SMB2_CLOSE = 0x06,
	SMB2_FLUSH = 0x07,
	SMB2_READ = 0x08,
	SMB2_WRITE = 0x09,
	SMB2_LOCK = 0x0a,
	SMB2_IOCTL = 0x0b,
	SMB2_CANCEL = 0x0c,
	SMB2_ECHO = 0x0d,
	SMB2_QUERY_DIRECTORY = 0x0e,
	SMB2_CHANGE_NOTIFY = 0x0f,
	SMB2_QUERY_INFO = 0x10,
	SMB2_SET_INFO = 0x11,
	SMB2_OPLOCK_BREAK = 0x12,
};

/* 2.2.1.2 flags of the header */
#define SMB2_FLAGS_SERVER_TO_REDIR    0x00000001u
#define SMB2_FLAGS_ASYNC_COMMAND      0x00000002u
#define SMB2_FLAGS_RELATED_OPERATIONS 0x00000004u
#define SMB2_FLAGS_SIGNED             0x00000008u

/* 2.2.3 NEGOTIATE */
#define SMB2_DIALECT_202                   0x0202
#define SMB2_DIALECT_210                   0x0210
#define SMB2_DIALECT_300                   0x0300
#define SMB2_DIALECT_302                   0x0302
#define SMB2_DIALECT_311                   0x0311
#define SMB2_NEGOTIATE_SIGNING_ENABLED     0x0001
#define SMB2_NEGOTIATE_SIGNING_REQUIRED    0x0002
#define SMB2_GLOBAL_CAP_DFS                0x01
#define SMB2_GLOBAL_CAP_LEASING            0x02
#define SMB2_GLOBAL_CAP_LARGE_MTU          0x04
#define SMB2_GLOBAL_CAP_MULTI_CHANNEL      0x08
#define SMB2_GLOBAL_CAP_PERSISTENT_HANDLES 0x10
#define SMB2_GLOBAL_CAP_DIRECTORY_LEASING  0x20
#define SMB2_GLOBAL_CAP_ENCRYPTION         0x40

/* 2.2.3.1 negotiate contexts */
#define SMB2_PREAUTH_INTEGRITY_CAPABILITIES 0x0001
#define SMB2_ENCRYPTION_CAPABILITIES        0x0002
#define SMB2_NETNAME_NEGOTIATE_CONTEXT_ID   0x0005
#define SMB2_SIGNING_CAPABILITIES           0x0008
#define SMB2_PREAUTH_SHA512                 0x0001

enum smb2_signing {
	SMB2_SIGN_HMAC_SHA256 = 0,
	SMB2_SIGN_AES_CMAC = 1,
	SMB2_SIGN_AES_GMAC = 2,
};

enum smb2_cipher {
	SMB2_CIPHER_NONE = 0,
	SMB2_CIPHER_AES128_CCM = 1,
	SMB2_CIPHER_AES128_GCM = 2,
	SMB2_CIPHER_AES256_CCM = 3,
	SMB2_CIPHER_AES256_GCM = 4,
};

/* 2.2.5, 2.2.6 SESSION_SETUP */
#define SMB2_SESSION_FLAG_BINDING      0x01
#define SMB2_SESSION_FLAG_IS_GUEST     0x0001
#define SMB2_SESSION_FLAG_IS_NULL      0x0002
#define SMB2_SESSION_FLAG_ENCRYPT_DATA 0x0004

/* 2.2.10 TREE_CONNECT response */
#define SMB2_SHAREFLAG_ENCRYPT_DATA 0x00008000u

/* 2.2.13 CREATE: the values that the bench and the defaults use; scenarios name the others */
#define SMB2_IMPERSONATION   2
#define SMB2_FILE_SHARE_ALL  7u
#define SMB2_FILE_OPEN       1u
#define SMB2_MAXIMUM_ALLOWED 0x02000000u

/* 2.2.35, 2.2.39 info types */
#define SMB2_0_INFO_FILE       1
#define SMB2_0_INFO_FILESYSTEM 2
#define SMB2_0_INFO_SECURITY   3
#define SMB2_0_INFO_QUOTA      4

#define SMB2_0_IOCTL_IS_FSCTL 1u

/* [MS-ERREF] 2.3: those that the library itself looks at */
#define SMBC_STATUS_SUCCESS                  0x00000000u
#define SMBC_STATUS_PENDING                  0x00000103u
#define SMBC_STATUS_MORE_PROCESSING_REQUIRED 0xC0000016u
