SMB3_MODULE([limiter], [modules])
