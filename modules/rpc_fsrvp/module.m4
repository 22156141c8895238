SMB3_MODULE([rpc_fsrvp], [modules])
