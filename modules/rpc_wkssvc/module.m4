SMB3_MODULE([rpc_wkssvc], [modules])
