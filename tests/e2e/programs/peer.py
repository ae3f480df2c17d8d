"""A peer that means it ill: peer.py SOCKET HOW. It is the job's own user, whom the sockets of a job let in."""
import array
import os
import random
import socket
import struct
import sys
import time

MAGIC, HELLO = 0x4D504431, 1


def connected(path):
    peer = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    peer.connect(path)
    return peer


def say(peer, data, fds=()):
    """The other end may have hung up, which is what it should do."""
    try:
        peer.sendmsg([data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else [])
    except (BrokenPipeError, ConnectionResetError):
        pass


def garbage(path):
    numbers = random.Random(7)
    for size in (1, 7, 15, 16, 17, 4096, 60000):
        for _ in range(5):
            say(connected(path), numbers.randbytes(size))


def half_frames(path):
    frame = struct.pack("<4I", MAGIC, 3, HELLO, 0)
    for size in range(1, len(frame)):
        say(connected(path), frame[:size])


def other_versions(path):
    for version in (0, 1, 2, 2**32 - 1):
        peer = connected(path)
        say(peer, struct.pack("<4I", MAGIC, version, HELLO, 0))
        peer.settimeout(10)
        peer.recv(4096)  # a word that says so, or the end


def descriptors(path):
    null = os.open("/dev/null", os.O_RDONLY)
    for data in (b"", b"x", struct.pack("<4I", MAGIC, 3, HELLO, 0)):
        for _ in range(50):
            peer = connected(path)
            say(peer, data, [null] * 100)


def flood(path):
    """Many that connect, say nothing and stay, until the file `end` is there."""
    peers = [connected(path) for _ in range(500)]
    open("flooded", "w").close()
    while not os.path.exists("end"):
        time.sleep(0.05)
    del peers


if __name__ == "__main__":
    globals()[sys.argv[2]](sys.argv[1])
