import MimiMessaging

/// Many messages under one wait.
enum BatchCases {
    static let all: [ConformanceCase] = [
        ConformanceCase(
            "a batch of commands arrives in order", "A batch is taken whole, and arrives as it was sent."
        ) { world in
            let journal = world.journal()
            _ = try await world.service(noting: journal, ProcessorOptions(concurrency: 1))
            let client = try await world.client()
            try await client.commands("orders/place", messages(1...200))
            try expectEqual(try await journal.wait(for: 200).numbers, Array(1...200), "what is handled")
        },
        ConformanceCase(
            "a batch of events is heard", "A batch of events is taken for each queue that listens; nobody has to."
        ) { world in
            let journal = world.journal()
            let client = try await world.client()
            try await client.events("users#locked", messages(1...3))
            _ = try await world.listener(queue: "billing", noting: journal, ProcessorOptions(concurrency: 1))
            try await client.events("users#locked", messages(4...100))
            try expectEqual(try await journal.wait(for: 97).numbers, Array(4...100), "what is heard")
        },
        ConformanceCase(
            "an empty batch is no error", "A batch fails for the sake of its messages only."
        ) { world in
            let client = try await world.client()
            try await client.commands("orders/place", [Message]())
            try await client.events("users#locked", [Message]())
        },
        ConformanceCase(
            "a batch tells which messages failed", "What cannot be sent fails alone, and the others are taken."
        ) { world in
            let journal = world.journal()
            _ = try await world.service(noting: journal, ProcessorOptions(concurrency: 1))
            let client = try await world.client(["mq_max_body_size": 1000])
            var batch = messages(0...9)
            batch[3].headers["__reserved"] = "x"
            batch[7]["note"] = .string(String(repeating: "x", count: 1000))
            let error = try await expectBatchError { [batch] in try await client.commands("orders/place", batch) }
            try expectEqual(error.count, 10, "the size of the batch")
            try expectEqual(
                error.failures.mapValues(\.code), [3: .invalidMessage, 7: .messageTooLarge], "what failed, and why")
            try expectEqual(
                try await journal.wait(for: 8).numbers, [0, 1, 2, 4, 5, 6, 8, 9], "what is handled nevertheless")
        },
        ConformanceCase(
            "a batch to no queue is unroutable at once", "unroutable in one round trip if there is no such queue."
        ) { world in
            let client = try await world.client()
            try await world.soon("the error of a batch to a queue that does not exist") {
                let error = try await expectBatchError { try await client.commands("orders/place", messages(1...5)) }
                try expectEqual(error.failures.count, 5, "the number of failures")
                for failure in error.failures.values {
                    try expectEqual(failure.code, .unroutable, "the code")
                    try expectEqual(failure.target, "orders/place", "the target")
                }
            }
        },
        ConformanceCase(
            "a cancelled task sends no batch", "It ends at once with CancellationError, and leaves nothing behind."
        ) { world in
            let journal = world.journal()
            let service = try await world.service(noting: journal, ProcessorOptions(concurrency: 1))
            let gate = world.gate()
            let batch = Task {
                await gate.waitIgnoringCancellation()
                try await service.commands("orders/place", messages(1...5))
            }
            batch.cancel()
            gate.open()
            try await world.soon("the end of a cancelled batch") {
                try await expectCancellation(from: "a batch") { try await batch.value }
            }
            try await service.command("orders/mark")
            try expectEqual(try await journal.wait(for: 1).methods, ["mark"], "what was delivered")
        },
    ]

    private static func messages(_ numbers: ClosedRange<Int>) -> [Message] { numbers.map { ["n": .integer($0)] } }

    private static func expectBatchError(_ send: () async throws -> Void) async throws -> BatchError {
        do {
            try await send()
        } catch let error as BatchError {
            return error
        }
        throw ConformanceFailure(
            "a batch with bad messages was taken as if all were good", fileID: #fileID, line: #line)
    }
}
