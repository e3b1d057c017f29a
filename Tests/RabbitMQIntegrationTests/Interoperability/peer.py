"""A service in another language that knows the documented wire protocol only. It stands on pika.

peer.py call URL QUEUE     sends a command and two queries to QUEUE, prints each reply as JSON
peer.py serve URL QUEUE    answers queries and prints commands, until its standard input ends
peer.py listen URL TOPIC   prints the events of TOPIC, until its standard input ends
peer.py publish URL TOPIC  publishes one event
"""
import json
import sys
import threading
import uuid

import pika


def say(value):
    print(json.dumps(value), flush=True)


def until_input_ends(connection, channel):
    def wait():
        sys.stdin.read()
        connection.add_callback_threadsafe(channel.stop_consuming)

    threading.Thread(target=wait, daemon=True).start()
    say("ready")
    channel.start_consuming()


def properties(kind, header, name, **others):
    return pika.BasicProperties(
        content_type="application/json", delivery_mode=2, message_id=str(uuid.uuid4()), type=kind,
        headers={header: name}, **others)


def call(channel, queue):
    replies = {}

    def replied(_channel, _method, props, body):
        replies[props.correlation_id] = (props, body)

    channel.basic_consume("amq.rabbitmq.reply-to", replied, auto_ack=True)
    channel.confirm_delivery()
    channel.basic_publish("", queue, b'{"text":"from afar"}', properties("command", "__method", "note"), mandatory=True)
    for method in ("echo", "fail"):
        correlation = uuid.uuid4().hex
        channel.basic_publish(
            "", queue, json.dumps({"method": method}).encode(),
            properties("query", "__method", method, reply_to="amq.rabbitmq.reply-to", correlation_id=correlation,
                       expiration="10000"),
            mandatory=True)
        while correlation not in replies:
            channel.connection.process_data_events(time_limit=1)
        props, body = replies[correlation]
        say({"type": props.type, "body": json.loads(body), "code": props.headers.get("__error_code"),
             "message": props.headers.get("__error_message")})


def serve(connection, channel, queue):
    channel.queue_declare(queue, durable=True)

    def received(_channel, method, props, body):
        content = json.loads(body)
        name = props.headers["__method"]
        if props.type == "command":
            say({"command": name, "body": content, "id": props.message_id})
        elif name == "fail":
            channel.basic_publish(
                "", props.reply_to, b"{}",
                pika.BasicProperties(content_type="application/json", type="reply", correlation_id=props.correlation_id,
                                     headers={"__error_code": "sold_out", "__error_message": "no tea"}))
        else:
            channel.basic_publish(
                "", props.reply_to, json.dumps({"echo": content, "timeout": props.headers["__timeout"]}).encode(),
                pika.BasicProperties(content_type="application/json", type="reply", correlation_id=props.correlation_id))
        channel.basic_ack(method.delivery_tag)

    channel.basic_consume(queue, received)
    until_input_ends(connection, channel)


def listen(connection, channel, topic):
    channel.exchange_declare(topic, "fanout", durable=True)
    queue = channel.queue_declare("", exclusive=True).method.queue
    channel.queue_bind(queue, topic)

    def received(_channel, _method, props, body):
        say({"event": props.headers["__event_type"], "type": props.type, "body": json.loads(body)})

    channel.basic_consume(queue, received, auto_ack=True)
    until_input_ends(connection, channel)


def publish(channel, topic):
    channel.exchange_declare(topic, "fanout", durable=True)
    channel.confirm_delivery()
    channel.basic_publish(topic, "", b'{"id":"b3cc"}', properties("event", "__event_type", "locked"))


def main():
    mode, url, name = sys.argv[1:]
    connection = pika.BlockingConnection(pika.URLParameters(url))
    channel = connection.channel()
    if mode == "call":
        call(channel, name)
    elif mode == "serve":
        serve(connection, channel, name)
    elif mode == "listen":
        listen(connection, channel, name)
    elif mode == "publish":
        publish(channel, name)
    connection.close()


main()
