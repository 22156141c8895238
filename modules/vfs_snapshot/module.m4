SMB3_MODULE([vfs_snapshot], [modules])
