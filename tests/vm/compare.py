# SPDX-License-Identifier: Apache-2.0
"""compare.py FOLDER VERSION...: each dialect's results beside the local folder's."""
import json
import os
import sys

DIALECTS = {'2.1': '0x210', '3.0': '0x300', '3.0.2': '0x302', '3.1.1': '0x311'}


def load(folder, name):
    path = os.path.join(folder, name)
    return json.load(open(path)) if os.path.exists(path) else {}


def text(folder, name):
    path = os.path.join(folder, name)
    return open(path).read().strip() if os.path.exists(path) else ''


def short(facts):
    out = json.dumps(facts, ensure_ascii=False)
    return out if len(out) < 140 else out[:137] + '...'


def line(name, good, why=''):
    print('ok %s' % name if good else 'FAIL %s: %s' % (name, why.replace('\n', ' ')))


def compare(folder, vers, local):
    got = load(folder, vers + '.json')
    title = 'vm-%s-' % vers
    mounted = text(folder, vers + '.dialect')
    line(title + 'mount', mounted.endswith(DIALECTS.get(vers.partition('-')[0], '?')),
         text(folder, vers + '.mount') or 'the mount speaks %s' % (mounted or 'nothing'))
    noticed = text(folder, vers + '.notify') or 'not reached'
    line(title + 'notify', noticed == 'ok', noticed)
    for name, wanted in local.items():
        if name not in got:
            line(title + name, False, 'not reached')
            continue
        line(title + name, got[name]['facts'] == wanted['facts'],
             'here %s, locally %s' % (short(got[name]['facts']), short(wanted['facts'])))
    line(title + 'stored', text(folder, vers + '.sums') == text(folder, 'local.sums') != '',
         "the server's folder differs from the local one")
    spent = sum(v['seconds'] for v in got.values())
    slowest = max(got, key=lambda n: got[n]['seconds'], default='nothing')
    print('   %s: %.0f s, most in %s' % (vers, spent, slowest))


def main():
    folder, versions = sys.argv[1], sys.argv[2:]
    local = load(folder, 'local.json')
    wrong = [n for n, v in local.items() if isinstance(v['facts'], str) and 'Error:' in v['facts']]
    line('vm-local', local and not wrong, 'the local run failed: %s' % ', '.join(wrong))
    for vers in versions:
        compare(folder, vers, local)


main()
