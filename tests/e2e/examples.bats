# The examples, as their READMEs have them: their commands are run, and print what is shown there (tests/docs). Their
# images were built by `podman build` of their Containerfiles (tests/images/build).

load lib
load slurm

# as_written NAME: each block of examples/NAME/README.md is right, and the image is made by the command that it begins with.
as_written() {
    local page=examples/$1/README.md
    grep -q "^    podman build -t localhost/mpi-podman/$1 examples/$1\$" "$repo/$page" || fail "$page does not build its image"
    runs_as_written "$page"
}

runs_as_written() { /usr/bin/python3 -BEs "$repo/tests/docs/run.py" "$@"; }

# native_libraries DIR PROGRAM: links in DIR/lib to those of the unpacked DIR that PROGRAM needs and the node has not. So it
# runs with the node's own C library and MPI.
native_libraries() {
    as node1 bash -c 'mkdir -p "$1/lib" && export LD_LIBRARY_PATH=$1/lib
        while missing=$(ldd "$2" | sed -n "s/^\t\(.*\) => not found/\1/p") && [[ -n $missing ]]; do
            for name in $missing; do ln -s "$(find "$1/usr/lib" -name "$name" | head -n 1)" "$1/lib/$name" || exit; done
        done' bash "$@"
}

@test "mpi4py" { as_written mpi4py; }

@test "mpi4py: the table of bandwidth.py has a row for each size, and numbers in it" {
    run_as --cwd /home/mpi/checkout/examples/mpi4py node1 mpirun -np 2 --host node1:2 \
        mpi-podman localhost/mpi-podman/mpi4py python3 bandwidth.py
    expect_healthy
    equal "$(awk 'NR > 1 && $2 > 0 { print $1 }' <<<"$output" | xargs)" \
        "$(for ((size = 8; size <= 4194304; size *= 2)); do echo "$size"; done | xargs)" 'sizes with a bandwidth'
    run_as --cwd /home/mpi/checkout/examples/mpi4py node1 mpi-podman localhost/mpi-podman/mpi4py python3 bandwidth.py
    expect_status 1
    expect_words 'this takes two ranks, not 1'
}

@test "hdf5" { as_written hdf5; }

@test "hdf5: a wrong number is found" {
    as node1 mkdir -p spoiled
    as node1 cp checkout/examples/hdf5/together.py spoiled/
    as node1 sed -i 's/^    wrong = /    if world.rank == 0: h5py.File(FILE, "r+", driver="mpio", comm=MPI.COMM_SELF)["numbers"][5, 5] = 1\n&/' \
        spoiled/together.py
    run_as --cwd /home/mpi/spoiled node1 mpirun -np 1 mpi-podman localhost/mpi-podman/hdf5 python3 together.py
    as node1 rm -r spoiled
    expect_status 1
    expect_output 'together.h5: 100000 numbers by 1 ranks, 1 of them wrong'
}

@test "fortran" { as_written fortran; }

@test "hybrid" { as_written hybrid; }

@test "hybrid: threads have the same cores natively" {
    local native bind=(env OMP_NUM_THREADS=2 mpirun -np 1 --map-by slot:pe=2 --bind-to core)
    as node1 mpicc -O2 -fopenmp -o binding /src/examples/hybrid/binding.c
    for bound in false close; do
        run_as node1 env OMP_PROC_BIND=$bound OMP_PLACES=cores "${bind[@]}" ./binding
        expect_healthy
        native=$output
        run_as node1 env OMP_PROC_BIND=$bound OMP_PLACES=cores "${bind[@]}" mpi-podman localhost/mpi-podman/hybrid binding
        expect_healthy
        expect_output "$native"
    done
    as node1 rm binding
}

@test "slurm" { runs_as_written examples/slurm/README.md; }

@test "lammps" { as_written lammps; }

@test "lammps: energies are those of Debian's LAMMPS without a container, to the last digit" {
    local thermo='$1 ~ /^[0-9]+$/ && NF == 6' native
    as node1 bash -c 'mkdir native && id=$(podman create localhost/mpi-podman/lammps) &&
        podman export "$id" | tar -C native -x usr/bin usr/lib; status=$?; podman rm "$id" >/dev/null; exit $status'
    native_libraries /home/mpi/native /home/mpi/native/usr/bin/lmp
    run_as node1 env LD_LIBRARY_PATH=/home/mpi/native/lib mpirun -np 2 --host node1:2 -x LD_LIBRARY_PATH \
        native/usr/bin/lmp -in checkout/examples/lammps/melt.in
    expect_status 0
    native=$(awk "$thermo" <<<"$output")
    equal "$(wc -l <<<"$native")" 6 'steps'
    run_as --cwd /home/mpi/checkout node1 mpirun -np 2 --host node1:2 \
        mpi-podman localhost/mpi-podman/lammps lmp -in examples/lammps/melt.in
    as node1 rm -r native
    expect_healthy
    equal "$(awk "$thermo" <<<"$output")" "$native" 'energies'
}
