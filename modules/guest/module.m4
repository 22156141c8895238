SMB3_MODULE([guest], [modules])
