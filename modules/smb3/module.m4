SMB3_MODULE([smb3], [modules], [libcrypto >= 3.0])
