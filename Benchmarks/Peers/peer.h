/* What the C programs share: settings, clocks, the line of results. */
#ifndef PEER_H
#define PEER_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

struct settings {
    int port;
    long count, warm_up, outstanding, body, prefetch;
    const char *queue, *topic;
};

static long setting(const char *name, long standard) {
    const char *text = getenv(name);
    return text && *text ? atol(text) : standard;
}

static const char *word(const char *name, const char *standard) {
    const char *text = getenv(name);
    return text && *text ? text : standard;
}

static struct settings read_settings(void) {
    struct settings s;
    s.port = (int)setting("BENCH_PORT", 5672);
    s.count = setting("BENCH_COUNT", 50000);
    s.warm_up = setting("BENCH_WARMUP", s.count / 10);
    s.outstanding = setting("BENCH_OUTSTANDING", 500);
    s.body = setting("BENCH_BODY", 256);
    s.prefetch = setting("BENCH_PREFETCH", 200);
    s.queue = word("BENCH_QUEUE", "bench.classic");
    s.topic = word("BENCH_TOPIC", NULL);
    return s;
}

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec + now.tv_nsec * 1e-9;
}

static double of(struct timeval time) { return time.tv_sec + time.tv_usec * 1e-6; }

/* The body that the other programs send, too. The caller frees it. */
static char *make_body(size_t size) {
    static const char head[] = "{\"id\":\"00000000\",\"kind\":\"bench.message\",\"pad\":\"";
    size_t length = sizeof head - 1;
    char *body = malloc(size + 1);
    if (!body) exit(1);
    if (size < length + 2) {
        snprintf(body, size + 1, "{}");
    } else {
        memset(body, 'x', size);
        memcpy(body, head, length);
        memcpy(body + size - 2, "\"}", 3);
    }
    return body;
}

/* Memory of the process in KiB: Linux's word for it, 0 elsewhere. */
static long memory(const char *name) {
    char line[256];
    long value = 0;
    FILE *file = fopen("/proc/self/status", "r");
    while (file && fgets(line, sizeof line, file))
        if (!strncmp(line, name, strlen(name))) value = atol(line + strlen(name) + 1);
    if (file) fclose(file);
    return value;
}

static struct { double time; struct rusage usage; } begun;

static void begin(void) {
    getrusage(RUSAGE_SELF, &begun.usage);
    begun.time = seconds();
}

static int by_size(const void *left, const void *right) {
    double l = *(const double *)left, r = *(const double *)right;
    return (l > r) - (l < r);
}

/* Prints what has passed since begin(). Latencies are in seconds; there may be none. */
static void report(long count, double *latencies, long samples) {
    double passed = seconds() - begun.time;
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    double user = of(usage.ru_utime) - of(begun.usage.ru_utime);
    double system = of(usage.ru_stime) - of(begun.usage.ru_stime);
    printf("{\"count\":%ld,\"seconds\":%.6f,\"rate\":%.1f,\"user\":%.4f,\"system\":%.4f", count, passed,
           count / passed, user * 1e6 / count, system * 1e6 / count);
    if (samples > 0) {
        qsort(latencies, samples, sizeof *latencies, by_size);
        printf(",\"p50\":%.1f,\"p99\":%.1f", latencies[samples / 2] * 1e6, latencies[samples * 99 / 100] * 1e6);
    }
    printf(",\"resident\":%ld,\"residentPeak\":%ld}\n", memory("VmRSS:"), memory("VmHWM:"));
    fflush(stdout);
}

#endif
