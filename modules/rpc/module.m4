SMB3_MODULE([rpc], [modules])
