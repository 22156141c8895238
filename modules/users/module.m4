SMB3_MODULE([users], [modules], [libcrypto >= 3.0])
