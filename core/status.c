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
ntstatus smb3_status_from_errno(int err)
{
	switch (-err) {
	case 0:
		return STATUS_SUCCESS;
	/* names and paths */
	case ENOENT:
		return STATUS_OBJECT_NAME_NOT_FOUND;
	case ENOTDIR:
	case ELOOP:
		return STATUS_OBJECT_PATH_NOT_FOUND;
	case ENAMETOOLONG:
	case EILSEQ:
		return STATUS_OBJECT_NAME_INVALID;
	case EEXIST:
		return STATUS_OBJECT_NAME_COLLISION;
	case ENOTEMPTY:
		return STATUS_DIRECTORY_NOT_EMPTY;
	case EISDIR:
		return STATUS_FILE_IS_A_DIRECTORY;
	case EXDEV:
		return STATUS_NOT_SAME_DEVICE;
	case EMLINK:
		return STATUS_TOO_MANY_LINKS;
	/* permission and sharing; ENOKEY and its kin: encrypted folders whose key is not there */
	case EACCES:
	case EPERM:
	case ENOKEY:
	case EKEYEXPIRED:
	case EKEYREVOKED:
	case EKEYREJECTED:
		return STATUS_ACCESS_DENIED;
	case EROFS:
		return STATUS_MEDIA_WRITE_PROTECTED;
	case EBUSY:
	case ETXTBSY:
		return STATUS_SHARING_VIOLATION;
	case EDEADLK:
		return STATUS_FILE_LOCK_CONFLICT;
	case EAGAIN:
	case EINTR:
		return STATUS_RETRY;
	case ECANCELED:
		return STATUS_CANCELLED;
	/* space and resources */
	case ENOSPC:
	case EDQUOT:
		return STATUS_DISK_FULL;
	case EMFILE:
	case ENFILE:
		return STATUS_TOO_MANY_OPENED_FILES;
	case ENOMEM:
	case ENOBUFS:
	case ENOLCK:
		return STATUS_INSUFFICIENT_RESOURCES;
	/* arguments; a file that would grow too large is told so as Windows does */
	case EINVAL:
	case EFBIG:
	case EOVERFLOW:
	case ESPIPE:
		return STATUS_INVALID_PARAMETER;
	case EBADF:
		return STATUS_INVALID_HANDLE;
	case ENOTTY:
		return STATUS_INVALID_DEVICE_REQUEST;
	case EOPNOTSUPP:
	case ENOSYS:
		return STATUS_NOT_SUPPORTED;
	case ENODATA:
		return STATUS_NOT_FOUND;
	case ERANGE:
		return STATUS_BUFFER_TOO_SMALL;
	case E2BIG:
		return STATUS_EA_TOO_LARGE;
	case EFAULT:
		return STATUS_INTERNAL_ERROR;
	/* media; the object is gone from the server behind a network file system */
	case EIO:
	case EREMOTEIO:
		return STATUS_IO_DEVICE_ERROR;
	case EBADMSG:
		return STATUS_CRC_ERROR;
	case EUCLEAN:
		return STATUS_DATA_ERROR;
	case ENODEV:
	case ENXIO:
	case ENOMEDIUM:
		return STATUS_NO_SUCH_DEVICE;
	case ESTALE:
		return STATUS_FILE_DELETED;
	/* a network or FUSE file system that lost its server */
	case ETIMEDOUT:
		return STATUS_IO_TIMEOUT;
	case EPIPE:
	case ENOTCONN:
	case ECONNREFUSED:
	case ECONNRESET:
	case ECONNABORTED:
	case EHOSTDOWN:
	case EHOSTUNREACH:
	case ENETDOWN:
	case ENETUNREACH:
	case ESHUTDOWN:
		return STATUS_UNEXPECTED_IO_ERROR;
	default:
		return STATUS_UNSUCCESSFUL;
	}
}
