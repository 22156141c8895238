# SPDX-License-Identifier: Apache-2.0
"""impacket with a ticket: krb5_client.py HOST REALM. The ticket is in the cache that KRB5CCNAME names."""
import os
import sys

from impacket.smbconnection import SMBConnection

from livesmb import equal, report

HOST, REALM = sys.argv[1:3]
USER = os.environ['SMB_AUTH'].partition(':')[0]
DIALECTS = {0x202: '2.0.2', 0x210: '2.1', 0x300: '3.0', 0x311: '3.1.1'}


def login(dialect):
    smb = SMBConnection(HOST, os.environ['SMB_HOST'], sess_port=int(os.environ['SMB_PORT']),
                        preferredDialect=dialect)
    smb.kerberosLogin(USER, '', REALM, kdcHost='127.0.0.1', useCache=True)
    equal(smb.getDialect(), dialect)
    equal(smb.isGuestSession(), 0)
    smb.createDirectory('files', 'by-impacket')
    names = [f.get_longname() for f in smb.listPath('files', '*')]
    smb.deleteDirectory('files', 'by-impacket')
    equal('by-impacket' in names, True)
    smb.logoff()


for version, title in DIALECTS.items():
    report('krb5-impacket-%s' % title, login, version)
