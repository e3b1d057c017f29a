"""Python's pika with callbacks. The same roles and settings as lib.c."""

import json
import os
import resource
import sys
import time

import pika


def setting(name, standard):
    return int(os.environ.get(name) or standard)


COUNT = setting("BENCH_COUNT", 50000)
WARM_UP = setting("BENCH_WARMUP", COUNT // 10)
TOTAL = WARM_UP + COUNT
OUTSTANDING = setting("BENCH_OUTSTANDING", 500)
PREFETCH = setting("BENCH_PREFETCH", 200)
QUEUE = os.environ.get("BENCH_QUEUE") or "bench.classic"
TOPIC = os.environ.get("BENCH_TOPIC", "")
HEAD = b'{"id":"00000000","kind":"bench.message","pad":"'
BODY = HEAD + b"x" * max(0, setting("BENCH_BODY", 256) - len(HEAD) - 2) + b'"}'


class Measurement:
    def __init__(self):
        self.usage = resource.getrusage(resource.RUSAGE_SELF)
        self.time = time.perf_counter()

    def report(self, latencies=()):
        passed = time.perf_counter() - self.time
        usage = resource.getrusage(resource.RUSAGE_SELF)
        result = {
            "count": COUNT,
            "seconds": passed,
            "rate": COUNT / passed,
            "user": (usage.ru_utime - self.usage.ru_utime) * 1e6 / COUNT,
            "system": (usage.ru_stime - self.usage.ru_stime) * 1e6 / COUNT,
            "residentPeak": usage.ru_maxrss,
        }
        ordered = sorted(latencies)
        if ordered:
            result["p50"] = ordered[len(ordered) // 2] * 1e6
            result["p99"] = ordered[len(ordered) * 99 // 100] * 1e6
        print(json.dumps(result), flush=True)


class Role:
    """Counts messages, measures after the warm-up, and ends the connection after the last one."""

    def __init__(self, channel):
        self.channel = channel
        self.measurement = None
        self.seen = 0
        self.latencies = []

    def step(self):
        if self.seen == WARM_UP:
            self.measurement = Measurement()
        self.seen += 1

    def finish_after_last(self, seen):
        if seen == TOTAL:
            self.measurement.report(self.latencies)
            self.channel.connection.ioloop.call_later(0.2, self.channel.connection.close)


class Publish(Role):
    def __init__(self, channel):
        super().__init__(channel)
        self.sent = self.confirmed = 0
        self.started = 0.0
        self.properties = pika.BasicProperties(content_type="application/json", delivery_mode=2)
        channel.confirm_delivery(self.on_confirm, callback=lambda _: self.fill())

    def fill(self):
        limit = WARM_UP if self.confirmed < WARM_UP else TOTAL
        while self.sent < limit and self.sent - self.confirmed < OUTSTANDING:
            if self.sent == WARM_UP:
                self.measurement = Measurement()
            self.sent += 1
            self.started = time.perf_counter()
            self.channel.basic_publish(TOPIC, "" if TOPIC else QUEUE, BODY, self.properties, mandatory=not TOPIC)

    def on_confirm(self, frame):
        if not isinstance(frame.method, pika.spec.Basic.Ack):
            sys.exit("pika: a message was not confirmed")
        tag = frame.method.delivery_tag
        self.confirmed = max(self.confirmed, tag) if frame.method.multiple else self.confirmed + 1
        if OUTSTANDING == 1 and self.sent > WARM_UP:
            self.latencies.append(time.perf_counter() - self.started)
        self.finish_after_last(self.confirmed)
        self.fill()


class Process(Role):
    def __init__(self, channel):
        super().__init__(channel)
        channel.basic_qos(
            prefetch_count=PREFETCH,
            callback=lambda _: channel.basic_consume(QUEUE, self.on_message, callback=lambda _: self.listens()),
        )

    def listens(self):
        pass

    def on_message(self, channel, delivery, _properties, _body):
        self.step()
        channel.basic_ack(delivery.delivery_tag)
        self.finish_after_last(self.seen)


class Answer(Process):
    def listens(self):
        print("ready", flush=True)

    def on_message(self, channel, delivery, properties, body):
        self.step()
        reply = pika.BasicProperties(content_type="application/json", correlation_id=properties.correlation_id)
        channel.basic_publish("", properties.reply_to, body, reply)
        channel.basic_ack(delivery.delivery_tag)
        self.finish_after_last(self.seen)


class Ask(Role):
    def __init__(self, channel):
        super().__init__(channel)
        self.sent = self.answered = 0
        self.started = {}
        channel.basic_consume("amq.rabbitmq.reply-to", self.on_reply, auto_ack=True, callback=lambda _: self.fill())

    def fill(self):
        limit = WARM_UP if self.answered < WARM_UP else TOTAL
        while self.sent < limit and self.sent - self.answered < OUTSTANDING:
            if self.sent == WARM_UP:
                self.measurement = Measurement()
            self.sent += 1
            name = str(self.sent)
            self.started[name] = time.perf_counter()
            properties = pika.BasicProperties(
                content_type="application/json", delivery_mode=1, reply_to="amq.rabbitmq.reply-to",
                correlation_id=name, headers={"__method": "work"},
            )
            self.channel.basic_publish("", QUEUE, BODY, properties, mandatory=True)

    def on_reply(self, _channel, _delivery, properties, _body):
        latency = time.perf_counter() - self.started.pop(properties.correlation_id)
        self.answered += 1
        if self.answered > WARM_UP:
            self.latencies.append(latency)
        self.finish_after_last(self.answered)
        self.fill()


ROLES = {"publish": Publish, "process": Process, "ask": Ask, "answer": Answer}
role = ROLES.get("".join(sys.argv[1:]))
if role is None:
    print("usage: peer_pika.py publish|process|ask|answer", file=sys.stderr)
    sys.exit(64)
parameters = pika.ConnectionParameters("127.0.0.1", setting("BENCH_PORT", 5672), heartbeat=0, frame_max=131072)
connection = pika.SelectConnection(
    parameters,
    on_open_callback=lambda opened: opened.channel(on_open_callback=role),
    on_close_callback=lambda closed, _reason: closed.ioloop.stop(),
)
connection.ioloop.start()
