/*
 * A stand-in for a broker that costs next to nothing, to measure clients alone: it confirms each publish as soon as it has read
 * it, and delivers to a consumer, again and again, the message that was last published to its queue. It keeps nothing else,
 * routes nothing, checks nothing, and knows no queries. usage: standin PORT
 */
#include <arpa/inet.h>
#include <endian.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { METHOD = 1, HEADER = 2, BODY = 3, END = 206, FRAME_MAX = 131072, KEPT = 1 << 16 };

/* Class and method in one number, as in the frames. */
#define ID(class, method) ((uint32_t)(class) << 16 | (method))

struct buffer {
    uint8_t *bytes;
    size_t count, room;
};

static void reserve(struct buffer *b, size_t more) {
    if (b->count + more <= b->room) return;
    b->room = 2 * (b->count + more);
    b->bytes = realloc(b->bytes, b->room);
    if (!b->bytes) exit(1);
}

static void put(struct buffer *b, const void *bytes, size_t count) {
    reserve(b, count);
    memcpy(b->bytes + b->count, bytes, count);
    b->count += count;
}

static void put8(struct buffer *b, uint8_t value) { put(b, &value, 1); }
static void put16(struct buffer *b, uint16_t value) { value = htobe16(value); put(b, &value, 2); }
static void put32(struct buffer *b, uint32_t value) { value = htobe32(value); put(b, &value, 4); }
static void put64(struct buffer *b, uint64_t value) { value = htobe64(value); put(b, &value, 8); }

static void put_short(struct buffer *b, const char *text) {
    put8(b, (uint8_t)strlen(text));
    put(b, text, strlen(text));
}

static uint32_t get32(const uint8_t *bytes) { uint32_t v; memcpy(&v, bytes, 4); return be32toh(v); }
static uint16_t get16(const uint8_t *bytes) { uint16_t v; memcpy(&v, bytes, 2); return be16toh(v); }
static uint64_t get64(const uint8_t *bytes) { uint64_t v; memcpy(&v, bytes, 8); return be64toh(v); }

/* A short string as text; gives what follows it. */
static const uint8_t *get_short(const uint8_t *bytes, char text[256]) {
    memcpy(text, bytes + 1, bytes[0]);
    text[bytes[0]] = 0;
    return bytes + 1 + bytes[0];
}

/* The last message that was published, header and body frames without their channel. One is enough. */
static struct {
    pthread_mutex_t lock;
    uint8_t header[KEPT], body[KEPT];
    size_t header_size, body_size;
} last = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* What one channel of a connection is doing. */
struct channel {
    char consumer[256], queue[256];
    uint64_t published, confirmed, delivered, acknowledged;
    /* How much of the body of the present publish is still to come. */
    uint64_t rest;
    uint16_t prefetch;
    int confirms, consumes;
};

struct connection {
    int socket;
    struct buffer in, out;
    struct channel channels[2048];
};

static size_t begin_frame(struct connection *c, uint8_t type, uint16_t channel) {
    put8(&c->out, type);
    put16(&c->out, channel);
    put32(&c->out, 0);
    return c->out.count;
}

static void end_frame(struct connection *c, size_t start) {
    uint32_t size = htobe32((uint32_t)(c->out.count - start));
    memcpy(c->out.bytes + start - 4, &size, 4);
    put8(&c->out, END);
}

static size_t begin_method(struct connection *c, uint16_t channel, uint32_t id) {
    size_t start = begin_frame(c, METHOD, channel);
    put32(&c->out, id);
    return start;
}

static void send_empty(struct connection *c, uint16_t channel, uint32_t id) {
    end_frame(c, begin_method(c, channel, id));
}

static int flush(struct connection *c) {
    for (size_t sent = 0; sent < c->out.count;) {
        ssize_t count = write(c->socket, c->out.bytes + sent, c->out.count - sent);
        if (count <= 0) return 0;
        sent += (size_t)count;
    }
    c->out.count = 0;
    return 1;
}

