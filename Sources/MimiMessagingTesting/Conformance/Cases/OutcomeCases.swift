import MimiMessaging

/// What becomes of a message when its handler ends: done, again, or given up.
enum OutcomeCases {
    static let all: [ConformanceCase] = [
        ConformanceCase("what is handled is done", "Returns: the message is acknowledged.") { world in
            let journal = world.journal()
            let service = try await world.service(noting: journal, ProcessorOptions(concurrency: 1))
            for n in 1...10 { try await service.command("orders/place", ["n": .integer(n)]) }
            try await journal.wait(for: 10)
            await service.stop()
            try await service.start()
            try await service.command("orders/place", ["n": 11])
            try expectEqual(try await journal.wait(for: 11).numbers, Array(1...11), "what is handled, over a restart")
        },
        ConformanceCase(
            "what fails is delivered again", "Throws: delivered again after the next delay of the retry ladder."
        ) { world in
            let journal = world.journal()
            let service = try await world.service(noting: journal) { received in
                if received.context.attempt == 1 { throw ProcessingError(code: "busy", message: "busy") }
            }
            try await service.command("orders/place", ["n": 7, "text": "grün"], headers: ["tenant": "blue"])
            let received = try await journal.wait(for: 2)
            try expectEqual(received.attempts, [1, 2], "the attempts")
            try expectEqual(received.ids.count, 1, "the number of different message ids")
            for delivery in received {
                try expectEqual(try delivery.message.values(), ["n": 7, "text": "grün"], "the body of each delivery")
                try expectEqual(delivery.context.headers["tenant"], "blue", "the header of each delivery")
                try expectEqual(delivery.method, "place", "the method of each delivery")
                try expectEqual(delivery.kind, .command, "the kind of each delivery")
            }
            try expectEqual(received[1].context.sentAt, received[0].context.sentAt, "the time of sending")
        },
        ConformanceCase(
            "the retry ladder is climbed", "Delivered again after the next delay of the ladder; the last repeats."
        ) { world in
            let journal = world.journal()
            let delays: [Duration] = [.milliseconds(50), .milliseconds(300)]
            let options = ProcessorOptions(
                retryPolicy: RetryPolicy(maximumAttempts: 5, immediateRetries: 1, delays: delays))
            let service = try await world.service(noting: journal, options) { _ in
                throw ProcessingError(code: "busy", message: "busy")
            }
            try await service.command("orders/place")
            let received = try await journal.wait(for: 5)
            try expectEqual(received.attempts, [1, 2, 3, 4, 5], "the attempts")
            let expected: [Duration] = [.zero] + delays + [delays[1]]
            for (index, delay) in expected.enumerated() {
                let waited = received[index].time.duration(to: received[index + 1].time)
                // Brokers and kernels round to milliseconds.
                try expect(
                    waited >= delay - .milliseconds(5),
                    "attempt \(index + 2) must wait \(delay) but came after \(waited)")
            }
        },
        ConformanceCase(
            "the last attempt is the last", "After the last attempt, the message is dead-lettered."
        ) { world in
            let journal = world.journal()
            let service = try await world.service(noting: journal, bus: ["mq_retry_max_attempts": 4]) { received in
                if received.method == "place" { throw ProcessingError(code: "broken", message: "always") }
            }
            try await service.command("orders/place")
            _ = try await world.deadLetters()
            try await service.command("orders/mark")
            try await journal.wait(for: 5)
            try expectEqual(journal.entries.of("place").attempts, [1, 2, 3, 4], "the attempts")
        },
        ConformanceCase("one attempt can be enough", "RetryPolicy.never: one attempt only.") { world in
            let journal = world.journal()
            let service = try await world.service(noting: journal, ProcessorOptions(retryPolicy: .never)) { received in
                if received.method == "place" { throw ProcessingError(code: "broken", message: "always") }
            }
            try await service.command("orders/place")
            try expectEqual(try await world.deadLetters()[0].attempts, 1, "the attempts that the dead letter tells of")
            try await service.command("orders/mark")
            try expectEqual(try await journal.wait(for: 2).methods, ["place", "mark"], "what is handled")
        },
        ConformanceCase("a final error is final", "A final error is dead-lettered at once.") { world in
            let journal = world.journal()
            let service = try await world.service(noting: journal, ProcessorOptions(concurrency: 1)) { received in
                guard received.method == "place" else { return }
                throw ProcessingError(code: "unpayable", message: "no such card", isFinal: true)
            }
            try await service.command("orders/place")
            let letter = try await world.deadLetters()[0]
            try expectEqual(letter.failureCode, "unpayable", "the dead letter's reason")
            try expectEqual(letter.attempts, 1, "the attempts that the dead letter tells of")
            try await service.command("orders/mark")
            try expectEqual(try await journal.wait(for: 2).methods, ["place", "mark"], "what is handled")
        },
        ConformanceCase(
            "not now is no failure", "NACK: delivered again after the retry delay, however often; never given up."
        ) { world in
            let journal = world.journal()
            let service = try await world.service(noting: journal, ProcessorOptions(concurrency: 1)) { received in
                switch received.method {
                case "place" where received.context.attempt < 7: throw NACK()
                case "mark": throw ProcessingError(code: "marked", message: "", isFinal: true)
                default: break
                }
            }
            try await service.command("orders/place")
            let received = try await journal.wait(for: 7)
            try expectEqual(received.attempts, Array(1...7), "the attempts, more than failures may have")
            for (earlier, later) in zip(received, received.dropFirst()) {
                let waited = earlier.time.duration(to: later.time)
                try expect(waited >= .milliseconds(15), "a NACK must wait for the retry delay of 20 ms, not \(waited)")
            }
            try await service.command("orders/mark")
            try expectEqual(try await world.deadLetters().map(\.failureCode), ["marked"], "the dead letters")
        },
        ConformanceCase("what waits for its retry blocks nobody", "A failed message waits beside its queue.") { world in
            let journal = world.journal()
            // Beyond the end of the case: what is to be seen is that others do not wait for it.
            let options = ProcessorOptions(
                concurrency: 1, prefetch: 1, retryPolicy: RetryPolicy(delays: [world.patience * 20]))
            let service = try await world.service(noting: journal, options) { received in
                if received.method == "failing" { throw ProcessingError(code: "busy", message: "") }
            }
            for _ in 1...3 { try await service.command("orders/failing") }
            try await service.command("orders/mark")
            try await journal.wait(for: 4)
            // Whatever came back without waiting is before this one.
            try await service.command("orders/mark")
            let expected = ["failing", "failing", "failing", "mark", "mark"]
            try expectEqual(try await journal.wait(for: 5).methods, expected, "the order of handling")
        },
        ConformanceCase("attempts count over all processes", "Attempts are counted over all processes.") { world in
            let (journal, gate) = (world.journal(), world.gate())
            let fail: NotingProcessor.Action = { received in
                guard received.method == "place" else { return }
                try await gate.wait()
                throw ProcessingError(code: "broken", message: "broken")
            }
            let options = ProcessorOptions(concurrency: 1, prefetch: 10)
            let first = try await world.service(as: "a", noting: journal, options, onCommand: fail)
            try await first.command("orders/place")
            try await journal.wait(for: 1)
            // The first process fails once, on its way out.
            let stop = try await world.beginStop(of: first)
            gate.open()
            try await world.soon("the stop") { await stop.value }
            _ = try await world.service(as: "b", noting: journal, options, onCommand: fail)
            try expectEqual(try await world.deadLetters()[0].attempts, 3, "the attempts that the dead letter tells of")
            let received = journal.entries.of("place")
            try expectEqual(received.attempts, [1, 2, 3], "the attempts")
            try expectEqual(received.map(\.processor), ["a", "b", "b"], "who attempted")
        },
        ConformanceCase("each message counts for itself", "Attempts belong to a message.") { world in
            let journal = world.journal()
            let service = try await world.service(noting: journal) { received in
                if received.context.attempt < received.number ?? 0 { throw ProcessingError(code: "busy", message: "") }
            }
            for n in 1...3 {
                for _ in 1...5 { try await service.command("orders/place", ["n": .integer(n)]) }
            }
            let received = try await journal.wait(for: 5 * (1 + 2 + 3))
            for n in 1...3 {
                let attempts = received.filter { $0.number == n }.attempts.sorted()
                let expected = (1...n).flatMap { Array(repeating: $0, count: 5) }
                try expectEqual(attempts, expected, "the attempts of those that succeed at attempt \(n)")
            }
        },
        ConformanceCase(
            "a handler's own cancellation is a failure", "Throws anything else: delivered again after the next delay."
        ) { world in
            let journal = world.journal()
            let service = try await world.service(noting: journal) { _ in throw CancellationError() }
            try await service.command("orders/place")
            try expectEqual(try await world.deadLetters()[0].attempts, 3, "the attempts that the dead letter tells of")
            try expectEqual(journal.entries.attempts, [1, 2, 3], "the attempts")
        },
        ConformanceCase(
            "an identity outlives redelivery", "A message has an identity, the same however often it is delivered."
        ) { world in
            let journal = world.journal()
            let service = try await world.service(noting: journal) { received in
                if received.context.attempt < 3 { throw NACK() }
            }
            for n in 1...10 { try await service.command("orders/place", ["n": .integer(n)]) }
            let received = try await journal.wait(for: 30)
            for n in 1...10 {
                let deliveries = received.filter { $0.number == n }
                try expectEqual(deliveries.count, 3, "the number of deliveries of message \(n)")
                try expectEqual(deliveries.ids.count, 1, "the number of different ids of message \(n)")
            }
            try expectEqual(received.ids.count, 10, "the number of different message ids")
        },
        ConformanceCase(
            "an event is retried in its queue", "What an outcome does to a command, it does to an event with a queue."
        ) { world in
            let journal = world.journal()
            let listener = try await world.listener(queue: "billing", noting: journal) { received in
                if received.context.attempt < 3 { throw NACK() }
            }
            try await listener.event("users#locked", ["n": 1])
            let received = try await journal.wait(for: 3)
            try expectEqual(received.attempts, [1, 2, 3], "the attempts")
            try expectEqual(received.ids.count, 1, "the number of different message ids")
            try expect(received.allSatisfy { $0.kind == .event }, "an event must stay one when it is delivered again")
        },
    ]
}
