SMB3_MODULE([vfs_veto], [modules])
