SMB3_MODULE([notify], [modules])
