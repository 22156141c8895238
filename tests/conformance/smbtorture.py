#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs smbtorture's tests, each in a process of its own, and gates on a table: smbtorture.tsv
(files) or, with --table rpc, rpc.tsv (remote procedures over named pipes).

The table has one row a test: name, configuration, expectation, reason (tab separated).
Configuration: 'plain', or words that the test needs: target=NAME (the kind of server
smbtorture should expect), option=KEY=VALUE, limit=SECONDS (its own time-out), dangerous (passes
--dangerous), user2 (logs on as the second, ordinary account), share=NAME and server=NAME (a share or a
server set up for it; such a test is run only where that exists), localdir (the share's folder).
Expectation: green (must pass), expected-failure (known to fail, the reason says why),
later (waits for what the reason names), skip (never run).

SMB_HOST, SMB_PORT and SMB_AUTH say where; tests/conformance/run sets them.
"""
import argparse
import collections
import concurrent.futures
import fnmatch
import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TABLES = {'files': os.path.join(HERE, 'smbtorture.tsv'), 'rpc': os.path.join(HERE, 'rpc.tsv')}
HEAD = 'test\tconfiguration\texpectation\treason\n'
EXPECTATIONS = ('green', 'expected-failure', 'later', 'skip')
OUTCOME = re.compile(r'^(success|failure|error|skip): ')
WORD = {'success': 'pass', 'failure': 'fail', 'error': 'fail', 'skip': 'skip'}
CLIENT_CONF = '''[global]
	workgroup = WORKGROUP
	netbios name = TORTURE
	private dir = {0}
	lock directory = {0}
	state directory = {0}
	cache directory = {0}
	client min protocol = SMB2_02
	client max protocol = SMB3_11
	client ipc min protocol = SMB2_02
	client ipc max protocol = SMB3_11
'''
Result = collections.namedtuple('Result', 'outcome seconds why')


class Row:
    def __init__(self, line):
        self.name, self.config, self.expectation, self.reason = (line.rstrip('\n').split('\t') + [''])[:4]
        if self.expectation not in EXPECTATIONS:
            sys.exit('smbtorture.py: %s: no such expectation: %s' % (self.name, self.expectation))

    def words(self):
        return [] if self.config == 'plain' else self.config.split()

    def share(self):
        """The share that is set up for it, or None: any will do."""
        return next((w[6:] for w in self.words() if w.startswith('share=')), None)

    def server(self):
        """The server that is set up for it, or None."""
        return next((w[7:] for w in self.words() if w.startswith('server=')), None)

    def limit(self):
        """Seconds that it may take, or None: what all may take."""
        return next((float(w[6:]) for w in self.words() if w.startswith('limit=')), None)

    def set_up(self, args):
        """Whether the share and the server that it needs are there."""
        return self.share() in [None] + list(args.special) and self.server() == args.server


def read_table(path):
    with open(path) as lines:
        return [Row(line) for line in lines if line.strip() and line != HEAD]


def write_table(path, rows):
    with open(path + '.new', 'w') as out:
        out.write(HEAD)
        for row in rows:
            out.write('%s\t%s\t%s\t%s\n' % (row.name, row.config, row.expectation, row.reason))
    os.replace(path + '.new', path)


def empty(folder):
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path, ignore_errors=True)
            else:
                os.unlink(entry.path)


def settle(folder):
    """Empties it, and puts what stands beside it for that there again, as links."""
    empty(folder)
    seed = folder + '.seed'
    if os.path.isdir(seed):
        shutil.copytree(seed, folder, copy_function=os.link, dirs_exist_ok=True)


def judge(output):
    """The outcome of a run of one test, and the first line that says why."""
    outcome, why, lines = None, '', output.splitlines()
    for at, line in enumerate(lines):
        found = OUTCOME.match(line)
        if not found:
            continue
        word = WORD[found.group(1)]
        if outcome is None or (outcome != 'fail' and word == 'fail'):
            outcome = word
            why = lines[at + 1].strip() if line.endswith('[') and at + 1 < len(lines) else ''
    return outcome, re.sub(r'(\.\./)+', '', why).replace('\t', ' ')


class Runner:
    def __init__(self, args, folder):
        self.args, self.folder = args, folder
        self.conf = os.path.join(folder, 'client.conf')
        with open(self.conf, 'w') as conf:
            conf.write(CLIENT_CONF.format(folder))

    def command(self, row, share, where):
        user, _, password = os.environ['SMB_AUTH'].partition(':')
        if 'user2' in row.words():
            user, _, password = self.args.user2.partition('%')
        cmd = ['smbtorture', '--configfile=' + self.conf, '-p', os.environ['SMB_PORT'], '-U', user + '%' + password,
               '--option=torture:progress=no', '--basedir=' + self.folder]
        if self.args.user2:
            user, _, password = self.args.user2.partition('%')
            cmd += ['--option=torture:user2name=' + user, '--option=torture:user2password=' + password]
        for word in row.words():
            key, _, value = word.partition('=')
            if key == 'target':
                cmd.append('--target=' + value)
            elif key == 'option':
                cmd.append('--option=' + value)
            elif key == 'dangerous':
                cmd.append('--dangerous')
            elif key == 'localdir':
                cmd.append('--option=torture:localdir=' + where)
        return cmd + ['//%s/%s' % (os.environ['SMB_HOST'], share), row.name]

    def one(self, row, share, where):
        settle(where)
        began, late, limit = time.monotonic(), False, row.limit() or self.args.timeout
        with subprocess.Popen(self.command(row, share, where), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, cwd=self.folder, start_new_session=True) as child:
            try:
                raw = child.communicate(timeout=limit)[0]
            except subprocess.TimeoutExpired:
                late = True
                os.killpg(child.pid, signal.SIGKILL)
                raw = child.communicate()[0]
        output = raw.decode('utf-8', 'replace')
        if self.args.logs:
            with open(os.path.join(self.args.logs, re.sub(r'[^\w.-]+', '_', row.name) + '.log'), 'w') as log:
                log.write(output)
        outcome, why = judge(output)
        if late:
            outcome, why = 'fail', 'no end within %g s' % limit
        elif outcome is None:
            tail = [line for line in output.splitlines() if line.strip() and not line.startswith('time: ')]
            outcome, why = 'fail', 'no outcome, status %d: %s' % (child.returncode, tail[-1] if tail else '')
        return Result(outcome, time.monotonic() - began, why)

    def all(self, rows, shares):
        """Runs the rows, one at a time on each share; yields (row, result) as they end."""
        free = collections.defaultdict(queue.SimpleQueue)
        for share in shares:
            free[None].put(share)
        for name, where in self.args.special.items():
            free[name].put((name, where))

        def work(row):
            home = free[row.share() if row.share() in self.args.special else None]
            share = home.get()
            try:
                return row, self.one(row, *share)
            finally:
                home.put(share)

        with concurrent.futures.ThreadPoolExecutor(len(shares)) as pool:
            for done in concurrent.futures.as_completed([pool.submit(work, row) for row in rows]):
                yield done.result()


def choose(args, rows):
    if args.match:
        return [r for r in rows if any(fnmatch.fnmatchcase(r.name, g) for g in args.match)]
    if args.sweep:
        return [r for r in rows if r.expectation in ('later', 'expected-failure') and r.set_up(args)]
    return [r for r in rows if r.expectation == 'green' and r.set_up(args)]


def run(args, rows, shares):
    results = {}
    with tempfile.TemporaryDirectory(prefix='smbtorture.') as folder:
        runner = Runner(args, folder)

        def take(batch, on):
            for row, result in runner.all(batch, on):
                results[row.name] = result
                print('%-4s %7.2f  %s%s' % (result.outcome, result.seconds, row.name,
                                            '  -- ' + result.why if result.why else ''), flush=True)

        take(rows, shares)
        # A green test that failed beside another is tried once more, alone.
        again = [r for r in rows if r.expectation == 'green' and results[r.name].outcome != 'pass']
        if again:
            print('once more, alone: %d' % len(again))
            take(again, shares[:1])
    return results


def promote(args, table, rows, results):
    """Says which tests now pass; with --write turns their rows green."""
    found = [r for r in rows if results[r.name].outcome == 'pass' and r.expectation in ('later', 'expected-failure')]
    for row in found:
        print('promote  %s' % row.name)
        row.expectation, row.reason = 'green', ''
    if args.write and found:
        write_table(TABLES[args.table], table)
    print('%d to promote%s' % (len(found), ', written to the table' if args.write and found else ''))


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--table', choices=sorted(TABLES), default='files', help='which one (default files)')
    parser.add_argument('--sweep', action='store_true', help="run what is not green, to find tests to promote")
    parser.add_argument('--write', action='store_true', help='rewrite the table with the tests to promote')
    parser.add_argument('--match', action='append', metavar='GLOB', help='only tests of that name, whatever expected')
    parser.add_argument('--timeout', type=float, metavar='SECONDS',
                        help='for one test (default 120, in a sweep 45)')
    parser.add_argument('--logs', metavar='DIR', help="keep each test's whole output there")
    parser.add_argument('--share', action='append', required=True, metavar='NAME=DIR',
                        help='a share and its folder, which is emptied; one test at a time on each')
    parser.add_argument('--special', action='append', default=[], metavar='NAME=DIR',
                        help='a share for the tests that need share=NAME, and its folder')
    parser.add_argument('--server', metavar='NAME', help='only tests that need server=NAME: it is set up so')
    parser.add_argument('--user2', metavar='USER%PASSWORD', help='a second account')
    args = parser.parse_args()
    args.special = dict(s.split('=', 1) for s in args.special)
    args.timeout = args.timeout or (45 if args.sweep else 120)
    return args


def main():
    args = parse()
    table = read_table(TABLES[args.table])
    rows = choose(args, table)
    shares = [tuple(s.split('=', 1)) for s in args.share]
    if args.logs:
        os.makedirs(args.logs, exist_ok=True)
    results = run(args, rows, shares) if rows else {}
    missing = [r for r in table if r.expectation == 'green' and not r.set_up(args)]
    for row in [] if args.match or args.sweep or args.server else missing:
        if not row.server():
            print('skip: %s: needs share %s' % (row.name, row.share()))
    if args.sweep or args.write:
        promote(args, table, rows, results)
    failed = [r.name for r in rows if r.expectation == 'green' and results[r.name].outcome != 'pass']
    count = collections.Counter(r.outcome for r in results.values())
    for name in failed:
        print('FAIL %s: %s' % (name, results[name].why))
    if not args.sweep and not args.match and len(results) == 0:
        print('no test is green')
        return 1
    if args.sweep or args.match:
        print('%d passed, %d failed, %d skipped' % (count['pass'], count['fail'], count['skip']))
    else:
        print('%d passed, %d failed' % (len(rows) - len(failed), len(failed)))
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