static void greet(struct connection *c) {
    static const char *const capabilities[] = {
        "publisher_confirms", "basic.nack", "consumer_cancel_notify", "connection.blocked", "authentication_failure_close"};
    struct buffer table = {0}, properties = {0};
    for (size_t i = 0; i < sizeof capabilities / sizeof *capabilities; i++) {
        put_short(&table, capabilities[i]);
        put(&table, "t\1", 2);
    }
    put_short(&properties, "capabilities");
    put8(&properties, 'F');
    put32(&properties, (uint32_t)table.count);
    put(&properties, table.bytes, table.count);
    size_t start = begin_method(c, 0, ID(10, 10));
    put(&c->out, "\0\11", 2);
    put32(&c->out, (uint32_t)properties.count);
    put(&c->out, properties.bytes, properties.count);
    put32(&c->out, 5);
    put(&c->out, "PLAIN", 5);
    put32(&c->out, 5);
    put(&c->out, "en_US", 5);
    end_frame(c, start);
    free(table.bytes);
    free(properties.bytes);
}

static void deliver(struct connection *c, uint16_t number) {
    struct channel *channel = &c->channels[number];
    pthread_mutex_lock(&last.lock);
    while (channel->consumes && last.header_size && channel->delivered - channel->acknowledged < channel->prefetch) {
        size_t start = begin_method(c, number, ID(60, 60));
        put_short(&c->out, channel->consumer);
        put64(&c->out, ++channel->delivered);
        put8(&c->out, 0);
        put_short(&c->out, "");
        put_short(&c->out, channel->queue);
        end_frame(c, start);
        start = begin_frame(c, HEADER, number);
        put(&c->out, last.header, last.header_size);
        end_frame(c, start);
        if (last.body_size) {
            start = begin_frame(c, BODY, number);
            put(&c->out, last.body, last.body_size);
            end_frame(c, start);
        }
    }
    pthread_mutex_unlock(&last.lock);
}

/* Takes a method; returns whether the connection goes on. */
static int take_method(struct connection *c, uint16_t number, const uint8_t *bytes) {
    struct channel *channel = &c->channels[number];
    const uint8_t *arguments = bytes + 4;
    char name[256];
    size_t start;
    switch (get32(bytes)) {
    case ID(10, 11):
        start = begin_method(c, 0, ID(10, 30));
        put16(&c->out, 2047);
        put32(&c->out, FRAME_MAX);
        put16(&c->out, 60);
        end_frame(c, start);
        break;
    case ID(10, 31): break;
    case ID(10, 40):
        start = begin_method(c, 0, ID(10, 41));
        put8(&c->out, 0);
        end_frame(c, start);
        break;
    case ID(10, 50):
        send_empty(c, 0, ID(10, 51));
        return 0;
    case ID(20, 10):
        memset(channel, 0, sizeof *channel);
        start = begin_method(c, number, ID(20, 11));
        put32(&c->out, 0);
        end_frame(c, start);
        break;
    case ID(20, 40): send_empty(c, number, ID(20, 41)); break;
    case ID(40, 10): send_empty(c, number, ID(40, 11)); break;
    case ID(50, 10):
        get_short(arguments + 2, name);
        start = begin_method(c, number, ID(50, 11));
        put_short(&c->out, name);
        put64(&c->out, 0);
        end_frame(c, start);
        break;
    case ID(50, 20): send_empty(c, number, ID(50, 21)); break;
    case ID(50, 30):
        start = begin_method(c, number, ID(50, 31));
        put32(&c->out, 0);
        end_frame(c, start);
        break;
    case ID(60, 10):
        channel->prefetch = get16(arguments + 4);
        send_empty(c, number, ID(60, 11));
        break;
    case ID(60, 20):
        get_short(get_short(arguments + 2, channel->queue), channel->consumer);
        if (!*channel->consumer) strcpy(channel->consumer, "stand-in");
        channel->consumes = 1;
        start = begin_method(c, number, ID(60, 21));
        put_short(&c->out, channel->consumer);
        end_frame(c, start);
        break;
    case ID(60, 30):
        channel->consumes = 0;
        get_short(arguments, name);
        start = begin_method(c, number, ID(60, 31));
        put_short(&c->out, name);
        end_frame(c, start);
        break;
    case ID(60, 40): break;
    case ID(60, 80):
        if (arguments[8]) channel->acknowledged = get64(arguments);
        else channel->acknowledged++;
        break;
    case ID(60, 120):
    case ID(60, 90): channel->acknowledged++; break;
    case ID(85, 10):
        channel->confirms = 1;
        send_empty(c, number, ID(85, 11));
        break;
    default: fprintf(stderr, "standin: method %u.%u is not known\n", get16(bytes), get16(bytes + 2)); return 0;
    }
    return 1;
}

