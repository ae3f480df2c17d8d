# What an image can try against the host's side of a job, before and beside its ranks: to take the agent's place, to get
# at the program that starts its ranks, to have host processes load what is its own, to forge what mpi-podman says.

load lib

work=/home/mpi/work # the current directory of jobs here, and all they see of the host

setup() { as node1 mkdir -p "$work"; }

teardown() {
    as node1 rm -rf "$work"
    expect_nothing_left
}

teardown_file() { remove_images; }

setup_file() {
    need_lab
    as node1 sh -c 'cd /home/mpi; rm -rf roots; mkdir roots; cd roots
        gcc -O1 -Wall -Wextra -static -o place /src/tests/e2e/programs/place.c
        gcc -O1 -Wall -Wextra -static -o impostor /src/tests/e2e/programs/impostor.c'
    root_with_impostor file 'mkdir run; cp impostor run/podman-init; cp impostor run/mpi-podman-agent'
    root_with_impostor link 'mkdir run; ln -s /impostor run/podman-init; ln -s /impostor run/mpi-podman-agent'
    root_with_impostor dangling 'mkdir run; ln -s /nowhere/a run/podman-init; ln -s /nowhere/b run/mpi-podman-agent'
    root_with_impostor run-is-a-link 'mkdir other; ln -s /other run; cp impostor other/podman-init; cp impostor other/mpi-podman-agent'
    root_with_impostor run-leads-out 'ln -s ../../../home/mpi/work run'
    root_with_impostor volume 'mkdir run; cp impostor run/podman-init' \
        --change 'VOLUME /run/podman-init' --change 'VOLUME /run/mpi-podman-agent' --change 'ENTRYPOINT ["/impostor"]'
    root_with_impostor volume-above 'mkdir run; cp impostor run/podman-init' --change 'VOLUME /run'
    as node1 rm -r roots
}

# root_with_impostor NAME COMMAND [OPTION...]: an image with /place and /impostor, and what the command does in it.
root_with_impostor() {
    as node1 sh -c 'cd roots; mkdir "$1"; cp place impostor "$1"; cd "$1"; eval "$2"; tar -cf - . >../root.tar' sh "$1" "$2"
    as node1 podman import --quiet "${@:3}" roots/root.tar "$test_images/$1" >/dev/null
}

# ---- In the agent's place ----

# Where the image's own would run, the file `taken` says so; the job is whole or refused in one line.
keeps_its_place() { # keeps_its_place IMAGE OPTION...
    local image=$1
    shift
    run_as --cwd "$work" node1 mpirun --host node1:1 -np 1 mpi-podman --entrypoint= "$@" "$test_images/$image" /place
    if [[ $status == 0 ]]; then
        expect_healthy
        expect_output 'rank 0 of 1'
    else
        expect_refusal "$status" .
        [[ $status == 125 || $status == 127 ]] || report 'expected a refusal'
        expect_output ''
    fi
    equal "$(as node1 ls -A "$work")" '' 'what the image did'
}

@test "the image's own file, link or volume is never the agent" {
    local image
    for image in file link dangling run-is-a-link run-leads-out volume volume-above; do keeps_its_place "$image"; done
}

@test "the image's own file, link or volume is never the agent: --pid=host" {
    local image
    for image in link volume; do keeps_its_place "$image" --pid=host; done
}

@test "the agent's program is there to be read alone, also for who may open it by way of its process" {
    run_as --cwd "$work" node1 mpi-podman "$image" sh -c 'for file in /run/podman-init /proc/1/exe; do
        (: >>"$file") 2>/dev/null && echo "$file is written"; rm -f "$file" 2>/dev/null && echo "$file is removed"; done; true'
    expect_healthy
    expect_output ''
    run_as --cwd "$work" node1 mpi-podman "$image" sh -c 'cut -d " " -f 5,6 /proc/self/mountinfo | grep -c "^/run/podman-init ro,"'
    expect_output 1
}

# ---- The program that starts the rank ----

