/// Takes the frames of one method out of a stream of AMQP frames that arrives in pieces.
///
/// It passes a frame when it has all of it. The protocol header, which is no frame, passes as it is.
struct FrameFilter {
    private var pending: [UInt8] = []

    /// The bytes that pass, of those that came.
    mutating func pass(_ bytes: ArraySlice<UInt8>, without swallowed: LinkConditions.MethodNumber) -> [UInt8] {
        pending += bytes
        var passed: [UInt8] = []
        while let length = nextLength {
            let frame = pending.prefix(length)
            if method(of: frame) != swallowed { passed += frame }
            pending.removeFirst(length)
        }
        return passed
    }

    /// What waits for the rest of its frame.
    mutating func takePending() -> [UInt8] {
        defer { pending = [] }
        return pending
    }

    private var nextLength: Int? {
        guard pending.count >= 8 else { return nil }
        if pending[0] == UInt8(ascii: "A") { return 8 }
        let size = pending[3...6].reduce(0) { $0 << 8 | Int($1) }
        return pending.count >= size + 8 ? size + 8 : nil
    }

    private func method(of frame: ArraySlice<UInt8>) -> LinkConditions.MethodNumber? {
        guard frame.first == 1, frame.count >= 12 else { return nil }
        let numbers = Array(frame[7..<11])
        return .init(
            classID: UInt16(numbers[0]) << 8 | UInt16(numbers[1]),
            methodID: UInt16(numbers[2]) << 8 | UInt16(numbers[3]))
    }
}
