# SPDX-License-Identifier: Apache-2.0
"""audit_lines.py FILE KEY=VALUE...: how many lines have all of these; KEY~REGEX: that match.

Each line must be one JSON object with a time, in order, and an event; else it ends with status 1.
"""
import json
import re
import sys

TIME = re.compile(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$')


def fits(event, wanted):
    for want in wanted:
        key, how, value = re.match(r'(\w+)([=~])(.*)$', want, re.S).groups()
        if key not in event:
            return False
        found = str(event[key])
        if not (found == value if how == '=' else re.search(value, found)):
            return False
    return True


def main():
    count = 0
    try:
        with open(sys.argv[1], encoding='utf-8', newline='\n') as f:
            lines = f.readlines()
    except FileNotFoundError:
        lines = []
    for line in lines:
        event = json.loads(line)
        if not TIME.match(event['time']) or not event['event']:
            raise ValueError(line)
        count += fits(event, sys.argv[2:])
    print(count)


main()
