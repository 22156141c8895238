SMB3_MODULE([trace], [modules])
