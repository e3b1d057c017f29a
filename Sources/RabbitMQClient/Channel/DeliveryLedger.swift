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

    /// What is kept at the most, so that a broker which skips tags cannot fill the memory.
    private static let mostMarks: UInt64 = 1 << 22

    /// The marks of all deliveries from `lowest` on.
    private var marks = Deque<Mark>()
    /// The lowest delivery tag that may still be open.
    private var lowest: UInt64 = 1
    /// Acknowledged since the last ``takeVerdicts(_:)``, in the order in which they came.
    private var acknowledged: [UInt64] = []
    private var refused: [(tag: UInt64, verdict: AMQPVerdict)] = []

    /// Whether ``takeVerdicts(_:)`` has something to say.
    var hasVerdicts: Bool { !acknowledged.isEmpty || !refused.isEmpty }

    /// Notes a delivery that awaits a verdict (`basic.deliver`, `basic.get-ok`). Deliveries that do not await one use
    /// up tags as well, which leaves gaps.
    ///
    /// - Returns: false when the broker's tags do not count up, or skip more than can be.
    mutating func record(_ tag: UInt64) -> Bool {
        if marks.isEmpty, tag > lowest { lowest = tag }
        guard tag >= lowest, tag < .max, tag - lowest >= UInt64(marks.count) else { return false }
        let gap = tag - lowest - UInt64(marks.count)
        guard gap < Self.mostMarks - UInt64(marks.count) else { return false }
        marks.append(contentsOf: repeatElement(.settled, count: Int(gap)))
        marks.append(.open)
        return true
    }

    /// Takes a verdict.
    ///
    /// - Returns: false when the delivery has one already or does not exist.
    mutating func decide(_ tag: UInt64, _ verdict: AMQPVerdict) -> Bool {
        guard tag >= lowest, tag - lowest < UInt64(marks.count) else { return false }
        let index = Int(tag - lowest)
        guard marks[index] == .open else { return false }
        if verdict == .ack {
            marks[index] = .acknowledged
            acknowledged.append(tag)
        } else {
            marks[index] = .settled
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
        while let mark = marks.first, mark != .open {
            if mark == .acknowledged {
                last = lowest
                length += 1
            }
            marks.removeFirst()
            lowest += 1
        }
        if length > 0 { send(last, length > 1, .ack) }

        if length < acknowledged.count {
            for tag in acknowledged where tag >= lowest {
                marks[Int(tag - lowest)] = .settled
                send(tag, false, .ack)
            }
        }
        acknowledged.removeAll(keepingCapacity: true)
    }
}
