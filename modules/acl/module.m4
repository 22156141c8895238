SMB3_MODULE([acl], [modules], [libcrypto >= 3.0])
