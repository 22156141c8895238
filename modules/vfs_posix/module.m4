SMB3_MODULE([vfs_posix], [modules])
