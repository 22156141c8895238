SMB3_MODULE([rpc_lsarpc], [modules])
