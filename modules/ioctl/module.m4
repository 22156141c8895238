SMB3_MODULE([ioctl], [modules])
