SMB3_MODULE([rpc_mdssvc], [modules])
