SMB3_MODULE([krb5], [modules], [mit-krb5-gssapi >= 1.17 mit-krb5 >= 1.17])
