SMB3_MODULE([lsa], [modules], [libcrypto >= 3.0])
