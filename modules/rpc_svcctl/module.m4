SMB3_MODULE([rpc_svcctl], [modules])
