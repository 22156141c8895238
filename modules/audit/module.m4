SMB3_MODULE([audit], [modules])
