import DequeModule

/// What a caller decides about a delivery.
package enum AMQPVerdict: Sendable, Hashable {
    /// `basic.ack`
    case ack
    /// `basic.nack`
    case nack(requeue: Bool)
    /// `basic.reject`
    case reject(requeue: Bool)
}

/// The deliveries of one channel and the verdicts about them that are still to be sent.
///
/// Acknowledgements wait for the end of the turn: those that leave nothing open below them go out as one
/// `basic.ack` with `multiple`, which spares the broker most of the work. A delivery gets one verdict only, because
/// the broker closes the channel over a second one.
struct DeliveryLedger {
    private enum Mark {
        case open
        case acknowledged
        case settled
    }

    private struct Entry {
        let tag: UInt64
        var mark: Mark
    }

    /// How many may be open, so that a broker which knows no prefetch count cannot fill the memory.
    private static let mostOpen = 1 << 20

    /// The deliveries from the lowest open one on, by ascending tag.
    private var entries = Deque<Entry>()
    /// How many of them are open, and how many are settled behind an open one.
    private var (open, settled) = (0, 0)
    /// The tag of the last delivery.
    private var newest: UInt64 = 0
    /// Acknowledged since the last ``takeVerdicts(_:)``, in the order in which they came.
    private var acknowledged: [UInt64] = []
    private var refused: [(tag: UInt64, verdict: AMQPVerdict)] = []

    /// Whether ``takeVerdicts(_:)`` has something to say.
    var hasVerdicts: Bool { !acknowledged.isEmpty || !refused.isEmpty }

    /// Whether no delivery awaits a verdict.
    var isSettled: Bool { open == 0 }

    /// Notes a delivery that awaits a verdict (`basic.deliver`, `basic.get-ok`). Deliveries that do not await one use
    /// up tags as well, which leaves gaps of any length.
    ///
    /// - Returns: false when the broker's tags do not count up, or too many deliveries are open.
    mutating func record(_ tag: UInt64) -> Bool {
        guard tag > newest, open < Self.mostOpen else { return false }
        // One that stays open for long keeps what is settled behind it.
        if settled > 1024, settled > entries.count / 2 {
            entries.removeAll { $0.mark == .settled }
            settled = 0
        }
        entries.append(Entry(tag: tag, mark: .open))
        open += 1
        newest = tag
        return true
    }

    /// Takes a verdict.
    ///
    /// - Returns: false when the delivery has one already or does not exist.
    mutating func decide(_ tag: UInt64, _ verdict: AMQPVerdict) -> Bool {
        guard let index = index(of: tag), entries[index].mark == .open else { return false }
        open -= 1
        if verdict == .ack {
            entries[index].mark = .acknowledged
            acknowledged.append(tag)
        } else {
            entries[index].mark = .settled
            settled += 1
            refused.append((tag, verdict))
        }
        return true
    }

    /// Hands out what is to be sent: refusals first, then one acknowledgement for the run at the low end, then the
    /// other acknowledgements.
    ///
    /// Refusals come first so that an acknowledgement for several cannot cover one of them.
    mutating func takeVerdicts(_ send: (_ tag: UInt64, _ multiple: Bool, _ verdict: AMQPVerdict) -> Void) {
        for (tag, verdict) in refused { send(tag, false, verdict) }
        refused.removeAll(keepingCapacity: true)

        var last: UInt64 = 0
        var length = 0
        while let entry = entries.first, entry.mark != .open {
            if entry.mark == .acknowledged {
                last = entry.tag
                length += 1
            } else {
                settled -= 1
            }
            entries.removeFirst()
        }
        if length > 0 { send(last, length > 1, .ack) }

        if length < acknowledged.count {
            for tag in acknowledged {
                guard let index = index(of: tag) else { continue }
                entries[index].mark = .settled
                settled += 1
                send(tag, false, .ack)
            }
        }
        acknowledged.removeAll(keepingCapacity: true)
    }

    private func index(of tag: UInt64) -> Int? {
        guard let lowest = entries.first?.tag, lowest <= tag else { return nil }
        // Without gaps it stands as far behind the first as its tag does; with gaps, before that.
        var end = Int(min(tag - lowest, UInt64(entries.count - 1)))
        if entries[end].tag == tag { return end }
        var start = 0
        while start < end {
            let middle = start + (end - start) / 2
            if entries[middle].tag < tag { start = middle + 1 } else { end = middle }
        }
        return entries[start].tag == tag ? start : nil
    }
}
