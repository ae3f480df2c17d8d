"""Megabytes per second from rank 0 to rank 1, for messages of 8 bytes to 4 megabytes.

Rank 0 has 64 messages under way at a time, as OSU's osu_bw has; rank 1 answers when it has got all of them. What came
is compared with what was sent, outside of the time.
"""
import sys

from mpi4py import MPI

WINDOW = 64
SIZES = [2**power for power in range(3, 23)]
BYTES = 64 * 2**20  # to be sent of each size; of the small ones fewer
LONGEST = 50  # rounds
UNTIMED = 1  # round before the clock runs


def pattern(size):
    return bytes(range(251)) * (size // 251 + 1)


def rounds(size):
    return max(1, min(LONGEST, BYTES // (size * WINDOW)))


def send(world, message, times):
    for _ in range(times):
        MPI.Request.Waitall([world.Isend([message, MPI.BYTE], dest=1) for _ in range(WINDOW)])
        world.recv(source=1)


def receive(world, buffers, times):
    for _ in range(times):
        MPI.Request.Waitall([world.Irecv([buffer, MPI.BYTE], source=0) for buffer in buffers])
        world.send(None, dest=0)


def measure(world, size):
    """MB/s at rank 0; rank 1 ends the job where a byte is wrong."""
    times = rounds(size)
    message = bytearray(pattern(size)[:size])
    if world.rank == 0:
        send(world, message, UNTIMED)
        start = MPI.Wtime()
        send(world, message, times)
        return size * WINDOW * times / (MPI.Wtime() - start) / 1e6
    buffers = [bytearray(size) for _ in range(WINDOW)]
    receive(world, buffers, UNTIMED + times)
    if any(buffer != message for buffer in buffers):
        print(f"messages of {size} bytes came changed", file=sys.stderr)
        world.Abort(1)
    return None


def main():
    world = MPI.COMM_WORLD
    if world.size != 2:
        sys.exit(f"this takes two ranks, not {world.size}: mpirun -np 2")
    if world.rank == 0:
        print(f"{'bytes':>10}{'MB/s':>12}", flush=True)
    for size in SIZES:
        speed = measure(world, size)
        if world.rank == 0:
            print(f"{size:>10}{speed:>12.2f}", flush=True)


main()
