SMB3_MODULE([setup], [modules])
