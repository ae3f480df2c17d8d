"""Reads together.h5 as a single process, and says what is in it."""
import h5py

with h5py.File("together.h5", "r") as file:
    numbers = file["numbers"][:]
count = numbers.size
in_order = (numbers.ravel() == range(count)).all()
print(f"together.h5: {count} numbers, {'0 and on without a gap' if in_order else 'not as they were written'}")