# Of a user's own installation, which the user's rank may write to: CVE-2019-5736 has the way.
@test "no program of the host is executed in a container by the name of /proc/self/exe" {
    local own=/home/mpi/own before
    build_image self <<<$'FROM localhost/mpi-podman/ring\nENTRYPOINT ["/proc/self/exe"]'
    as node1 cp -r /usr/local "$own"
    before=$(as node1 sha256sum "$own/bin/mpi-podman")
    run_as --cwd "$work" node1 "$own/bin/mpi-podman" "$test_images/self" --version
    [[ $stderr$output == 'mpi-podman: the agent is started by mpi-podman' ]] || report 'expected the agent, of which there is a read-only mount'
    expect_status 2
    # In a script, which the kernel hands to it; and by a link.
    as node1 sh -c 'cd "$1"; printf "#!/proc/self/exe --version\n" >script; chmod +x script; ln -s /proc/self/exe link' sh "$work"
    for name in ./script ./link; do
        run_as --cwd "$work" node1 "$own/bin/mpi-podman" "$image" "$name" --version
        [[ $stderr$output == *'the agent is started by'* ]] || report "expected $name to be the agent"
    done
    # What runs so can be opened by other processes of the image, but not to be written.
    run_as --cwd "$work" node1 "$own/bin/mpi-podman" "$image" sh -c 'ring & for i in 1 2 3; do
        for exe in /proc/[0-9]*/exe; do case $(readlink "$exe") in */mpi-podman | */agent) (: >>"$exe") && echo "wrote $exe"; esac; done; done 2>/dev/null; wait'
    [[ $output != *wrote* ]] || report 'expected nothing of ours to be written'
    equal "$(as node1 sha256sum "$own/bin/mpi-podman")" "$before"
    # It starts ranks as the other does: what it says of those that cannot be, their words and their status.
    run_as --cwd "$work" node1 "$own/bin/mpi-podman" "$image" sh -c 'echo "$0 $1"; exit 7' 'a b' c
    expect_status 7
    expect_output 'a b c'
    run_as --cwd "$work" node1 "$own/bin/mpi-podman" "$image" ./nothing
    expect_refusal 127 './nothing was not found'
    run_as --cwd "$work" node1 "$own/bin/mpi-podman" "$image" /etc/passwd
    expect_refusal 126 '/etc/passwd cannot be executed .*Permission denied'
    as node1 rm -rf "$own"
}

# As WORKDIR of an image might name them: CVE-2024-21626. In a container that stays, for the sake of time.
@test "no directory of the host is entered by the name of a file that mpi-podman has open" {
    local fd
    for fd in {3..9}; do
        run_as --cwd "$work" node1 mpi-podman --linger 60 --no-cwd -w "/proc/self/fd/$fd" "$image" sh -c 'ls -a . ..'
        expect_refusal 126 "cannot change to the working directory /proc/self/fd/$fd"
        expect_output ''
    done
    for fd in cwd root; do
        run_as --cwd "$work" node1 mpi-podman --linger 60 --no-cwd -w "/proc/self/$fd" "$image" test -e usr/local/bin/ring
        expect_healthy
    done
    as node1 mpi-podman --stop
}

# ---- What processes load ----

@test "variables of the image do nothing to processes of the host" {
    # The same path in the container and on the host: whoever heeds the variable finds the library.
    as node1 gcc -O1 -Wall -Wextra -shared -fPIC -DAS_LIBRARY -o "$work/evil.so" /src/tests/e2e/programs/impostor.c
    build_image preloads <<END
FROM $image
ENV LD_PRELOAD=$work/evil.so LD_LIBRARY_PATH=$work TRACE=$work/loaded
ENV PATH=$work:/usr/local/bin:/usr/bin:/bin HOME=$work TMPDIR=$work XDG_RUNTIME_DIR=$work CONTAINERS_CONF=$work/containers.conf
END
    local mode
    for mode in '' --per-rank; do
        # shellcheck disable=SC2086  # an option or none
        run_as --cwd "$work" node1 mpirun --host node1:2 -np 2 mpi-podman $mode "$test_images/preloads" true
        expect_healthy
    done
    [[ -n $(as node1 cat "$work/loaded") ]] || fail 'the library is loaded by nobody: this test could not fail'
    equal "$(as node1 cut -d' ' -f2 "$work/loaded" | sort -u | xargs -n1 basename)" true 'programs that have loaded it'
}

