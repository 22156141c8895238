SMB3_MODULE([loop], [transports])
