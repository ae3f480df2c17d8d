# The manual pages and completions that the build made: in MPI_PODMAN_PAGES. Nothing is lacking, and shells take them.

setup_file() { cd "$MPI_PODMAN_PAGES" || exit; }

options() { # as --help has them
    "$MPI_PODMAN_BINARY" --help | grep -o '^  -[^ ].*' | grep -o -- '--[a-z-]*'
}

# reply WORD...: what bash completes the last word to, sorted; "mpi-podman" is the first. '=' is a word of its own.
reply() {
    bash -c '
        podman() { printf "localhost/ring:latest\nlocalhost/matrix:latest\n"; }
        compopt() { :; }
        source mpi-podman.bash
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        _mpi_podman
        printf "%s\n" "${COMPREPLY[@]}"' bash "$@" | sort | xargs
}

expect_reply() { # expect_reply WORDS WORD...
    local expected=$1 found
    shift
    found=$(reply "$@")
    [[ $found == "$expected" ]] || { echo "after: $*; expected: $expected; found: $found" >&2; return 1; }
}

@test "every option is in each page and completion" {
    local option page
    [[ $(options | wc -l) -gt 25 ]]
    for option in $(options); do
        for page in mpi-podman.1 mpi-podman.bash _mpi-podman; do
            sed 's/\\-/-/g' "$page" | grep -q -- "$option\b" || { echo "$page lacks $option" >&2; false; }
        done
        grep -q -- "-l ${option#--} " mpi-podman.fish || { echo "fish lacks $option" >&2; false; }
    done
}

@test "every option that --config prints is a key of mpi-podman.conf(5), with its variable" {
    local key variable
    for key in $("$MPI_PODMAN_BINARY" --config | sed -n 's/^\(# \)\?\([a-z-]*\) =.*/\2/p'); do
        sed 's/\\-/-/g; s/\\f.//g' mpi-podman.conf.5 | grep -q "^$key = " || { echo "no key $key" >&2; false; }
        variable=MPI_PODMAN_$(tr 'a-z-' 'A-Z_' <<<"$key")
        grep -q "$variable" mpi-podman.conf.5 || { echo "no $variable" >&2; false; }
    done
}

@test "man takes the pages without a warning" {
    local page
    for page in mpi-podman.1 mpi-podman.conf.5; do
        [[ -z $(groff -man -ww -z "$page" 2>&1) ]]
        groff -man -Tutf8 "$page" | grep -q 'mpi-podman'
    done
}

@test "shells take the completions" {
    bash -n mpi-podman.bash
    zsh -n _mpi-podman
    fish --no-execute mpi-podman.fish
}

@test "bash completes options, their words and names of images" {
    expect_reply '--per-rank --pid --pmi --podman --podman-arg --profile --pull' mpi-podman --p
    expect_reply 'never newer' mpi-podman --pull n
    expect_reply 'never newer' mpi-podman --pull = n
    expect_reply 'always missing never newer' mpi-podman --pull =
    expect_reply 'localhost/matrix:latest localhost/ring:latest' mpi-podman local
    expect_reply 'localhost/ring:latest' mpi-podman --pull = never --no-cwd -v /a:/b localhost/r
    expect_reply '' mpi-podman localhost/ring --p
    expect_reply '' mpi-podman --volume /a:/b localhost/ring loc
}
