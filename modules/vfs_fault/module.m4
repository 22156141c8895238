SMB3_MODULE([vfs_fault], [modules])
