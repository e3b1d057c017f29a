import ArgumentParser
import MimiMessaging

/// A crowd of customers: it orders at a steady pace, whatever happens, keeps a book of its own, and compares it in the end
/// with that of the service "orders".
struct CrowdCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "crowd", abstract: "Places orders at a steady pace; reads 'report' and 'quit' from its input.")

    @OptionGroup var broker: BrokerOptions
    @Option(help: "Milliseconds from one order to the next.") var every = 100
    @Option(help: "Milliseconds within which the broker has to confirm an order.") var timeout = 3000

    func validate() throws {
        guard every > 0, timeout > 0 else { throw ValidationError("--every and --timeout have to be more than 0") }
    }

    func run() async throws {
        let bus = try broker.bus(for: "crowd")
        let book = CrowdBook()
        try await bus.events("orders", options: ProcessorOptions(concurrency: 1)) { orders in
            orders.on(OrderPlaced.self) { order, context in await book.note(placed: order.id) }
            orders.on(OrderPaid.self) { order, context in await book.note(paid: order.id) }
        }
        try await bus.start()
        say("the crowd is here")

        async let ordering: Void = placeOrders(on: bus, book)
        for await line in inputLines() {
            if line == "quit" { break }
            if line == "report" { try await report(book) } else { say("say: report, or quit") }
        }
        await book.close()
        await ordering
        let isBalanced = try await printLedger(of: book, on: bus)
        await bus.stop()
        say("the crowd is gone")
        if !isBalanced { throw ExitCode.failure }
    }

    /// One order after the other, each in a task of its own: no order waits for the one before it.
    private func placeOrders(on bus: MessageBus, _ book: CrowdBook) async {
        await withDiscardingTaskGroup { calls in
            var due = ContinuousClock.now
            while let id = await book.next() {
                calls.addTask { await place(id, on: bus, book) }
                due += .milliseconds(every)
                guard (try? await Task.sleep(until: due)) != nil else { return }
            }
        }
    }

    private func place(_ id: Int, on bus: MessageBus, _ book: CrowdBook) async {
        let start = ContinuousClock.now
        do {
            // Returns when the broker has it, throws when the time is over. In between it survives the loss of the broker.
            try await bus.command(PlaceOrder(id: id, item: "tea", quantity: 1), timeout: .milliseconds(timeout))
            await book.note(sent: id, after: start.duration(to: .now))
            say("order \(id) is sent")
        } catch {
            let code = (error as? MessagingError)?.code.description ?? "\(error)"
            await book.note(failed: id, after: start.duration(to: .now), code: code)
            say("order \(id) failed: \(code)")
        }
    }

    /// Says what came of the orders since the last report, and how long it takes from now until work goes on.
    private func report(_ book: CrowdBook) async throws {
        let start = ContinuousClock.now
        let (last, bills) = (await book.last, await book.paid.count)
        try await wait(for: "a bill") { await book.paid.count > bills }
        let firstBill = start.duration(to: .now)
        try await wait(for: "the bill of a new order") { await book.isPast(last) }
        let caughtUp = start.duration(to: .now)

        let tally = await book.takeTally()
        let failed = tally.failed.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        say("report: \(tally.sent) orders sent, \(tally.waited) of them had to wait")
        say("report: failed: \(failed.isEmpty ? "none" : failed.joined(separator: ", "))")
        say("report: no order took longer than \(tally.longest.text)")
        say("report: work went on after \(firstBill.text), and had caught up after \(caughtUp.text)")
    }

    /// Compares the two books.
    /// - Returns: Whether all that was accepted was processed.
    private func printLedger(of book: CrowdBook, on bus: MessageBus) async throws -> Bool {
        let deadline = ContinuousClock.now + patience
        var counts: [Order.Status?: Int] = [:]
        for id in await book.sent { counts[try await status(of: id, on: bus, until: deadline), default: 0] += 1 }
        var takenAllTheSame = 0
        for id in await book.failed where try await status(of: id, on: bus, until: .now) != nil { takenAllTheSame += 1 }

        let (sent, failed) = (await book.sent.count, await book.failed.count)
        let (processed, lost) = (counts[.paid, default: 0], counts[nil, default: 0])
        say("ledger: \(sent) accepted: the broker has confirmed them")
        say("ledger: \(processed) processed: they are in the book of orders, billed and paid")
        say("ledger: \(lost) lost: orders does not know of them")
        say("ledger: \(failed) failed: nobody was promised anything; \(takenAllTheSame) were taken all the same")
        say("ledger: \(await book.placed.count) heard of as placed, in events")
        say("ledger: \(await book.paid.count) heard of as paid")
        return processed == sent
    }

    /// What "orders" says of an order, as soon as it is paid, or the time is over; nil if it knows of none.
    private func status(
        of id: Int, on bus: MessageBus, until deadline: ContinuousClock.Instant
    ) async throws -> Order.Status? {
        while true {
            var status: Order.Status?
            do {
                status = try await bus.query(ShowOrder(id: id)).status
            } catch let error as MessagingError where error.remoteCode == "order_not_found" {}
            if status == .paid || .now >= deadline { return status }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}

/// How long work may take to go on.
private let patience = Duration.seconds(60)

/// Waits until it is so.
private func wait(for what: String, _ isSo: () async -> Bool) async throws {
    let deadline = ContinuousClock.now + patience
    while await !isSo() {
        guard .now < deadline else { throw MessagingError(.timeout, "waited \(patience.text) for \(what)") }
        try await Task.sleep(for: .milliseconds(20))
    }
}

extension Duration {
    /// In seconds, with a tenth.
    fileprivate var text: String {
        let tenths = Int((self / .milliseconds(100)).rounded())
        return "\(tenths / 10).\(tenths % 10) s"
    }
}
