SMB3_MODULE([rpc_samr], [modules])
