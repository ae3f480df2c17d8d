# shellcheck shell=bash disable=SC2154  # common.sh sets the names in small letters
# Writes a node's own /etc (an overlay, so the host's stays as it is): the user, names, ssh, podman.

# replace_entries FILE LINE...: drops the lines of the lab's users and groups, appends these.
replace_entries() {
    local file=$1 kept
    shift
    kept=$(grep -Ev "^($lab_user|$lab_group|$lab_other):" "$file" 2>/dev/null || true)
    { [[ -z $kept ]] || printf '%s\n' "$kept"; printf '%s\n' "$@"; } >"$file"
}

write_user() { # write_user ETC
    replace_entries "$1/passwd" "$lab_user:x:$lab_uid:$lab_uid:lab user:/home/$lab_user:/bin/bash" \
        "$lab_other:x:$lab_other_uid:$lab_other_gid:another user:/nonexistent:/bin/bash"
    # '*' is no valid hash, but unlike '!' it does not make sshd refuse the account.
    replace_entries "$1/shadow" "$lab_user:*:19000:0:99999:7:::" "$lab_other:*:19000:0:99999:7:::"
    replace_entries "$1/group" "$lab_user:x:$lab_uid:" "$lab_group:x:$lab_gid2:$lab_user" "$lab_other:x:$lab_other_gid:"
    printf '%s\n' "$lab_user:$subid_first:65536" >"$1/subuid"
    printf '%s\n' "$lab_user:$subid_first:65536" >"$1/subgid"
    # sshd's privilege separation, where openssh-server was unpacked but never configured.
    grep -q '^sshd:' "$1/passwd" || echo 'sshd:x:7410:65534::/run/sshd:/usr/sbin/nologin' >>"$1/passwd"
}

write_names() { # write_names ETC NODE COUNT
    local i
    printf '%s\n' "$2" >"$1/hostname"
    {
        printf '127.0.0.1 localhost\n::1 localhost ip6-localhost\n'
        for ((i = 1; i <= $3; i++)); do printf '%s node%d\n' "$(node_address "node$i")" "$i"; done
    } >"$1/hosts"
    # There is no network beyond the lab: a look-up fails at once instead of waiting for a server.
    rm -f -- "$1/resolv.conf"
    : >"$1/resolv.conf"
    printf '%s\n' 'passwd: files' 'group: files' 'shadow: files' 'hosts: files' \
        'services: files' 'protocols: files' >"$1/nsswitch.conf"
}

# Every node has the lab's one host key, known beforehand: no prompt, and no check switched off.
# No PAM: XDG_RUNTIME_DIR stays unset, as on many clusters' compute nodes. The key exchange is the quickest: nobody
# listens, and ssh's own choice costs each command of a test a quarter of its time.
write_ssh() { # write_ssh ETC
    mkdir -p "$1/ssh"
    install -m 0600 "$lab_dir/secret/host_key" "$1/ssh/lab_host_key"
    cat >"$1/ssh/sshd_config" <<-END
		HostKey /etc/ssh/lab_host_key
		KexAlgorithms curve25519-sha256
		UsePAM no
		PasswordAuthentication no
		PermitRootLogin no
		UseDNS no
		PrintMotd no
		MaxStartups 200
		MaxSessions 200
		SetEnv PATH=/usr/local/bin:/usr/bin:/bin
		PidFile /run/sshd.pid
		Subsystem sftp internal-sftp
	END
    cp "$lab_dir/secret/known_hosts" "$1/ssh/ssh_known_hosts"
}

# Quiet and the same everywhere: overlay without fuse, and no systemd to ask for cgroups or the log.
write_containers() { # write_containers ETC
    mkdir -p "$1/containers"
    cat >"$1/containers/storage.conf" <<-'END'
		[storage]
		driver = "overlay"
		runroot = "/run/containers/storage"
		graphroot = "/var/lib/containers/storage"
	END
    cat >"$1/containers/containers.conf" <<-'END'
		[engine]
		cgroup_manager = "cgroupfs"
		events_logger = "file"
	END
}

write_etc() { # write_etc ETC NODE COUNT
    write_user "$1"
    write_names "$1" "$2" "$3"
    write_ssh "$1"
    write_containers "$1"
}
