# SPDX-License-Identifier: Apache-2.0
# capture_watch.py: what crosses the loopback interface of this network namespace: TCP payload, put
# together by stream, until standard input ends; then says which of the words came across.
#   usage: capture_watch.py WORD...      prints "ready", at the end the words found and the bytes seen
import select
import socket
import struct
import sys

ETH_P_IP = 0x0800
ETHERNET = 14


def payload(frame):
    """(stream, sequence number, bytes) of a TCP segment, or None."""
    head = ETHERNET + (frame[ETHERNET] & 15) * 4
    if frame[ETHERNET + 9] != socket.IPPROTO_TCP or len(frame) < head + 20:
        return None
    total, = struct.unpack_from('>H', frame, ETHERNET + 2)
    ports, seq = frame[head:head + 4], struct.unpack_from('>I', frame, head + 4)[0]
    # Offloading leaves 0 in the length of what is larger than a packet can be.
    end = ETHERNET + total if total else len(frame)
    return ports, seq, frame[head + (frame[head + 12] >> 4) * 4:end]


def capture():
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_IP))
    sock.setsockopt(socket.SOL_SOCKET, 33, 512 << 20)  # SO_RCVBUFFORCE
    sock.bind(('lo', 0))
    streams, room = {}, bytearray(1 << 17)
    print('ready', flush=True)
    while True:
        ready, _, _ = select.select([sock, sys.stdin], [], [])
        if sock in ready:
            n = sock.recv_into(room)
            segment = payload(bytes(memoryview(room)[:n]))
            if segment and segment[2]:
                streams.setdefault(segment[0], {})[segment[1]] = segment[2]
        elif not sys.stdin.readline():
            break
    _, lost = struct.unpack('II', sock.getsockopt(263, 6, 8))  # PACKET_STATISTICS
    return streams, lost


def joined(segments):
    """The stream from its first segment on; a sequence number may come round."""
    first = next(iter(segments))
    return b''.join(data for _, data in sorted(segments.items(), key=lambda s: (s[0] - first) % 2**32))


def main():
    streams, lost = capture()
    if lost:
        sys.exit(f'{lost} packets were lost')
    everything = [joined(s) for s in streams.values()]
    folded = [s.lower() for s in everything]
    for word in sys.argv[1:]:
        for code in ('utf-8', 'utf-16-le'):
            if any(word.lower().encode(code) in s for s in folded):
                print('found', word, code)
    print('bytes', sum(map(len, everything)))


main()
