/// The publishes of one channel in confirm mode that the broker has not answered yet, by their number.
///
/// The numbers count up from 1 and are given out here, in the order in which the messages are encoded. Answers come
/// back out of order and for several numbers at once, so the publishes live in a ring that is indexed by number,
/// from the lowest unanswered one on.
package struct ConfirmTracker<Publish> {
    /// What an answer of the broker was about.
    package enum Settlement: Equatable {
        case settled
        /// Answered before: said twice, or covered by an earlier answer for several.
        case nothingLeft
        /// A number that was never given out.
        case unknown
    }

    private var slots: [Publish?]
    private var mask: UInt64
    /// The lowest number without an answer; equal to `next` when there is none.
    private var lowest: UInt64 = 1
    /// The number that the next publish gets.
    package private(set) var next: UInt64 = 1
    /// How many publishes have no answer yet.
    package private(set) var count = 0

    package init(minimumCapacity: Int = 64) {
        var capacity = 1
        while capacity < minimumCapacity { capacity *= 2 }
        slots = Array(repeating: nil, count: capacity)
        mask = UInt64(capacity - 1)
    }

    /// Gives `publish` the next number and keeps it until the answer comes.
    package mutating func register(_ publish: Publish) {
        if next - lowest > mask { grow() }
        slots[index(of: next)] = publish
        next += 1
        count += 1
    }

    /// Takes out what `basic.ack` or `basic.nack` answers, lowest number first.
    ///
    /// - Parameters:
    ///   - tag: the number; 0 together with `multiple` means all.
    ///   - multiple: whether all lower numbers are meant as well.
    package mutating func settle(_ tag: UInt64, multiple: Bool, _ each: (Publish) -> Void) -> Settlement {
        let tag = tag == 0 && multiple ? next - 1 : tag
        guard tag >= 1 || multiple, tag < next else { return .unknown }
        guard tag >= lowest else { return .nothingLeft }
        var found = false
        var candidate = multiple ? lowest : tag
        while candidate <= tag {
            if let publish = take(candidate) {
                found = true
                each(publish)
            }
            candidate += 1
        }
        advance()
        return found ? .settled : .nothingLeft
    }

    /// Changes the oldest unanswered publish for which `matches` holds, and says whether there was one.
    package mutating func updateFirst(where matches: (Publish) -> Bool, _ update: (inout Publish) -> Void) -> Bool {
        var tag = lowest
        while tag < next {
            if let publish = slots[index(of: tag)], matches(publish) {
                update(&slots[index(of: tag)]!)
                return true
            }
            tag += 1
        }
        return false
    }

    /// Forgets the unanswered publishes for which `isOver` holds; an answer that comes yet finds nothing left.
    package mutating func forget(where isOver: (Publish) -> Bool) {
        var tag = lowest
        while tag < next {
            if let publish = slots[index(of: tag)], isOver(publish) { _ = take(tag) }
            tag += 1
        }
        advance()
    }

    /// Takes out all that is unanswered, oldest first: the channel is gone.
    package mutating func removeAll(_ each: (Publish) -> Void) {
        while lowest < next {
            if let publish = take(lowest) { each(publish) }
            lowest += 1
        }
    }

    private func index(of tag: UInt64) -> Int { Int(truncatingIfNeeded: tag & mask) }

    private mutating func take(_ tag: UInt64) -> Publish? {
        let index = index(of: tag)
        guard let publish = slots[index] else { return nil }
        slots[index] = nil
        count -= 1
        return publish
    }

    private mutating func advance() {
        while lowest < next, slots[index(of: lowest)] == nil { lowest += 1 }
    }

    private mutating func grow() {
        var larger = [Publish?](repeating: nil, count: slots.count * 2)
        let largerMask = UInt64(larger.count - 1)
        for tag in lowest..<next {
            larger[Int(truncatingIfNeeded: tag & largerMask)] = slots[index(of: tag)]
        }
        slots = larger
        mask = largerMask
    }
}
