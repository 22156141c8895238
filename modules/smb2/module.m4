SMB3_MODULE([smb2], [modules])
