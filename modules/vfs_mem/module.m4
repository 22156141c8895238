SMB3_MODULE([vfs_mem], [modules])