# ---- What is said ----

expect_tame() { # expect_tame: no byte that a terminal would obey, and no line of ours that is not ours
    ! grep -aqP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]' <<<"$output$stderr" || report 'expected nothing that a terminal obeys'
    ! grep -q '^mpi-podman: forged' <<<"$output"$'\n'"$stderr" || report 'expected no forged line'
}

@test "names in an image, and of it, cannot steer a terminal or forge a line: in errors" {
    # shellcheck disable=SC2016  # JSON's escapes
    build_image colours <<<'FROM localhost/mpi-podman/ring
LABEL name="\u001b[31mred"
WORKDIR /opt
ENTRYPOINT ["/no\u001b[2J\u0007such\nmpi-podman: forged\u009b31m"]'
    run_as --cwd "$work" node1 mpi-podman "$test_images/colours"
    expect_refusal 127 '/no\?\[2J\?such\?mpi-podman: forged\?31m was not found'
    expect_tame
    run_as --cwd "$work" node1 mpi-podman --per-rank "$test_images/colours"
    expect_status 127
    expect_tame
    run_as --cwd "$work" node1 mpi-podman $'evil\e[2J\nmpi-podman: forged' true
    expect_status 125
    expect_tame
    run_as --cwd "$work" node1 mpi-podman "$image" $'./\e]0;title\a\nmpi-podman: forged'
    expect_status 127
    expect_tame
}

# A program that needs a library of such a name.
strange_program() {
    as node1 bash -c 'cd "$1"; echo "int x(void) { return 0; }" >x.c; echo "int x(void); int main(void) { return x(); }" >y.c
        gcc -shared -fPIC -Wl,-soname,"$2" -o libx.so x.c; gcc -o strange y.c ./libx.so; rm libx.so' bash "$work" "$1"
}

@test "names in an image, and of it, cannot steer a terminal or forge a line: in the pages" {
    strange_program $'libx\e[2J\nmpi-podman: forged.so'
    run_as --cwd "$work" node1 mpi-podman --check "$image" ./strange
    expect_status 1
    expect_tame
    [[ $output == *'libx?[2J?mpi-podman: forged.so'* ]] || report 'expected the library to be named'
    run_as --cwd "$work" node1 mpi-podman --check "$image" $'./strange\e[2J\nmpi-podman: forged'
    expect_tame
    # And where a rank has ended because of it: the loader's own words are the rank's.
    run_as --cwd "$work" node1 mpi-podman "$image" ./strange
    expect_status 127
    stderr=$(grep '^mpi-podman: node1: ' <<<"$stderr")
    expect_tame
    expect_words 'libx?[2J?mpi-podman: forged.so'
    run_as --cwd "$work" node1 mpi-podman --dry-run "$image" $'./strange\e[2J'
    expect_tame
    run_as --cwd "$work" node1 mpi-podman --config -e $'X=\e[2J' "$image"
    expect_tame
}

@test "names in an image, and of it, cannot steer a terminal: in the log" {
    run_as --cwd "$work" node1 mpi-podman --log-level=debug --per-rank -e $'X=\e[2J' "$image" $'./strange\e[2J'
    expect_status 127
    expect_tame
}

@test "no markup of an image comes into a report's page" {
    run_as --cwd "$work" node1 mpi-podman --report "$work/page.html" "$image" sh -c ': "</title></script><script>alert(1)</script>"'
    expect_healthy
    wait_until 10 on node1 grep -q '</html>' "$work/page.html"
    equal "$(as node1 grep -c '<script>' "$work/page.html" || true)" 0 'scripts in the page'
}
