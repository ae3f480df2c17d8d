# --report: a page, or JSON, of what each rank did and was given. The pages are opened in a browser without a network.

load lib

dir=/home/mpi/reports

setup() { as node1 mkdir -p "$dir"; }

teardown() {
    as node1 rm -rf "$dir"
    expect_nothing_left
}

# asked_of FILE PYTHON: what an expression of `ranks` says; the janitor writes when the ranks have gone.
asked_of() {
    as node1 cat "$1" | python3 -c "
import json, re, sys
text = sys.stdin.read()
found = re.search(r'<script type=\"application/json\" id=\"ranks\">\n(.*?)</script>', text, re.S)
ranks = json.loads(found.group(1) if found else text)['ranks']
print($2)"
}

told() { [[ $(asked_of "$@" 2>/dev/null) == "$expected" ]]; }

expect_told() { # expect_told FILE PYTHON EXPECTED
    expected=$3
    wait_until 10 told "$1" "$2" || equal "$(asked_of "$1" "$2")" "$3" "$2"
}

# What a browser makes of a page: asked_in_browser FILE SCRIPT, whose last expression becomes the title.
asked_in_browser() {
    local page=$BATS_TEST_TMPDIR/page.html
    { as node1 cat "$1"; printf '<script>document.title = String(%s)</script>' "$2"; } >"$page"
    timeout 60 chromium --headless --no-sandbox --disable-gpu --host-resolver-rules='MAP * ~NOTFOUND' \
        --user-data-dir="$BATS_TEST_TMPDIR/browser" --window-size="${3:-1280},900" --dump-dom "file://$page" 2>/dev/null |
        sed -n '/<title>/{s/.*<title>\(.*\)<\/title>.*/\1/p;q}'
}

@test "a page of 8 ranks on 2 nodes: who, where, when, how it ended, what it took" {
    run_job --oversubscribe -np 8 mpi-podman --report "$dir/job.html" "$image" ring
    expect_healthy
    expect_ring 8 node1=4 node2=4
    expect_told "$dir/job.html" 'len(ranks), sorted(r["rank"] for r in ranks) == list(range(8))' '8 True'
    expect_told "$dir/job.html" '{r["node"] for r in ranks} == {"node1", "node2"}, {(r["ending"]["status"], r["ending"]["signal"]) for r in ranks}' \
        'True {(0, 0)}'
    # Each moment after the one before; who starts the container is one on each node.
    expect_told "$dir/job.html" 'all(list(m.values()) == sorted(m.values()) for m in [
        {k: r["moments"][k] for k in ("started", "inside", "executed", "connected", "ended")} for r in ranks])' True
    expect_told "$dir/job.html" 'sorted(r["node"] for r in ranks if "asked_podman" in r["moments"])' "['node1', 'node2']"
    expect_told "$dir/job.html" 'all(1000 < r["usage"]["peak_kb"] < 1000000 for r in ranks)' True
    expect_told "$dir/job.html" 'all(["PATH", "the image has its own programs"] in r["variables"]["kept_out"] for r in ranks)' True
    expect_told "$dir/job.html" 'all(["/home/mpi", "the current directory"] in r["mounts"] for r in ranks)' True
}

@test "the page in a browser: no network, no script of its own, nothing beyond its edges" {
    run_job --oversubscribe -np 8 mpi-podman --report "$dir/job.html" "$image" ring
    expect_told "$dir/job.html" 'sum("ending" in r for r in ranks)' 8
    equal "$(asked_in_browser "$dir/job.html" 'document.querySelectorAll("svg").length >= 1')" true 'a picture'
    equal "$(asked_in_browser "$dir/job.html" '[...document.querySelectorAll("svg:last-of-type rect")].length >= 24')" true 'phases'
    equal "$(asked_in_browser "$dir/job.html" '[...document.querySelectorAll("[src],link,script:not([type=\"application/json\"])")]
        .filter(e => e !== document.currentScript).length')" 0 'what it would load'
    local width
    for width in 1280 500; do
        equal "$(asked_in_browser "$dir/job.html" 'document.documentElement.scrollWidth <= innerWidth' "$width")" true "width $width"
    done
    equal "$(asked_in_browser "$dir/job.html" '[...document.querySelectorAll("svg")].every(svg => [...svg.querySelectorAll("rect")].every(
        bar => { const a = svg.getBoundingClientRect(), b = bar.getBoundingClientRect(); return b.left >= a.left && b.right <= a.right + 1
            && b.bottom <= a.bottom; }))')" true 'each bar in its picture'
}

@test "as JSON, with --per-rank and over a bridge too; of the next job in the same file nothing of the last" {
    run_here -np 2 mpi-podman --per-rank --report "$dir/job.json" "$image" ring
    expect_healthy
    expect_told "$dir/job.json" '[(r["container"], r["ending"]["status"], "usage" in r) for r in ranks]' \
        "[('its own', 0, False), ('its own', 0, False)]"
    run_as node1 mpiexec.hydra -np 3 mpi-podman --report "$dir/job.json" "$image" ring
    expect_healthy
    expect_told "$dir/job.json" 'len(ranks), "pmix-server" in ranks[2]["pmi"]' '3 True'
}

@test "ranks that fail, are killed with their mpi-podman, or never ran" {
    run_here -np 2 mpi-podman --report "$dir/job.json" "$image" sh -c 'ring >/dev/null; exit "$OMPI_COMM_WORLD_RANK"'
    expect_status 1
    expect_told "$dir/job.json" '[r["ending"]["status"] for r in ranks]' '[0, 1]'
    run_as node1 mpi-podman --report "$dir/job.json" "$image" sh -c 'kill -SEGV $$'
    expect_told "$dir/job.json" '[r["ending"]["signal"] for r in ranks]' '[11]'
    run_as node1 mpi-podman --report "$dir/job.json" "$image" no-such-program
    expect_told "$dir/job.json" '["no-such-program was not found" in r["error"] for r in ranks]' '[True]'
    start_as node1 mpi-podman --report "$dir/job.json" "$image" sleep 60
    wait_until 10 on node1 pgrep -xf 'sleep 60'
    on node1 pkill -KILL -xf "mpi-podman --report $dir/job.json $image sleep 60"
    finish
    expect_told "$dir/job.json" '["ending" in r for r in ranks]' '[False]'
}

@test "a file that cannot be written, or is something else, is refused before the job starts" {
    run_here -np 2 mpi-podman --report /nowhere/job.html "$image" ring
    expect_refusal 125 'cannot write --report /nowhere/job.html: No such file or directory'
    as node1 sh -c "echo precious >$dir/notes.html"
    run_here -np 2 mpi-podman --report "$dir/notes.html" "$image" ring
    expect_refusal 125 "--report $dir/notes.html is there, and no report of mpi-podman's"
    equal "$(as node1 cat "$dir/notes.html")" precious
    run_as node1 mpi-podman --report job.txt "$image" ring
    expect_refusal 2 '--report job.txt: in which form.*[.]html.*[.]json'
}
