# SPDX-License-Identifier: Apache-2.0
# Compiler and linker flags: each is used only when the compiler takes it without a warning.

# SMB3_CC_FLAG(VARIABLE, FLAG...): appends to VARIABLE each FLAG that the compiler accepts.
AC_DEFUN([SMB3_CC_FLAG], [
	for smb3_flag in $2; do
		AC_MSG_CHECKING([whether $CC takes $smb3_flag])
		smb3_save_CFLAGS=$CFLAGS
		CFLAGS="$CFLAGS -Werror $smb3_flag"
		AC_COMPILE_IFELSE([AC_LANG_PROGRAM()],
			[AC_MSG_RESULT([yes]); $1="$$1 $smb3_flag"],
			[AC_MSG_RESULT([no])])
		CFLAGS=$smb3_save_CFLAGS
	done
])

# SMB3_LD_FLAG(VARIABLE, FLAG...): appends to VARIABLE each FLAG with which a program links.
AC_DEFUN([SMB3_LD_FLAG], [
	for smb3_flag in $2; do
		AC_MSG_CHECKING([whether the linker takes $smb3_flag])
		smb3_save_LDFLAGS=$LDFLAGS
		LDFLAGS="$LDFLAGS $smb3_flag"
		AC_LINK_IFELSE([AC_LANG_PROGRAM()],
			[AC_MSG_RESULT([yes]); $1="$$1 $smb3_flag"],
			[AC_MSG_RESULT([no])])
		LDFLAGS=$smb3_save_LDFLAGS
	done
])

# SMB3_SANITIZE(FLAGS, WHAT): compiles and links everything with FLAGS, or fails saying WHAT is missing.
AC_DEFUN([SMB3_SANITIZE], [
	AC_MSG_CHECKING([for $2])
	smb3_save_CFLAGS=$CFLAGS
	CFLAGS="$CFLAGS $1"
	AC_LINK_IFELSE([AC_LANG_PROGRAM()], [AC_MSG_RESULT([yes])],
		[AC_MSG_RESULT([no])
		 AC_MSG_ERROR([$CC cannot link with $1: install its sanitizer runtime])])
	CFLAGS=$smb3_save_CFLAGS
	SMB3_SAN_FLAGS="$SMB3_SAN_FLAGS $1"
])