static void keep(uint8_t *place, size_t *size, const uint8_t *bytes, size_t count) {
    pthread_mutex_lock(&last.lock);
    if (count <= KEPT) memcpy(place, bytes, *size = count);
    pthread_mutex_unlock(&last.lock);
}

/* Takes the frames that are there; returns whether the connection goes on. */
static int take_frames(struct connection *c) {
    size_t position = 0;
    int goes_on = 1;
    while (goes_on && c->in.count - position >= 8) {
        const uint8_t *frame = c->in.bytes + position;
        uint16_t number = get16(frame + 1) & 2047;
        uint32_t size = get32(frame + 3);
        if (c->in.count - position < size + 8u) break;
        if (frame[0] == METHOD) goes_on = take_method(c, number, frame + 7);
        struct channel *channel = &c->channels[number];
        if (frame[0] == HEADER) {
            keep(last.header, &last.header_size, frame + 7, size);
            channel->rest = get64(frame + 11);
            if (!channel->rest) channel->published++;
        }
        if (frame[0] == BODY) {
            keep(last.body, &last.body_size, frame + 7, size);
            channel->rest -= size;
            if (!channel->rest) channel->published++;
        }
        position += size + 8;
    }
    memmove(c->in.bytes, c->in.bytes + position, c->in.count -= position);
    return goes_on;
}

static void *serve(void *argument) {
    struct connection *c = calloc(1, sizeof *c);
    c->socket = (int)(intptr_t)argument;
    char head[8];
    if (recv(c->socket, head, sizeof head, MSG_WAITALL) == sizeof head) {
        greet(c);
        for (int goes_on = flush(c); goes_on;) {
            reserve(&c->in, FRAME_MAX * 2);
            ssize_t count = read(c->socket, c->in.bytes + c->in.count, FRAME_MAX);
            if (count <= 0) break;
            c->in.count += (size_t)count;
            goes_on = take_frames(c);
            /* Nothing may follow the answer to a close. */
            for (uint16_t number = 1; goes_on && number < 64; number++) {
                struct channel *channel = &c->channels[number];
                if (channel->confirms && channel->published > channel->confirmed) {
                    size_t start = begin_method(c, number, ID(60, 80));
                    put64(&c->out, channel->confirmed = channel->published);
                    put8(&c->out, 1);
                    end_frame(c, start);
                }
                deliver(c, number);
            }
            if (!flush(c)) break;
        }
    }
    close(c->socket);
    free(c->in.bytes);
    free(c->out.bytes);
    free(c);
    return NULL;
}

int main(int argc, char **argv) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int yes = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_port = htons((uint16_t)(argc == 2 ? atoi(argv[1]) : 0));
    signal(SIGPIPE, SIG_IGN);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (argc != 2 || bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 16)) {
        fprintf(stderr, "usage: standin PORT\n");
        return 64;
    }
    puts("ready");
    fflush(stdout);
    for (;;) {
        int socket = accept(listener, NULL, NULL);
        pthread_t thread;
        if (socket < 0) continue;
        setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        if (pthread_create(&thread, NULL, serve, (void *)(intptr_t)socket)) close(socket);
        else pthread_detach(thread);
    }
}
