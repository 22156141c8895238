SMB3_MODULE([smb311], [modules], [libcrypto >= 3.0])
