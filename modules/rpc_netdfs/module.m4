SMB3_MODULE([rpc_netdfs], [modules])
