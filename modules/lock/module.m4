SMB3_MODULE([lock], [modules])
