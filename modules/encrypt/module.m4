SMB3_MODULE([encrypt], [modules], [libcrypto >= 3.0])
