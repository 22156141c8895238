SMB3_MODULE([dir], [modules])
