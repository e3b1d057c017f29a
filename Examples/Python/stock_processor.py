"""A processor by the documented wire protocol: the command stock/add and the query stock/count.

Usage: stock_processor.py URL. Quoted by WireProtocol.md.
"""

import json
import sys
import uuid

import pika

url = sys.argv[1]
queue = "stock"
stock = {}
channel = pika.BlockingConnection(pika.URLParameters(url)).channel()


def processed(channel, method, properties, body):
    name = (properties.headers or {}).get("__method")
    message = json.loads(body)
    answer, error = {}, None
    try:
        if name == "add":
            stock[message["item"]] = stock.get(message["item"], 0) + message["count"]
        elif name == "count":
            answer = {"count": stock[message["item"]]}
        else:
            error = ("unknown_method", f"there is no method {name}")
    except KeyError as missing:
        error = ("not_found", f"there is no {missing}")
    if properties.reply_to:
        headers = {"__request_id": properties.correlation_id}
        if error:
            headers["__error_code"], headers["__error_message"] = error
        reply = pika.BasicProperties(
            content_type="application/json",
            delivery_mode=1,
            message_id=uuid.uuid4().hex,
            type="reply",
            correlation_id=properties.correlation_id,
            headers=headers,
        )
        channel.basic_publish("", properties.reply_to, json.dumps(answer).encode(), reply)
    channel.basic_ack(method.delivery_tag)


channel.queue_declare(queue, durable=True, arguments={"x-queue-type": "quorum"})
channel.basic_qos(prefetch_count=32)
channel.basic_consume(queue, processed)
channel.start_consuming()
