// SPDX-License-Identifier: Apache-2.0
/*
 * status.c: names of statuses, and the one conversion from errno. MS-ERREF 2.3.1
 */
#include <smb3/status.h>

#include <errno.h>

const char *smb3_status_name(ntstatus s)
{
	switch (s) {
#define STATUS_CASE(name, value) \
	case value##u:           \
		return #name;
		SMB3_STATUS_LIST(STATUS_CASE)
#undef STATUS_CASE
	default:
		return "an unknown status";
	}
}

/* What a file system, a FUSE server or a device below it may answer. */
static const struct {
	ntstatus status;
	int errs[10]; /* 0 at the end */
} from_errno[] = {
	/* names and paths */
	{ STATUS_OBJECT_NAME_NOT_FOUND, { ENOENT } },
	{ STATUS_OBJECT_PATH_NOT_FOUND, { ENOTDIR, ELOOP } },
	{ STATUS_OBJECT_NAME_INVALID, { ENAMETOOLONG, EILSEQ } },
	{ STATUS_OBJECT_NAME_COLLISION, { EEXIST } },
	{ STATUS_DIRECTORY_NOT_EMPTY, { ENOTEMPTY } },
	{ STATUS_FILE_IS_A_DIRECTORY, { EISDIR } },
	{ STATUS_NOT_SAME_DEVICE, { EXDEV } },
	{ STATUS_TOO_MANY_LINKS, { EMLINK } },
	/* permission and sharing; ENOKEY and its kin: encrypted folders whose key is not there */
	{ STATUS_ACCESS_DENIED, { EACCES, EPERM, ENOKEY, EKEYEXPIRED, EKEYREVOKED, EKEYREJECTED } },
	{ STATUS_MEDIA_WRITE_PROTECTED, { EROFS } },
	{ STATUS_SHARING_VIOLATION, { EBUSY, ETXTBSY } },
	{ STATUS_FILE_LOCK_CONFLICT, { EDEADLK } },
	{ STATUS_RETRY, { EAGAIN, EINTR } },
	{ STATUS_CANCELLED, { ECANCELED } },
	/* space and resources */
	{ STATUS_DISK_FULL, { ENOSPC, EDQUOT } },
	{ STATUS_TOO_MANY_OPENED_FILES, { EMFILE, ENFILE } },
	{ STATUS_INSUFFICIENT_RESOURCES, { ENOMEM, ENOBUFS, ENOLCK } },
	/* arguments; a file that would grow too large is told so as Windows does */
	{ STATUS_INVALID_PARAMETER, { EINVAL, EFBIG, EOVERFLOW, ESPIPE } },
	{ STATUS_INVALID_HANDLE, { EBADF } },
	{ STATUS_INVALID_DEVICE_REQUEST, { ENOTTY } },
	{ STATUS_NOT_SUPPORTED, { EOPNOTSUPP, ENOSYS } },
	{ STATUS_NOT_FOUND, { ENODATA } },
	{ STATUS_BUFFER_TOO_SMALL, { ERANGE } },
	{ STATUS_EA_TOO_LARGE, { E2BIG } },
	{ STATUS_INTERNAL_ERROR, { EFAULT } },
	/* media; the object is gone from the server behind a network file system */
	{ STATUS_IO_DEVICE_ERROR, { EIO, EREMOTEIO } },
	{ STATUS_CRC_ERROR, { EBADMSG } },
	{ STATUS_DATA_ERROR, { EUCLEAN } },
	{ STATUS_NO_SUCH_DEVICE, { ENODEV, ENXIO, ENOMEDIUM } },
	{ STATUS_FILE_DELETED, { ESTALE } },
	/* a network or FUSE file system that lost its server */
	{ STATUS_IO_TIMEOUT, { ETIMEDOUT } },
	{ STATUS_UNEXPECTED_IO_ERROR,
	  { EPIPE, ENOTCONN, ECONNREFUSED, ECONNRESET, ECONNABORTED, EHOSTDOWN, EHOSTUNREACH,
	    ENETDOWN, ENETUNREACH, ESHUTDOWN } },
};

ntstatus smb3_status_from_errno(int err)
{
	if (err == 0)
		return STATUS_SUCCESS;
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(from_errno); i++)
		for (size_t k = 0; k < SMB3_ARRAY_SIZE(from_errno[i].errs); k++)
			if (from_errno[i].errs[k] == -err)
				return from_errno[i].status;
	return STATUS_UNSUCCESSFUL;
}
