# Examples/Shop/stage.sh: what a play is made of. Sourced by demo.sh and chaos.sh, in the folder Examples.
# shellcheck shell=sh

shop=.build/debug/Shop
: "${MIMI_RABBITMQ_URL:=amqp://localhost}"
export MIMI_RABBITMQ_URL

# Not empty: the services log in with certificates.
secure=''
scratch=$(mktemp -d)
running=''
mkfifo "$scratch/keyboard"
# Open for reading too: else this would wait for somebody who reads.
exec 3<>"$scratch/keyboard" 4</dev/null

# What runs ends with this script, however it ends.
finish() {
    finish_code=$?
    trap '' HUP INT TERM
    trap - EXIT
    # shellcheck disable=SC2086
    [ -z "$running" ] || kill -9 $running 2>/dev/null || true
    rm -rf "$scratch"
    exit "$finish_code"
}
trap finish EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

tell() {
    echo
    printf '%s\n' "$@"
    echo
}

# open NAME [OPTION...]: starts a service. It reads descriptor 4; what it prints goes to NAME.said, its log to NAME.log.
open() {
    "$shop" "$@" ${secure:+--certificates "$MIMI_RABBITMQ_TLS_DIR"} <&4 >>"$scratch/$1.said" 2>>"$scratch/$1.log" 3>&- 4<&- &
    echo $! >"$scratch/$1.pid"
    running="$running $!"
    touch "$scratch/$1.said" "$scratch/$1.shown"
}

# close SIGNAL NAME: ends a service and waits for its end.
close() {
    close_pid=$(cat "$scratch/$2.pid")
    kill -s "$1" "$close_pid" 2>/dev/null || lost "$2" 'a life to end'
    wait "$close_pid" 2>/dev/null || [ "$1" = KILL ] || lost "$2" 'a good end'
    running=$(printf '%s' "$running" | sed "s/ $close_pid\$//; s/ $close_pid / /")
}

# types LINE: the keyboard of whoever is opened with 4<"$scratch/keyboard".
types() { printf '%s\n' "$1" >&3; }

# listen NAME LINE: waits until the service says the line.
listen() {
    listen_left=600
    while [ "$(grep -Fxc -- "$2" "$scratch/$1.said")" -le "$(grep -Fxc -- "$2" "$scratch/$1.shown")" ]; do
        listen_left=$((listen_left - 1))
        [ "$listen_left" -gt 0 ] || lost "$1" "$2"
        sleep 0.05
    done
    printf '%s\n' "$2" >>"$scratch/$1.shown"
}

# hear NAME LINE: the same, and shows it.
hear() {
    listen "$@"
    show "$@"
}

# show NAME LINE
show() { printf '    %-8s | %s\n' "$1" "$2"; }

# lost NAME WHAT: the story went another way.
lost() {
    {
        echo "${0##*/}: waited in vain for \"$2\" from $1, which said:"
        cat "$scratch/$1.said" "$scratch/$1.log"
    } >&2
    exit 1
}

# silent NAME: everything that the service said was shown.
silent() {
    sort "$scratch/$1.said" >"$scratch/said"
    sort "$scratch/$1.shown" >"$scratch/shown"
    diff "$scratch/shown" "$scratch/said" >&2 || {
        echo "${0##*/}: $1 said what nobody expected" >&2
        exit 1
    }
}
