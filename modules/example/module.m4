SMB3_MODULE([example], [modules])
