SMB3_MODULE([rpc_ntsvcs], [modules])
