SMB3_MODULE([lua], [modules], [lua5.4 >= 5.4])
