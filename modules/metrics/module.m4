SMB3_MODULE([metrics], [modules])
