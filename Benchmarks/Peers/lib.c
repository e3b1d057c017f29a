/* The baseline: librabbitmq as a C programmer uses it. One thread, one connection, one channel, amqp_basic_publish. */
#include "peer.h"

#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_tcp_socket.h>
#include <stdint.h>

static amqp_connection_state_t connection;
static struct settings settings;

static void fail(const char *what) {
    fprintf(stderr, "lib: %s failed\n", what);
    exit(1);
}

static void check(amqp_rpc_reply_t reply, const char *what) {
    if (reply.reply_type != AMQP_RESPONSE_NORMAL) fail(what);
}

static amqp_bytes_t text(const char *string) { return amqp_cstring_bytes(string); }

static void open_channel(void) {
    connection = amqp_new_connection();
    amqp_socket_t *socket = amqp_tcp_socket_new(connection);
    if (!socket || amqp_socket_open(socket, "127.0.0.1", settings.port)) fail("connecting");
    check(amqp_login(connection, "/", 0, 131072, 0, AMQP_SASL_METHOD_PLAIN, "guest", "guest"), "login");
    amqp_channel_open(connection, 1);
    check(amqp_get_rpc_reply(connection), "opening a channel");
}

static void start_consumer(const char *queue, int no_ack) {
    if (!no_ack) {
        amqp_basic_qos(connection, 1, 0, (uint16_t)settings.prefetch, 0);
        check(amqp_get_rpc_reply(connection), "qos");
    }
    amqp_basic_consume(connection, 1, text(queue), amqp_empty_bytes, 0, no_ack, 0, amqp_empty_table);
    check(amqp_get_rpc_reply(connection), "consume");
}

static amqp_envelope_t next_message(void) {
    amqp_envelope_t envelope;
    amqp_maybe_release_buffers(connection);
    check(amqp_consume_message(connection, &envelope, NULL, 0), "a delivery");
    return envelope;
}

static amqp_basic_properties_t properties_for(uint8_t delivery_mode) {
    amqp_basic_properties_t properties;
    memset(&properties, 0, sizeof properties);
    properties._flags = AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG;
    properties.content_type = text("application/json");
    properties.delivery_mode = delivery_mode;
    return properties;
}

/* Reads confirms until at most `outstanding` of `sent` messages are without one. */
static void await_confirms(uint64_t *confirmed, uint64_t sent, uint64_t outstanding) {
    do {
        amqp_frame_t frame;
        amqp_maybe_release_buffers(connection);
        if (amqp_simple_wait_frame(connection, &frame) != AMQP_STATUS_OK) fail("reading");
        if (frame.frame_type != AMQP_FRAME_METHOD || frame.payload.method.id != AMQP_BASIC_ACK_METHOD)
            fail("a confirm");
        amqp_basic_ack_t *ack = frame.payload.method.decoded;
        if (!ack->multiple) ++*confirmed;
        else if (ack->delivery_tag > *confirmed) *confirmed = ack->delivery_tag;
    } while (sent - *confirmed > outstanding || amqp_frames_enqueued(connection) || amqp_data_in_buffer(connection));
}

static void publish(void) {
    amqp_basic_properties_t properties = properties_for(2);
    amqp_bytes_t body = {(size_t)settings.body, make_body((size_t)settings.body)};
    amqp_bytes_t exchange = text(settings.topic ? settings.topic : ""), key = text(settings.topic ? "" : settings.queue);
    double *latencies = malloc(sizeof *latencies * (size_t)settings.count);
    long samples = 0;
    uint64_t sent = 0, confirmed = 0;

    amqp_confirm_select(connection, 1);
    check(amqp_get_rpc_reply(connection), "confirm.select");
    for (int is_measured = 0; is_measured < 2; is_measured++) {
        uint64_t target = sent + (uint64_t)(is_measured ? settings.count : settings.warm_up);
        if (is_measured) begin();
        while (confirmed < target) {
            double start = settings.outstanding == 1 ? seconds() : 0;
            while (sent < target && sent - confirmed < (uint64_t)settings.outstanding) {
                if (amqp_basic_publish(connection, 1, exchange, key, !settings.topic, 0, &properties, body))
                    fail("publishing");
                sent++;
            }
            await_confirms(&confirmed, sent, (uint64_t)settings.outstanding - 1);
            if (is_measured && settings.outstanding == 1) latencies[samples++] = seconds() - start;
        }
    }
    report(settings.count, latencies, samples);
}

