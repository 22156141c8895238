SMB3_MODULE([vfs_streams], [modules])
