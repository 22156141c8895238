SMB3_MODULE([info], [modules])