static void process(void) {
    start_consumer(settings.queue, 0);
    for (long i = 0; i < settings.warm_up + settings.count; i++) {
        if (i == settings.warm_up) begin();
        amqp_envelope_t envelope = next_message();
        amqp_basic_ack(connection, 1, envelope.delivery_tag, 0);
        amqp_destroy_envelope(&envelope);
    }
    report(settings.count, NULL, 0);
}

static void ask(void) {
    long total = settings.warm_up + settings.count, sent = 0, answered = 0, samples = 0;
    double *started = malloc(sizeof *started * (size_t)total), *latencies = malloc(sizeof *latencies * (size_t)total);
    amqp_bytes_t body = {(size_t)settings.body, make_body((size_t)settings.body)};
    amqp_basic_properties_t properties = properties_for(1);
    amqp_table_entry_t method;
    memset(&method, 0, sizeof method);
    method.key = text("__method");
    method.value.kind = AMQP_FIELD_KIND_UTF8;
    method.value.value.bytes = text("work");
    properties._flags |=
        AMQP_BASIC_REPLY_TO_FLAG | AMQP_BASIC_CORRELATION_ID_FLAG | AMQP_BASIC_HEADERS_FLAG;
    properties.reply_to = text("amq.rabbitmq.reply-to");
    properties.headers.num_entries = 1;
    properties.headers.entries = &method;

    start_consumer("amq.rabbitmq.reply-to", 1);
    while (answered < total) {
        while (sent < total && sent - answered < settings.outstanding) {
            /* The warm-up is over before the clock starts. */
            if (sent == settings.warm_up && answered < sent) break;
            if (sent == settings.warm_up) begin();
            char id[24];
            snprintf(id, sizeof id, "%ld", sent);
            properties.correlation_id = text(id);
            started[sent++] = seconds();
            if (amqp_basic_publish(connection, 1, amqp_empty_bytes, text(settings.queue), 1, 0, &properties, body))
                fail("publishing");
        }
        amqp_envelope_t envelope = next_message();
        char id[24] = {0};
        amqp_bytes_t correlation = envelope.message.properties.correlation_id;
        memcpy(id, correlation.bytes, correlation.len < sizeof id ? correlation.len : sizeof id - 1);
        long number = atol(id);
        if (number >= settings.warm_up) latencies[samples++] = seconds() - started[number];
        answered++;
        amqp_destroy_envelope(&envelope);
    }
    report(settings.count, latencies, samples);
}

static void answer(void) {
    amqp_basic_properties_t properties = properties_for(1);
    properties._flags |= AMQP_BASIC_CORRELATION_ID_FLAG;
    start_consumer(settings.queue, 0);
    puts("ready");
    fflush(stdout);
    for (long i = 0; i < settings.warm_up + settings.count; i++) {
        if (i == settings.warm_up) begin();
        amqp_envelope_t envelope = next_message();
        properties.correlation_id = envelope.message.properties.correlation_id;
        if (amqp_basic_publish(connection, 1, amqp_empty_bytes, envelope.message.properties.reply_to, 0, 0, &properties,
                               envelope.message.body))
            fail("replying");
        amqp_basic_ack(connection, 1, envelope.delivery_tag, 0);
        amqp_destroy_envelope(&envelope);
    }
    report(settings.count, NULL, 0);
}

static void purge(void) {
    amqp_queue_purge(connection, 1, text(settings.queue));
    check(amqp_get_rpc_reply(connection), "purging");
}

int main(int argc, char **argv) {
    static const struct { const char *name; void (*run)(void); } roles[] = {
        {"publish", publish}, {"process", process}, {"ask", ask}, {"answer", answer}, {"purge", purge},
    };
    settings = read_settings();
    for (size_t i = 0; argc > 1 && i < sizeof roles / sizeof *roles; i++) {
        if (strcmp(argv[1], roles[i].name)) continue;
        open_channel();
        roles[i].run();
        amqp_channel_close(connection, 1, AMQP_REPLY_SUCCESS);
        amqp_connection_close(connection, AMQP_REPLY_SUCCESS);
        amqp_destroy_connection(connection);
        return 0;
    }
    fprintf(stderr, "usage: lib publish|process|ask|answer|purge\n");
    return 64;
}
