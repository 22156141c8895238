SMB3_MODULE([lease], [modules])
