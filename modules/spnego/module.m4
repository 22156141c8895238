SMB3_MODULE([spnego], [modules])
