// Go's amqp091-go, as its examples use it. The same roles and settings as lib.c.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

func setting(name string, standard int) int {
	if value, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return value
	}
	return standard
}

func word(name, standard string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return standard
}

var (
	count       = setting("BENCH_COUNT", 50000)
	warmUp      = setting("BENCH_WARMUP", count/10)
	outstanding = setting("BENCH_OUTSTANDING", 500)
	bodySize    = setting("BENCH_BODY", 256)
	prefetch    = setting("BENCH_PREFETCH", 200)
	queue       = word("BENCH_QUEUE", "bench.classic")
	topic       = os.Getenv("BENCH_TOPIC")
	begun       time.Time
	usage       syscall.Rusage
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "amqp091:", err)
		os.Exit(1)
	}
}

func body() []byte {
	head := `{"id":"00000000","kind":"bench.message","pad":"`
	if bodySize < len(head)+2 {
		return []byte("{}")
	}
	return []byte(head + strings.Repeat("x", bodySize-len(head)-2) + `"}`)
}

func begin() {
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	begun = time.Now()
}

func memory(name string) int {
	text, _ := os.ReadFile("/proc/self/status")
	for _, line := range strings.Split(string(text), "\n") {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == name+":" {
			value, _ := strconv.Atoi(fields[1])
			return value
		}
	}
	return 0
}

func report(latencies []time.Duration) {
	passed := time.Since(begun).Seconds()
	var now syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &now))
	perMessage := func(end, start syscall.Timeval) float64 {
		return float64(end.Nano()-start.Nano()) / 1e3 / float64(count)
	}
	result := map[string]any{
		"count": count, "seconds": passed, "rate": float64(count) / passed,
		"user": perMessage(now.Utime, usage.Utime), "system": perMessage(now.Stime, usage.Stime),
		"resident": memory("VmRSS"), "residentPeak": memory("VmHWM"),
	}
	if n := len(latencies); n > 0 {
		sort.Slice(latencies, func(i, j int) bool { return latencies[i] < latencies[j] })
		result["p50"] = float64(latencies[n/2].Nanoseconds()) / 1e3
		result["p99"] = float64(latencies[n*99/100].Nanoseconds()) / 1e3
	}
	must(json.NewEncoder(os.Stdout).Encode(result))
}

// inParallel runs a step so many times in as many goroutines as messages may be outstanding; gives the latencies.
func inParallel(total int, step func(number int)) []time.Duration {
	latencies := make([]time.Duration, total)
	var tasks sync.WaitGroup
	for task := 0; task < outstanding; task++ {
		tasks.Add(1)
		go func(task int) {
			defer tasks.Done()
			for number := task; number < total; number += outstanding {
				start := time.Now()
				step(number)
				latencies[number] = time.Since(start)
			}
		}(task)
	}
	tasks.Wait()
	return latencies
}

func publish(channel *amqp.Channel) {
	must(channel.Confirm(false))
	message := amqp.Publishing{ContentType: "application/json", DeliveryMode: amqp.Persistent, Body: body()}
	key := queue
	if topic != "" {
		key = ""
	}
	var publishing sync.Mutex
	step := func(int) {
		publishing.Lock()
		confirm, err := channel.PublishWithDeferredConfirmWithContext(
			context.Background(), topic, key, topic == "", false, message)
		publishing.Unlock()
		must(err)
		if !confirm.Wait() {
			must(fmt.Errorf("a message was not confirmed"))
		}
	}
	inParallel(warmUp, step)
	begin()
	latencies := inParallel(count, step)
	if outstanding > 1 {
		latencies = nil
	}
	report(latencies)
}

func process(channel *amqp.Channel) {
	must(channel.Qos(prefetch, 0, false))
	deliveries, err := channel.Consume(queue, "", false, false, false, false, nil)
	must(err)
	for number := 0; number < warmUp+count; number++ {
		if number == warmUp {
			begin()
		}
		delivery := <-deliveries
		must(delivery.Ack(false))
	}
	report(nil)
}

func ask(channel *amqp.Channel) {
	replies, err := channel.Consume("amq.rabbitmq.reply-to", "", true, false, false, false, nil)
	must(err)
	var waiting sync.Map
	go func() {
		for reply := range replies {
			if waiter, found := waiting.LoadAndDelete(reply.CorrelationId); found {
				waiter.(chan []byte) <- reply.Body
			}
		}
	}()
	round := func(name string, total int) []time.Duration {
		return inParallel(total, func(number int) {
			id := name + strconv.Itoa(number)
			waiter := make(chan []byte, 1)
			waiting.Store(id, waiter)
			must(channel.PublishWithContext(context.Background(), "", queue, true, false, amqp.Publishing{
				ContentType: "application/json", DeliveryMode: amqp.Transient, ReplyTo: "amq.rabbitmq.reply-to",
				CorrelationId: id, Body: body(), Headers: amqp.Table{"__method": "work"},
			}))
			<-waiter
		})
	}
	round("w", warmUp)
	begin()
	report(round("m", count))
}

func answer(channel *amqp.Channel) {
	must(channel.Qos(prefetch, 0, false))
	queries, err := channel.Consume(queue, "", false, false, false, false, nil)
	must(err)
	fmt.Println("ready")
	for number := 0; number < warmUp+count; number++ {
		if number == warmUp {
			begin()
		}
		query := <-queries
		must(channel.PublishWithContext(context.Background(), "", query.ReplyTo, false, false, amqp.Publishing{
			ContentType: "application/json", CorrelationId: query.CorrelationId, Body: query.Body,
		}))
		must(query.Ack(false))
	}
	report(nil)
}

func main() {
	roles := map[string]func(*amqp.Channel){"publish": publish, "process": process, "ask": ask, "answer": answer}
	role := roles[append(os.Args, "")[1]]
	if role == nil {
		fmt.Fprintln(os.Stderr, "usage: amqp091 publish|process|ask|answer")
		os.Exit(64)
	}
	connection, err := amqp.Dial(fmt.Sprintf("amqp://guest:guest@127.0.0.1:%d/", setting("BENCH_PORT", 5672)))
	must(err)
	channel, err := connection.Channel()
	must(err)
	role(channel)
	must(connection.Close())
}
