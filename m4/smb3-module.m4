# SPDX-License-Identifier: Apache-2.0
# SMB3_MODULE(NAME, FOLDER, [PKG-CONFIG PACKAGES]): declares the module FOLDER/NAME.
#
# Adds the switch --disable-module-NAME, looks for the packages, sets NAME_CFLAGS and NAME_LIBS (in
# capitals) and the automake conditional MODULE_NAME, and notes the outcome for the summary. A module
# whose library is missing is left out and says so, unless it was asked for by --enable-module-NAME or
# --enable-all-modules: then configure stops.

AC_DEFUN([SMB3_MODULE], [
	m4_pushdef([smb3_UP], m4_translit([[$1]], [a-z-], [A-Z_]))dnl
	AC_ARG_ENABLE([module-$1],
		[AS_HELP_STRING([--disable-module-$1], [leave out $2/$1])],
		[], [enable_module_$1=$enable_all_modules])
	smb3_module_why=
	AS_IF([test "x$enable_module_$1" = xno], [smb3_module_why="switched off"])
	m4_ifval(m4_normalize([$3]), [
		AS_IF([test -z "$smb3_module_why"], [
			PKG_CHECK_MODULES(smb3_UP, [$3], [], [
				smb3_module_why="needs $3: $]smb3_UP[_PKG_ERRORS"])
		])
		AS_IF([test -n "$smb3_module_why" && test "x$enable_module_$1" = xyes],
			[AC_MSG_ERROR([module $1 $smb3_module_why])])
	])
	AM_CONDITIONAL([MODULE_]smb3_UP, [test -z "$smb3_module_why"])
	AS_IF([test -z "$smb3_module_why"],
		[smb3_modules_on="$smb3_modules_on $1"],
		[smb3_modules_off="$smb3_modules_off
    $1: `echo $smb3_module_why`"])
	m4_popdef([smb3_UP])dnl
])
