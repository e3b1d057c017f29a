@testable import RabbitMQClient

extension FuzzTarget {
    /// Any order of publishes and answers, beside the simplest thing that could do the same.
    static let confirms = FuzzTarget("confirms") { bytes in
        var script = Script(bytes)
        var tracker = ConfirmTracker<UInt64>(minimumCapacity: 1)
        var waiting: Set<UInt64> = []
        var last: UInt64 = 0
        while !script.isOver {
            switch script.choice(below: 8) {
            case 0...3:
                last += 1
                tracker.register(last)
                waiting.insert(last)
            case 4, 5:
                let multiple = script.byte() & 1 == 1
                let tag = UInt64(script.byte()) * (script.byte() == 0xFF ? .max / 255 : 1)
                var settled: [UInt64] = []
                let settlement = tracker.settle(tag, multiple: multiple) { settled.append($0) }
                let upTo = tag == 0 && multiple ? last : tag
                let expected = upTo > last ? [] : waiting.filter { multiple ? $0 <= upTo : $0 == upTo }
                try require(settled == expected.sorted(), "settled \(settled), not \(expected.sorted())")
                try require((settlement == .settled) == !expected.isEmpty, "said \(settlement) of \(expected.count)")
                waiting.subtract(expected)
            case 6:
                let wanted = UInt64(script.byte())
                let isThere = tracker.updateFirst(where: { $0 == wanted }, { _ in })
                try require(isThere == waiting.contains(wanted), "\(wanted) is there or not")
            default:
                var removed: [UInt64] = []
                tracker.removeAll { removed.append($0) }
                try require(removed == waiting.sorted(), "removed \(removed)")
                waiting = []
            }
            try require(tracker.count == waiting.count, "\(tracker.count) wait, not \(waiting.count)")
            try require(tracker.next == last + 1, "the next number is \(tracker.next)")
        }
    }

    /// Any order of deliveries and verdicts: each verdict reaches the broker once, and no acknowledgement for several covers
    /// what has none.
    static let deliveries = FuzzTarget("deliveries") { bytes in
        var script = Script(bytes)
        var ledger = DeliveryLedger()
        var last: UInt64 = 0
        var open: Set<UInt64> = []
        var verdicts: [UInt64: AMQPVerdict] = [:]
        func takeVerdicts() throws {
            var sent: [(UInt64, Bool, AMQPVerdict)] = []
            ledger.takeVerdicts { sent.append(($0, $1, $2)) }
            for (tag, multiple, verdict) in sent {
                for covered in multiple ? open.filter({ $0 <= tag }) : [tag] {
                    try require(verdicts.removeValue(forKey: covered) == verdict, "\(verdict) covers \(covered)")
                    try require(open.remove(covered) != nil, "\(covered) is settled twice")
                }
            }
            try require(verdicts.isEmpty, "verdicts that were not sent: \(verdicts)")
        }
        while !script.isOver {
            switch script.choice(below: 8) {
            case 0...2:
                let tag = last + 1 + (script.byte() > 250 ? UInt64(script.integer(UInt32.self)) : 0)
                try require(ledger.record(tag), "\(tag) is refused behind \(last)")
                open.insert(tag)
                last = tag
            case 3...5:
                let tag = last &- UInt64(script.byte() % 32)
                let verdict: AMQPVerdict =
                    switch script.choice(below: 4) {
                    case 0: .nack(requeue: script.byte() & 1 == 1)
                    case 1: .reject(requeue: false)
                    default: .ack
                    }
                let isFresh = open.contains(tag) && verdicts[tag] == nil
                try require(ledger.decide(tag, verdict) == isFresh, "a verdict about \(tag)")
                if isFresh { verdicts[tag] = verdict }
            case 6: try require(!ledger.record(last - min(last, UInt64(script.byte()))), "a tag that went back")
            default: try takeVerdicts()
            }
        }
        try takeVerdicts()
    }

    /// Any order of events in a channel's life: it sends its close once at the most, and once closed stays so.
    static let channelState = FuzzTarget("channel-state") { bytes in
        var script = Script(bytes)
        var state = ChannelState()
        var closes = 0
        while !script.isOver {
            let before = state.phase
            let action: ChannelState.Action
            switch script.choice(below: 6) {
            case 0: action = state.receivedOpenOk()
            case 1: action = state.receivedClose()
            case 2: action = state.receivedCloseOk()
            case 3: action = state.close()
            case 4:
                state.sentCloseOk()
                action = before == .answering ? .free : .nothing
            default:
                state.sentClose()
                action = .nothing
            }
            if action == .sendClose { closes += 1 }
            try require(closes <= 1, "two closes")
            try require(before != .closed || state.phase == .closed, "a closed channel is open again")
            try require(before != .closed || action == .nothing || action == .violation, "\(action) when closed")
            try require(action != .announceOpen || before == .opening, "opened from \(before)")
            let isFreed = before != .closed && state.phase == .closed
            try require((action == .free) == isFreed, "\(action) from \(before) to \(state.phase)")
            try require(state.mayEmit == (state.phase == .open), "may emit while \(state.phase)")
        }
    }
}
