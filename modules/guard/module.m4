SMB3_MODULE([guard], [modules])
