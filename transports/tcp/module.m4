SMB3_MODULE([tcp], [transports])
