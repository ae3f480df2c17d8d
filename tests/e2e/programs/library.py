"""As library.c: every rank says which MPI it runs with, and rank 0 which files of MPI's the process has mapped."""
import re

from mpi4py import MPI

world = MPI.COMM_WORLD
version = re.split(r"[,\n]", MPI.Get_library_version())[0]
total = world.allreduce(world.rank)
print(f"rank {world.rank} of {world.size}: {version}, sum {total}")
if world.rank == 0:
    with open("/proc/self/maps", encoding="utf-8") as maps:
        for path in sorted({line.split(maxsplit=5)[5].strip() for line in maps if re.search(r"/libmpi(ch)?\.so", line)}):
            print(f"mapped {path}")
