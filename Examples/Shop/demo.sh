#!/bin/sh
# Examples/Shop/demo.sh: three services talk over RabbitMQ; one is killed in the middle of its work, and nothing is lost.
#
# `make demo` starts a broker, builds the example and runs this. By hand: the broker's URL in MIMI_RABBITMQ_URL, after
# swift build --package-path Examples --product Shop
#
# With --secure, on a broker of `Scripts/broker --mutual-tls` (`make demo-secure`): each service logs in with a certificate, as
# a user who may do what it has to, and no more.
set -eu
cd "$(dirname "$0")/.."
# shellcheck source=Examples/Shop/stage.sh
. Shop/stage.sh

# Somebody with all rights declares what the services find: two of them run once as the broker's operator. From there on each
# is a user of its own, and may configure nothing but the queue that the broker names for the customer.
if [ "${1:-}" = --secure ]; then
    for each in orders billing; do
        open "$each"
        listen "$each" "$each is open"
        close TERM "$each"
        listen "$each" "$each is closed"
    done
    secure=1
    MIMI_RABBITMQ_URL=$(printf '%s' "${MIMI_RABBITMQ_TLS_URL:?}" | sed 's|//.*@|//|')
    user() { "${MIMI_RABBITMQ_CONTROL:?}" user "$@"; }
    user orders '^$' '^(amq\.default|shop\.orders)$' '^shop\.orders$'
    user billing '^$' '^amq\.default$' '^shop\.billing\.orders$'
    user customer '^amq\.gen-' '^(amq\.default|amq\.gen-.*)$' '^(shop\.orders|amq\.gen-.*)$'
fi

# --- The play --------------------------------------------------------------------------------------------------------

tell 'A shop of three services opens. Each is a process; they know a broker and names, but no hosts or ports.' \
    '  orders    takes commands and queries, and tells everybody what happened' \
    '  billing   hears of each new order, and writes the bill' \
    '  customer  sends commands and queries, and hears what happens'
open orders
hear orders 'orders is open'
open billing --hangs-at 2
hear billing 'billing is open'
open customer 4<"$scratch/keyboard"
hear customer 'the customer is here'

tell 'The customer orders tea. That is a COMMAND: it is on its way as soon as the broker has it.'
types 'place 2 tea'
hear customer 'order 1 is sent: 2 x tea'
hear orders 'order 1: took 2 x tea'

tell 'orders publishes an EVENT. Everybody who listens hears it: the customer, and billing, which asks orders for the' \
    'details (a QUERY), writes the bill, and sends a command back.'
hear customer 'heard that order 1 was placed'
hear billing 'order 1: writing the bill'
hear billing 'order 1: billed 2 x tea'
hear orders 'order 1: paid'
hear customer 'heard that order 1 was paid'

tell 'The customer asks, too. A query returns with its answer, or with the reason why there is none.'
types 'show 1'
hear customer 'order 1 is paid: 2 x tea'
types 'show 7'
hear customer 'that did not work: remote(order_not_found) [orders/show]: there is no order 7'

tell 'Now the trouble. At the second order billing gets stuck, with the event in its hands …'
types 'place 1 milk'
hear customer 'order 2 is sent: 1 x milk'
hear orders 'order 2: took 1 x milk'
hear customer 'heard that order 2 was placed'
hear billing 'order 2: writing the bill'

tell '… and we kill it: kill -9, no goodbye.'
close KILL billing
show billing Killed

tell 'The shop goes on. A third order is placed, and cancelled, while there is no billing at all.'
types 'place 3 bread'
hear customer 'order 3 is sent: 3 x bread'
hear orders 'order 3: took 3 x bread'
hear customer 'heard that order 3 was placed'
types 'cancel 3'
hear customer 'the wish to cancel order 3 is sent'
hear orders 'order 3: cancelled'
hear customer 'heard that order 3 was cancelled'
types 'show 2'
hear customer 'order 2 is placed: 1 x milk'

tell 'billing comes back. The event that died with it is delivered again, the one that it missed has waited in its queue.'
open billing
hear billing 'billing is open'
hear billing 'order 2: writing the bill (delivered again)'
hear billing 'order 2: billed 1 x milk'
hear orders 'order 2: paid'
hear customer 'heard that order 2 was paid'
hear billing 'order 3: writing the bill'
hear billing 'order 3: was cancelled, no bill'

tell 'Nothing was lost:'
types 'show 2'
hear customer 'order 2 is paid: 1 x milk'
types 'show 3'
hear customer 'order 3 is cancelled: 3 x bread'

tell 'The shop closes. Each service finishes what it is doing, lets go of its queues, and leaves.'
types 'quit'
hear customer 'the customer is gone'
wait "$(cat "$scratch/customer.pid")"
close TERM billing
hear billing 'billing is closed'
close TERM orders
hear orders 'orders is closed'

silent customer
silent billing
silent orders
running=''
tell 'The end. The code is in Examples/Shop; its README says how to run the three by hand, and how to harm the broker.'
