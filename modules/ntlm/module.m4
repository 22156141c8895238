SMB3_MODULE([ntlm], [modules], [libcrypto >= 3.0])
