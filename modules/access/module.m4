SMB3_MODULE([access], [modules])
