"""The machine a benchmark ran on, as far as numbers depend on it: no names, no paths."""
import os
import platform
import re
import subprocess


def version(*argv):
    """The first that it says: some say it on standard error, and Charliecloud none without a user's name."""
    try:
        said = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True,
                              env={**os.environ, "USER": "root"}).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    found = re.search(r"\d+(\.\d+)+\S*", said)
    return found.group() if found else None


def value_of(path, key):
    """Of a file with lines `key: value` or `key=value`."""
    with open(path, encoding="utf-8") as file:
        for line in file:
            name, _, value = line.replace("=", ":", 1).partition(":")
            if name.strip() == key:
                return value.strip().strip('"')
    return None


def machine():
    return {
        "system": value_of("/etc/os-release", "PRETTY_NAME"),
        "kernel": platform.release(),
        "processor": value_of("/proc/cpuinfo", "model name"),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(int(value_of("/proc/meminfo", "MemTotal").split()[0]) / 2**20),
        "podman": version("podman", "--version"),
        "crun": version("crun", "--version"),
        "open_mpi": version("mpirun", "--version"),
        "charliecloud": version("ch-run", "--version"),
    }


def sentence(facts):
    names = {"podman": "podman", "crun": "crun", "open_mpi": "Open MPI", "charliecloud": "Charliecloud"}
    versions = [f"{name} {facts[key]}" for key, name in names.items() if facts[key]]
    return (f"{facts['cores']} cores ({facts['processor']}), {facts['memory_gib']} GiB, {facts['system']}, "
            f"Linux {facts['kernel']}, " + ", ".join(versions))
