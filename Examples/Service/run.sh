#!/bin/sh
# Runs the example: sends it work and ends it in the middle. It is built already: swift build --package-path Examples
#
# Needs a broker at $MIMI_RABBITMQ_URL.
set -eu
cd "$(dirname "$0")/.."
service=.build/debug/Service
# This is how a deployment configures it.
export MQ_ADAPTER=rabbitmq
export MQ_URL="${MIMI_RABBITMQ_URL:-amqp://localhost}"
export MQ_NAMESPACE=service.
export MQ_APP_ID=reports
export MQ_CONCURRENCY=1
export MQ_SHUTDOWN_TIMEOUT=20s

scratch=$(mktemp -d)
running=''
trap '[ -z "$running" ] || kill -9 "$running" 2>/dev/null || true; rm -rf "$scratch"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

start() {
    : >"$scratch/output"
    "$service" run >"$scratch/output" &
    running=$!
    wait_for ready
}

# wait_for LINE: until the service has printed it.
wait_for() {
    left=600
    until grep -Fxq -- "$1" "$scratch/output"; do
        left=$((left - 1))
        [ "$left" -gt 0 ] || { echo "waited in vain for '$1'" >&2; exit 1; }
        sleep 0.05
    done
}

# finish: SIGTERM, then what the service printed in this life. When it was ready is a matter of chance.
finish() {
    echo "-- SIGTERM"
    kill -s TERM "$running"
    wait "$running"
    running=''
    grep -Fxv ready "$scratch/output"
}

echo "-- two reports are sent; the service renders one at a time"
start
"$service" send march --milliseconds 2000
wait_for "rendering 'march'"
"$service" send april --milliseconds 200

# It finishes what it is at, and lets go of what it has not begun.
finish

echo "-- the service is started again"
start
wait_for "rendered 'april'"
finish
