SMB3_MODULE([tree], [modules])
