SMB3_MODULE([rpc_witness], [modules])
