SMB3_MODULE([mds_names], [modules])
