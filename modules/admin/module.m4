SMB3_MODULE([admin], [modules])
