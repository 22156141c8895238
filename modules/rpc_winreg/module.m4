SMB3_MODULE([rpc_winreg], [modules])
