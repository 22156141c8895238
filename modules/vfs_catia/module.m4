SMB3_MODULE([vfs_catia], [modules])
