"""Talks to the example Shop by the documented wire protocol: places an order, asks for it, and hears the events.

Usage: shop_caller.py URL, while `Shop orders` and `Shop billing` run. Quoted by WireProtocol.md.
"""

import json
import sys
import time
import uuid

import pika

url = sys.argv[1]
connection = pika.BlockingConnection(pika.URLParameters(url))
channel = connection.channel()
channel.confirm_delivery()  # from here on, basic_publish raises if the broker has not taken the message


def command(queue, method, body):
    properties = pika.BasicProperties(
        content_type="application/json",
        delivery_mode=2,
        message_id=uuid.uuid4().hex,
        type="command",
        headers={"__method": method},
    )
    # UnroutableError: nobody has ever processed this queue.
    channel.basic_publish("", queue, json.dumps(body).encode(), properties, mandatory=True)


def query(queue, method, body, seconds=15):
    replies = []
    tag = channel.basic_consume(
        "amq.rabbitmq.reply-to", lambda *delivery: replies.append(delivery), auto_ack=True
    )
    correlation_id = uuid.uuid4().hex
    milliseconds = int(seconds * 1000)
    properties = pika.BasicProperties(
        content_type="application/json",
        delivery_mode=1,
        message_id=uuid.uuid4().hex,
        type="query",
        reply_to="amq.rabbitmq.reply-to",
        correlation_id=correlation_id,
        expiration=str(milliseconds),
        headers={"__method": method, "__request_id": correlation_id, "__timeout": milliseconds},
    )
    channel.basic_publish("", queue, json.dumps(body).encode(), properties, mandatory=True)
    deadline = time.monotonic() + seconds
    while not replies and time.monotonic() < deadline:
        connection.process_data_events(time_limit=deadline - time.monotonic())
    channel.basic_cancel(tag)
    if not replies:
        raise TimeoutError(f"no reply from {queue}/{method}")
    _, _, reply, answer = replies[0]
    if "__error_code" in reply.headers:
        raise RuntimeError(f"{reply.headers['__error_code']}: {reply.headers['__error_message']}")
    return json.loads(answer)


def listen(topic, on_event):
    channel.exchange_declare(topic, "fanout", durable=True)
    queue = channel.queue_declare("", exclusive=True, auto_delete=True).method.queue
    channel.queue_bind(queue, topic, "")

    def received(_channel, _method, properties, body):
        on_event(properties.headers["__event_type"], json.loads(body))

    channel.basic_consume(queue, received, auto_ack=True)


heard = []
listen("shop.orders", lambda event, body: heard.append(f"{event} {body['id']}"))
order = int(time.time())
command("shop.orders", "place", {"id": order, "item": "tea", "quantity": 2})
while f"paid {order}" not in heard:
    connection.process_data_events(time_limit=1)
print("heard", [event.replace(str(order), "the order") for event in heard])
print("the order is", query("shop.orders", "show", {"id": order})["status"])
try:
    query("shop.orders", "show", {"id": 0})
except RuntimeError as error:
    print(error)
try:
    command("shop.nobody", "home", {})
except pika.exceptions.UnroutableError:
    print("nobody has ever processed shop.nobody")
connection.close()
