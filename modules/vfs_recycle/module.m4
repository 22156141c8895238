SMB3_MODULE([vfs_recycle], [modules])
