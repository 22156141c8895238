SMB3_MODULE([vfs_shortnames], [modules])
