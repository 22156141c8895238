SMB3_MODULE([file], [modules])
