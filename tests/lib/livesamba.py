# SPDX-License-Identifier: Apache-2.0
"""Samba's Python library in live tests: its settings, and the test's user, of SMB_AUTH."""
import os

from samba import credentials
from samba.samba3 import param

USER, _, PASSWORD = os.environ['SMB_AUTH'].partition(':')


def settings(conf):
    """What a connection wants: (configuration, credentials)."""
    lp = param.get_context()
    lp.load(conf)
    creds = credentials.Credentials()
    creds.guess(lp)
    creds.set_username(USER)
    creds.set_password(PASSWORD)
    creds.set_kerberos_state(credentials.DONT_USE_KERBEROS)
    return lp, creds
