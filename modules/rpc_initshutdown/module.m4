SMB3_MODULE([rpc_initshutdown], [modules])
