SMB3_MODULE([sam], [modules], [libcrypto >= 3.0])
