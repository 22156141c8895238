SMB3_MODULE([rpc_echo], [modules])
