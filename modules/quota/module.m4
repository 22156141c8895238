SMB3_MODULE([quota], [modules])
