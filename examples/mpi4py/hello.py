"""Every rank says where it runs; rank 0 adds up what the others send and ends the list."""
from mpi4py import MPI

world = MPI.COMM_WORLD
places = world.gather((world.rank, MPI.Get_processor_name()))
total = world.allreduce(world.rank)

if world.rank == 0:
    for rank, node in places:
        print(f"rank {rank} of {world.size} on {node}")
    print(f"the ranks add up to {total}")
