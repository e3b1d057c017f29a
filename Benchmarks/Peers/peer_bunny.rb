# Ruby's Bunny. The same roles and settings as lib.c, publish and process only.

require "bunny"
require "json"

def setting(name, standard)
  value = ENV.fetch(name, "")
  value.empty? ? standard : value.to_i
end

COUNT = setting("BENCH_COUNT", 50_000)
WARM_UP = setting("BENCH_WARMUP", COUNT / 10)
OUTSTANDING = setting("BENCH_OUTSTANDING", 500)
QUEUE = ENV.fetch("BENCH_QUEUE", "bench.classic")
TOPIC = ENV.fetch("BENCH_TOPIC", "")
HEAD = '{"id":"00000000","kind":"bench.message","pad":"'.freeze
BODY = HEAD + "x" * [0, setting("BENCH_BODY", 256) - HEAD.size - 2].max + '"}'

# What has passed since it was created.
class Measurement
  def initialize
    @cpu = Process.times
    @time = now
  end

  def now = Process.clock_gettime(Process::CLOCK_MONOTONIC)

  def report(latencies = [])
    passed = now - @time
    cpu = Process.times
    peak = File.read("/proc/self/status")[/VmHWM:\s+(\d+)/, 1].to_i
    result = {
      count: COUNT, seconds: passed, rate: COUNT / passed, user: (cpu.utime - @cpu.utime) * 1e6 / COUNT,
      system: (cpu.stime - @cpu.stime) * 1e6 / COUNT, residentPeak: peak
    }
    unless latencies.empty?
      ordered = latencies.sort
      result[:p50] = ordered[ordered.size / 2] * 1e6
      result[:p99] = ordered[ordered.size * 99 / 100] * 1e6
    end
    puts JSON.generate(result)
    $stdout.flush
  end
end

def publish(channel)
  measurement = nil
  latencies = []
  channel.confirm_select
  (WARM_UP + COUNT).times do |number|
    if number == WARM_UP
      channel.wait_for_confirms
      measurement = Measurement.new
    end
    start = measurement&.now
    channel.basic_publish(
      BODY, TOPIC, TOPIC.empty? ? QUEUE : "",
      content_type: "application/json", persistent: true, mandatory: TOPIC.empty?
    )
    # Bunny has no window: it waits for all that is outstanding.
    channel.wait_for_confirms if (number + 1) % OUTSTANDING == 0
    latencies << measurement.now - start if measurement && OUTSTANDING == 1
  end
  channel.wait_for_confirms
  measurement.report(latencies)
end

def process(channel)
  measurement = nil
  seen = 0
  finished = ::Queue.new
  channel.prefetch(setting("BENCH_PREFETCH", 200))
  channel.queue(QUEUE, passive: true).subscribe(manual_ack: true) do |delivery, _properties, _body|
    measurement = Measurement.new if seen == WARM_UP
    seen += 1
    channel.ack(delivery.delivery_tag)
    if seen == WARM_UP + COUNT
      measurement.report
      finished << true
    end
  end
  finished.pop
end

connection = Bunny.new(host: "127.0.0.1", port: setting("BENCH_PORT", 5672))
connection.start
case ARGV
when ["publish"] then publish(connection.create_channel)
when ["process"] then process(connection.create_channel)
else
  warn "usage: peer_bunny.rb publish|process"
  exit 64
end
connection.close
