#!/bin/sh
# Runs the commands of the page "Mending dead letters" as they stand there, one block after the other.
#
# Needs a broker at $MIMI_RABBITMQ_URL, and the tool: swift build --product mimi
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd -P)
page=$root/Sources/MimiMessaging/Documentation.docc/MendingDeadLetters.md

scratch=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$scratch"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

PATH=$root/.build/debug:$PATH
export PATH
export XDG_CONFIG_HOME="$scratch/config"
export MQ_URL="${MIMI_RABBITMQ_URL:-amqp://localhost}"
export MQ_NAMESPACE=operating.

perl -0777 -ne 'print "$1\n" while /^```sh\n(.*?)^```$/gms' "$page" >"$scratch/blocks.sh"
[ -s "$scratch/blocks.sh" ] || { echo "the page has no commands" >&2 && exit 1; }
cd "$scratch"
# shellcheck source=/dev/null
. "$scratch/blocks.sh"
