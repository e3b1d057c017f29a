#!/bin/sh
# Examples/Shop/chaos.sh: a crowd keeps ordering while services and the broker are killed and frozen; nothing is lost.
#
# `make demo-chaos` starts a broker, builds the example and runs this. Ends with 1 if anything that was accepted is lost, or if
# work does not go on after a fault.
set -eu
: "${MIMI_RABBITMQ_CONTROL:?is not set: this harms the broker, so it has to be one of Scripts/broker, not that of MIMI_RABBITMQ_URL}"
cd "$(dirname "$0")/.."
# shellcheck source=Examples/Shop/stage.sh
. Shop/stage.sh

# fault KIND: does it to the broker.
fault() { "$MIMI_RABBITMQ_CONTROL" fault "$@"; }

# What the crowd has said since `from_here`.
from_here() { here=$(wc -l <"$scratch/crowd.said"); }
since() { tail -n "+$((here + 1))" "$scratch/crowd.said" | grep -E -- "$1" || true; }

# await NUMBER PATTERN: waits until the crowd has said so many lines that match.
await() {
    await_left=2400
    while [ "$(since "$2" | wc -l)" -lt "$1" ]; do
        await_left=$((await_left - 1))
        if [ "$await_left" -eq 0 ] || ! kill -0 "$(cat "$scratch/crowd.pid")" 2>/dev/null; then lost crowd "$2"; fi
        sleep 0.05
    done
}

# report: what came of the orders since the last report. It waits until an order that is placed from now on is paid.
report() {
    from_here
    types report
    await 1 '^report: work went on'
    since '^report: ' | while IFS= read -r report_line; do show crowd "${report_line#report: }"; done
}

tell 'The shop opens. This time orders writes its book to a file, and a crowd of customers orders a tea every tenth of a' \
    'second, whatever happens. It gives each order three seconds to be confirmed by the broker.'
open orders --book "$scratch/book"
hear orders 'orders is open'
open billing
hear billing 'billing is open'
open crowd 4<"$scratch/keyboard"
from_here
hear crowd 'the crowd is here'
await 20 'is sent$'
report

tell 'FAULT 1: billing is killed (kill -9), and comes back two dozen orders later.' \
    'Nobody waits for it: the events of new orders stay in its queue until it is back.'
from_here
close KILL billing
show billing Killed
await 24 'is sent$'
open billing
hear billing 'billing is open'
report

tell 'FAULT 2: orders is killed, and comes back two dozen orders later.' \
    'The broker takes the commands in its place. What orders had accepted is in its file, what it had not finished comes again.'
from_here
close KILL orders
show orders Killed
await 24 'is sent$'
open orders --book "$scratch/book"
hear orders 'orders is open'
report

tell 'FAULT 3: the broker freezes (SIGSTOP): it is there, and says nothing. It thaws when the first order has failed.' \
    'An order waits for its confirmation, but not for ever: each call has a deadline.'
from_here
fault pause
show broker Frozen
await 1 'failed: '
fault resume
show broker Thawed
report

tell 'FAULT 4: the broker is killed and started again, and once more as soon as it is back.' \
    'The services find it without being restarted. What it had confirmed is on its disk.'
for each in first second; do
    fault kill
    show broker "Killed, for the $each time"
    fault restart
    show broker 'back'
done
report

tell 'The crowd stops ordering, and asks orders for each order of its own book.'
from_here
types quit
balanced=yes
wait "$(cat "$scratch/crowd.pid")" || balanced=no
entry() { printf '    %5d %s\n' "$@"; }
since '^ledger: ' | while read -r _ number text; do entry "$number" "$text"; done
[ "$balanced" = yes ] || lost crowd 'a ledger without a loss'

# count NAME PATTERN: how many lines of the service match.
count() { grep -Ec -- "$2" "$scratch/$1.said" || true; }
entry $(($(count orders 'already$') + $(count billing 'already$'))) \
    'came twice: orders or billing saw by the number of the order that it was done before'
entry "$(sed -n 's/^\(order [0-9]*\): billed.*/\1/p' "$scratch/billing.said" | sort | uniq -d | wc -l)" \
    'billed twice: that happens when billing or its link dies between a bill and the word of it to orders'

close TERM billing
listen billing 'billing is closed'
close TERM orders
listen orders 'orders is closed'
running=''

tell 'Nothing that was accepted is lost. Some of it came twice: a message whose handling was not finished, or whose confirmation' \
    'did not get through, is sent again ("at least once"). So services look whether a thing is done before they do it.' \
    'The crowd listens without a queue, so it may have missed events; billing has a queue, and missed none.'
