SMB3_MODULE([sign], [modules], [libcrypto >= 3.0])
