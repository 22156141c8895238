SMB3_MODULE([rpc_epmapper], [modules])
