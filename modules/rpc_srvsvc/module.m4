SMB3_MODULE([rpc_srvsvc], [modules])
