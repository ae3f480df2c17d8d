"""All ranks write one HDF5 file at the same time, each its own rows, and read back the rows of another rank."""
import sys

import h5py
import numpy
from mpi4py import MPI

FILE = "together.h5"
ROWS, COLUMNS = 1000, 100  # of each rank


def rows_of(rank):
    return slice(rank * ROWS, (rank + 1) * ROWS)


def numbers_of(rank):
    """Every number of the file is another one."""
    first = rank * ROWS * COLUMNS
    return numpy.arange(first, first + ROWS * COLUMNS, dtype="int64").reshape(ROWS, COLUMNS)


def write(world):
    with h5py.File(FILE, "w", driver="mpio", comm=world) as file:
        table = file.create_dataset("numbers", (world.size * ROWS, COLUMNS), dtype="int64")
        with table.collective:
            table[rows_of(world.rank), :] = numbers_of(world.rank)


def wrong_numbers(world):
    """How many of the next rank's are not as that rank wrote them."""
    other = (world.rank + 1) % world.size
    with h5py.File(FILE, "r", driver="mpio", comm=world) as file:
        return int((file["numbers"][rows_of(other), :] != numbers_of(other)).sum())


def main():
    world = MPI.COMM_WORLD
    write(world)
    wrong = world.allreduce(wrong_numbers(world))
    if world.rank == 0:
        print(f"{FILE}: {world.size * ROWS * COLUMNS} numbers by {world.size} ranks, {wrong} of them wrong")
    sys.exit(wrong != 0)


main()
