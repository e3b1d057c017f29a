// The Java client with its usual connection. The same roles and settings as lib.c.

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ConfirmListener;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

public class JavaClient {
    static final int COUNT = setting("BENCH_COUNT", 50000);
    static final int WARM_UP = setting("BENCH_WARMUP", COUNT / 10);
    static final int OUTSTANDING = setting("BENCH_OUTSTANDING", 500);
    static final int PREFETCH = setting("BENCH_PREFETCH", 200);
    static final String QUEUE = word("BENCH_QUEUE", "bench.classic");
    static final String TOPIC = word("BENCH_TOPIC", "");
    static final byte[] BODY = body(setting("BENCH_BODY", 256));

    static long[] begunCpu;
    static long begun;

    static String word(String name, String standard) {
        String value = System.getenv(name);
        return value == null || value.isEmpty() ? standard : value;
    }

    static int setting(String name, int standard) {
        return Integer.parseInt(word(name, String.valueOf(standard)));
    }

    static byte[] body(int size) {
        String head = "{\"id\":\"00000000\",\"kind\":\"bench.message\",\"pad\":\"";
        return (head + "x".repeat(Math.max(0, size - head.length() - 2)) + "\"}").getBytes();
    }

    /** User and system time of the process in ticks of 10 ms: Java has no getrusage. */
    static long[] cpu() throws IOException {
        String status = Files.readString(Path.of("/proc/self/stat"));
        String[] fields = status.substring(status.lastIndexOf(')') + 2).split(" ");
        return new long[] {Long.parseLong(fields[11]), Long.parseLong(fields[12])};
    }

    static long memory(String name) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream().filter(line -> line.startsWith(name + ":"))
            .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", ""))).findFirst().orElse(0);
    }

    static void begin() throws IOException {
        begunCpu = cpu();
        begun = System.nanoTime();
    }

    static void report(long[] latencies) throws IOException {
        double seconds = (System.nanoTime() - begun) / 1e9;
        long[] now = cpu();
        double tick = 1e4 / COUNT;
        StringBuilder line = new StringBuilder(String.format(Locale.ROOT,
            "{\"count\":%d,\"seconds\":%.6f,\"rate\":%.1f,\"user\":%.4f,\"system\":%.4f,\"resident\":%d,\"residentPeak\":%d",
            COUNT, seconds, COUNT / seconds, (now[0] - begunCpu[0]) * tick, (now[1] - begunCpu[1]) * tick,
            memory("VmRSS"), memory("VmHWM")));
        if (latencies != null) {
            Arrays.sort(latencies);
            line.append(String.format(Locale.ROOT, ",\"p50\":%.1f,\"p99\":%.1f", latencies[latencies.length / 2] / 1e3,
                latencies[latencies.length * 99 / 100] / 1e3));
        }
        System.out.println(line.append("}"));
        System.out.flush();
    }

    static void publish(Channel channel) throws Exception {
        BasicProperties properties =
            new BasicProperties.Builder().contentType("application/json").deliveryMode(2).build();
        Semaphore room = new Semaphore(OUTSTANDING);
        channel.confirmSelect();
        channel.addConfirmListener(new ConfirmListener() {
            private long confirmed = 0;

            public void handleAck(long tag, boolean multiple) {
                long before = confirmed;
                confirmed = multiple ? Math.max(confirmed, tag) : confirmed + 1;
                room.release((int) (confirmed - before));
            }

            public void handleNack(long tag, boolean multiple) {
                System.exit(1);
            }
        });
        long[] latencies = OUTSTANDING == 1 ? new long[COUNT] : null;
        for (int number = 0; number < WARM_UP + COUNT; number++) {
            if (number == WARM_UP) {
                room.acquire(OUTSTANDING);
                room.release(OUTSTANDING);
                begin();
            }
            long start = System.nanoTime();
            room.acquire();
            channel.basicPublish(TOPIC, TOPIC.isEmpty() ? QUEUE : "", TOPIC.isEmpty(), properties, BODY);
            if (OUTSTANDING == 1) {
                room.acquire();
                room.release();
                if (number >= WARM_UP) latencies[number - WARM_UP] = System.nanoTime() - start;
            }
        }
        room.acquire(OUTSTANDING);
        report(latencies);
    }

    static void consume(Channel channel, boolean answers) throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        channel.basicQos(PREFETCH);
        channel.basicConsume(QUEUE, false, new DefaultConsumer(channel) {
            private int seen = 0;

            @Override
            public void handleDelivery(String tag, Envelope envelope, BasicProperties properties, byte[] body)
                throws IOException {
                if (seen++ == WARM_UP) begin();
                if (answers) {
                    BasicProperties reply = new BasicProperties.Builder().contentType("application/json")
                        .correlationId(properties.getCorrelationId()).build();
                    channel.basicPublish("", properties.getReplyTo(), reply, body);
                }
                channel.basicAck(envelope.getDeliveryTag(), false);
                if (seen == WARM_UP + COUNT) {
                    report(null);
                    end.countDown();
                }
            }
        });
        if (answers) {
            System.out.println("ready");
            System.out.flush();
        }
        end.await();
    }

    static void ask(Channel channel) throws Exception {
        ConcurrentHashMap<String, CompletableFuture<byte[]>> waiting = new ConcurrentHashMap<>();
        channel.basicConsume("amq.rabbitmq.reply-to", true, new DefaultConsumer(channel) {
            @Override
            public void handleDelivery(String tag, Envelope envelope, BasicProperties properties, byte[] body) {
                waiting.remove(properties.getCorrelationId()).complete(body);
            }
        });
        askInParallel(channel, waiting, "w", WARM_UP);
        begin();
        report(askInParallel(channel, waiting, "m", COUNT));
    }

    static long[] askInParallel(
        Channel channel, ConcurrentHashMap<String, CompletableFuture<byte[]>> waiting, String name, int total)
        throws InterruptedException {
        long[] latencies = new long[total];
        AtomicInteger next = new AtomicInteger();
        Thread[] threads = new Thread[Math.min(OUTSTANDING, total)];
        for (int index = 0; index < threads.length; index++) {
            threads[index] = new Thread(() -> {
                try {
                    for (int number = next.getAndIncrement(); number < total; number = next.getAndIncrement()) {
                        String id = name + number;
                        CompletableFuture<byte[]> reply = new CompletableFuture<>();
                        waiting.put(id, reply);
                        BasicProperties properties = new BasicProperties.Builder().contentType("application/json")
                            .deliveryMode(1).replyTo("amq.rabbitmq.reply-to").correlationId(id)
                            .headers(Map.of("__method", "work")).build();
                        long start = System.nanoTime();
                        channel.basicPublish("", QUEUE, true, properties, BODY);
                        reply.get();
                        latencies[number] = System.nanoTime() - start;
                    }
                } catch (Exception error) {
                    error.printStackTrace();
                    System.exit(1);
                }
            });
            threads[index].start();
        }
        for (Thread thread : threads) thread.join();
        return latencies;
    }

    public static void main(String[] arguments) throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setHost("127.0.0.1");
        factory.setPort(setting("BENCH_PORT", 5672));
        try (Connection connection = factory.newConnection()) {
            Channel channel = connection.createChannel();
            switch (arguments.length == 1 ? arguments[0] : "") {
                case "publish": publish(channel); break;
                case "process": consume(channel, false); break;
                case "answer": consume(channel, true); break;
                case "ask": ask(channel); break;
                default:
                    System.err.println("usage: JavaClient publish|process|ask|answer");
                    System.exit(64);
            }
        }
    }
}
