#!/bin/sh
# Starts the example on the memory adapter and asks for its health. It is built already.
set -eu
cd "$(dirname "$0")"
port=${PORT:-18080}
MQ_ADAPTER=memory PORT=$port .build/debug/HealthProbe >/dev/null 2>&1 &
service=$!
trap 'kill "$service" 2>/dev/null || true' EXIT
for probe in ready live; do
    # The server needs a moment to listen.
    answer=$(curl --silent --fail --retry 30 --retry-delay 1 --retry-connrefused "http://127.0.0.1:$port/health/$probe")
    echo "$probe: $answer"
    [ "$answer" = '{"obstacles":[],"status":"ready"}' ]
done
kill -s TERM "$service"
wait "$service"
