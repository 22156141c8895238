// SPDX-License-Identifier: Apache-2.0
/*
 * test_status.c: names of statuses, and errno to status.
 */
#include <criterion/criterion.h>
#include <smb3/status.h>
#include <errno.h>
#include <string.h>

static const struct {
	ntstatus status;
	const char *name;
} list[] = {
#define ROW(name, value) { value##u, #name },
	SMB3_STATUS_LIST(ROW)
};

Test(status, every_status_has_its_name)
{
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(list); i++)
		cr_expect_str_eq(smb3_status_name(list[i].status), list[i].name);
}

Test(status, names_and_values_are_listed_once)
{
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(list); i++) {
		for (size_t j = 0; j < i; j++) {
			cr_expect_neq(list[i].status, list[j].status, "%s", list[i].name);
			cr_expect_str_neq(list[i].name, list[j].name);
		}
	}
}

Test(status, unknown_ones_have_a_text)
{
	cr_assert_str_eq(smb3_status_name(0xC0001234), "an unknown status");
	cr_assert_str_eq(smb3_status_name(UINT32_MAX), "an unknown status");
}

Test(status, severity)
{
	cr_assert_not(smb3_status_is_error(STATUS_SUCCESS));
	cr_assert_not(smb3_status_is_error(STATUS_PENDING));
	cr_assert_not(smb3_status_is_error(STATUS_BUFFER_OVERFLOW));
	cr_assert(smb3_status_is_error(STATUS_STOPPED_ON_SYMLINK)); /* answered like one */
	cr_assert(smb3_status_is_error(STATUS_UNSUCCESSFUL));
	cr_assert(smb3_status_is_error(STATUS_SMB_NO_PREAUTH_INTEGRITY_HASH_OVERLAP));
}

static const struct {
	int err;
	ntstatus status;
} conversions[] = {
	{ 0, STATUS_SUCCESS },
	{ ENOENT, STATUS_OBJECT_NAME_NOT_FOUND },
	{ ENOTDIR, STATUS_OBJECT_PATH_NOT_FOUND },
	{ ELOOP, STATUS_OBJECT_PATH_NOT_FOUND },
	{ ENAMETOOLONG, STATUS_OBJECT_NAME_INVALID },
	{ EEXIST, STATUS_OBJECT_NAME_COLLISION },
	{ ENOTEMPTY, STATUS_DIRECTORY_NOT_EMPTY },
	{ EISDIR, STATUS_FILE_IS_A_DIRECTORY },
	{ EXDEV, STATUS_NOT_SAME_DEVICE },
	{ EMLINK, STATUS_TOO_MANY_LINKS },
	{ EACCES, STATUS_ACCESS_DENIED },
	{ EPERM, STATUS_ACCESS_DENIED },
	{ EROFS, STATUS_MEDIA_WRITE_PROTECTED },
	{ EBUSY, STATUS_SHARING_VIOLATION },
	{ ETXTBSY, STATUS_SHARING_VIOLATION },
	{ ENOSPC, STATUS_DISK_FULL },
	{ EDQUOT, STATUS_DISK_FULL },
	{ EMFILE, STATUS_TOO_MANY_OPENED_FILES },
	{ ENFILE, STATUS_TOO_MANY_OPENED_FILES },
	{ ENOMEM, STATUS_INSUFFICIENT_RESOURCES },
	{ EINVAL, STATUS_INVALID_PARAMETER },
	{ EFBIG, STATUS_INVALID_PARAMETER },
	{ EBADF, STATUS_INVALID_HANDLE },
	{ EOPNOTSUPP, STATUS_NOT_SUPPORTED },
	{ ENOTSUP, STATUS_NOT_SUPPORTED },
	{ ENOSYS, STATUS_NOT_SUPPORTED },
	{ EAGAIN, STATUS_RETRY },
	{ EWOULDBLOCK, STATUS_RETRY },
	{ ECANCELED, STATUS_CANCELLED },
	{ EIO, STATUS_IO_DEVICE_ERROR },
	{ ENODEV, STATUS_NO_SUCH_DEVICE },
	{ ENXIO, STATUS_NO_SUCH_DEVICE },
	{ ESTALE, STATUS_FILE_DELETED },
	{ ETIMEDOUT, STATUS_IO_TIMEOUT },
	{ ENOTCONN, STATUS_UNEXPECTED_IO_ERROR },
	{ 4000, STATUS_UNSUCCESSFUL },
};

Test(status, from_errno)
{
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(conversions); i++)
		cr_expect_eq(smb3_status_from_errno(-conversions[i].err), conversions[i].status,
			     "%s gives %s", strerror(conversions[i].err),
			     smb3_status_name(smb3_status_from_errno(-conversions[i].err)));
}

Test(status, no_errno_becomes_a_success)
{
	for (int err = 1; err < 4096; err++)
		cr_assert(smb3_status_is_error(smb3_status_from_errno(-err)), "%s", strerror(err));
	cr_assert(smb3_status_is_error(smb3_status_from_errno(EIO)));
	cr_assert(smb3_status_is_error(smb3_status_from_errno(INT32_MAX)));
}
