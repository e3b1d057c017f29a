# Processes, ports and messages: what every script here needs. Sourced by POSIX shells; Debian, Ubuntu and macOS.
# shellcheck shell=sh
#
# Perl stands in where the systems differ (timeouts, sessions, locks, free ports): both ship it, and Debian's perl-base,
# which is never absent, holds every module used here.

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

# fail CODE MESSAGE...: the codes are those of sysexits.h (64 usage, 69 unavailable, 70 failure, 75 try again).
fail() {
    fail_code=$1
    shift
    say "$*"
    exit "$fail_code"
}

have() { command -v "$1" >/dev/null 2>&1; }

# process_look PID: "STATE BIRTH" of a process, nothing when it is gone. BIRTH is when it was started, in a form that a
# later process with the same number never repeats.
process_look() {
    if [ -r /proc/self/stat ]; then
        { read -r look_line <"/proc/$1/stat"; } 2>/dev/null || return 0
        # The command's name, in parentheses, may hold anything; what follows it are plain words.
        # shellcheck disable=SC2086
        set -- ${look_line##*) }
        printf '%s %s\n' "$1" "${20}"
    else
        LC_ALL=C ps -o stat= -o lstart= -p "$1" 2>/dev/null || true
    fi
}

# process_birth PID: nothing for a process that is gone, or that ended and waits to be reaped.
process_birth() {
    birth_look=$(process_look "$1")
    case $birth_look in Z* | X*) ;; *) printf '%s\n' "${birth_look#* }" ;; esac
}

# process_paused PID
process_paused() { case $(process_look "$1") in T* | t*) ;; *) return 1 ;; esac; }

# record_process PID FILE: a record that `recorded_alive` can trust even after the number has been given to another.
record_process() {
    printf '%s %s\n' "$1" "$(process_birth "$1")" >"$2.new"
    mv "$2.new" "$2"
}

# recorded_pid FILE: the recorded number, alive or not.
recorded_pid() { sed 's/ .*//' "$1"; }

recorded_alive() {
    [ -s "$1" ] || return 1
    read -r alive_pid alive_birth <"$1"
    [ -n "$alive_birth" ] && [ "$(process_birth "$alive_pid")" = "$alive_birth" ]
}

# signal_recorded SIGNAL FILE: nothing happens when the recorded process is gone.
signal_recorded() {
    recorded_alive "$2" || return 0
    kill -s "$1" "$(recorded_pid "$2")" 2>/dev/null || true
}

# wait_gone FILE TENTHS: whether the recorded process ended within so many tenths of a second.
wait_gone() {
    gone_left=$2
    while recorded_alive "$1"; do
        [ "$gone_left" -gt 0 ] || return 1
        gone_left=$((gone_left - 1))
        sleep 0.1
    done
}

# end_recorded FILE: TERM, ten seconds, KILL. A process that was paused is woken to hear it.
end_recorded() {
    signal_recorded TERM "$1"
    signal_recorded CONT "$1"
    if ! wait_gone "$1" 100; then
        signal_recorded KILL "$1"
        wait_gone "$1" 50 || return 1
    fi
    rm -f "$1"
}

# within SECONDS COMMAND...: the command is ended when it takes longer (macOS has no `timeout`).
within() { perl -e 'alarm shift; exec { $ARGV[0] } @ARGV or exit 127' -- "$@"; }

# free_ports COUNT: so many different loopback ports that nobody listens on, drawn from $MIMI_BROKER_PORTS.
free_ports() {
    perl -MSocket -e '
        my ($count, $low, $high) = ($ARGV[0], split /-/, $ARGV[1]);
        my @kept;
        for (1 .. 5000) {
            last if @kept == $count;
            my $port = $low + int rand($high - $low + 1);
            socket(my $socket, PF_INET, SOCK_STREAM, 0) or die "socket: $!\n";
            bind($socket, sockaddr_in($port, INADDR_LOOPBACK)) or next;
            push @kept, [$port, $socket];    # bound until all are drawn, so that no port is drawn twice
        }
        @kept == $count or die "no $count free ports in $ARGV[1]\n";
        print join(" ", map { $_->[0] } @kept), "\n";
    ' -- "$1" "${MIMI_BROKER_PORTS:-20000-29999}"
}

# quoted TEXT: TEXT as one word of shell source.
quoted() { printf "'%s'" "$(printf '%s' "$1" | sed "s/'/'\\\\''/g")"; }
