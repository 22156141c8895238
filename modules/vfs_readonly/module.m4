SMB3_MODULE([vfs_readonly], [modules])
