SMB3_MODULE([confine], [modules], [libseccomp >= 2.5])
