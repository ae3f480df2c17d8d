"""The images that are predicted about: what Debian makes, and what people make of that."""
from dataclasses import dataclass

PREFIX = "localhost/mpi-podman"
BUILT = "localhost/mpi-podman-test"  # as the end-to-end tests call what they build, and remove
LIBRARIES = "/usr/lib/x86_64-linux-gnu"

# Nothing but a C library, of the release, /tmp, and a program that was linked with Open MPI.
WITHOUT_MPI = """
FROM {prefix}/matrix-openmpi-{release} AS whole
RUN mkdir -p /alone/tmp && chmod 1777 /alone/tmp
FROM scratch
COPY --from=whole /alone/ /
COPY --from=whole /bin/sh /bin/sh
COPY --from=whole /lib64/ld-linux-x86-64.so.2 /lib64/
COPY --from=whole {libraries}/libc.so.6 {libraries}/libm.so.6 {libraries}/libdl.so.2 {libraries}/libpthread.so.0 \\
    {libraries}/librt.so.1 {libraries}/libutil.so.1 {libraries}/libresolv.so.2 {libraries}/libanl.so.1 {libraries}/
COPY --from=whole /usr/local/bin/matrix /usr/local/bin/matrix
"""
# The cache of the loader names a file that has gone. It looks in the usual places then: this is one.
MOVED_TO_A_USUAL_PLACE = """
FROM {prefix}/matrix-openmpi-bookworm
RUN mv {libraries}/libmpi.so.40* /usr/lib/
"""
MOVED_WITHOUT_LDCONFIG = """
FROM {prefix}/matrix-openmpi-bookworm
RUN mkdir /opt/moved && mv {libraries}/libmpi.so.40* /opt/moved/ && echo /opt/moved >/etc/ld.so.conf.d/moved.conf
"""
IN_OPT = """
FROM {prefix}/rpath-openmpi-bookworm
RUN mkdir -p /opt/own/lib && mv {libraries}/libmpi.so.40* /opt/own/lib/
"""
CXX_IN_TRIXIE = """
FROM {prefix}/cxx-openmpi-bookworm AS older
FROM {prefix}/openmpi-trixie
COPY --from=older /usr/local/bin/cxx /usr/local/bin/cxx
"""
# e_machine of the ELF header (elf(5)): EM_AARCH64.
FOREIGN = """
FROM {prefix}/matrix-openmpi-bookworm
RUN printf '\\267\\000' | dd of=/usr/local/bin/matrix bs=1 seek=18 conv=notrunc
"""


@dataclass(frozen=True)
class Image:
    words: str      # what it is, in the table
    family: str     # of the MPI that its program was linked with
    archives: tuple  # of tests/images; it is the first, or is built of them
    program: str = "matrix"
    recipe: str = ""

    @property
    def is_built(self):
        return bool(self.recipe)

    def name(self, key):
        return f"{BUILT}/{key}" if self.is_built else f"{PREFIX}/{self.archives[0]}"

    def containerfile(self):
        return self.recipe.format(prefix=PREFIX, libraries=LIBRARIES, release=self.archives[0].rpartition("-")[2])


def plain(family, release):
    archive = f"matrix-{family.replace(' ', '').lower()}-{release}"
    return Image(f"{family} of {release}", family, (archive,))


def made(words, recipe, *archives, program="matrix"):
    return Image(words, "Open MPI", archives, program, recipe)


IMAGES = {
    **{f"openmpi-{release}": plain("Open MPI", release) for release in ("bullseye", "bookworm", "trixie")},
    **{f"mpich-{release}": plain("MPICH", release) for release in ("bullseye", "bookworm", "trixie")},
    "no-mpi": made("no MPI, glibc of bookworm", WITHOUT_MPI, "matrix-openmpi-bookworm"),
    "no-mpi-trixie": made("no MPI, glibc of trixie", WITHOUT_MPI, "matrix-openmpi-trixie"),
    "stale-found": made("stale ld.so.cache, library in a usual place", MOVED_TO_A_USUAL_PLACE,
                        "matrix-openmpi-bookworm"),
    "stale-lost": made("stale ld.so.cache, library elsewhere", MOVED_WITHOUT_LDCONFIG, "matrix-openmpi-bookworm"),
    "static": Image("MPICH of bullseye linked statically", "MPICH", ("static-mpich-bullseye",), "static"),
    "cxx": Image("libmpi_cxx, Open MPI of bookworm", "Open MPI", ("cxx-openmpi-bookworm",), "cxx"),
    "cxx-trixie": made("libmpi_cxx needed, Open MPI of trixie", CXX_IN_TRIXIE, "openmpi-trixie",
                       "cxx-openmpi-bookworm", program="cxx"),
    "rpath": made("Open MPI in /opt by RPATH", IN_OPT, "rpath-openmpi-bookworm", program="rpath"),
    "foreign": made("a program for another architecture", FOREIGN, "matrix-openmpi-bookworm"),
}
