/// A publish that is in the out buffer or at the broker and has no answer yet.
struct OutstandingPublish {
    /// How the broker returned it; the acknowledgement that follows ends it.
    struct Return {
        let replyCode: UInt16
        let replyText: String
    }

    let request: PublishRequest
    var returned: Return?
}

/// How much is outstanding on a connection, and how much may be.
struct OutstandingBudget {
    private let maximumCount: Int
    private let maximumBytes: Int
    private(set) var count = 0
    private(set) var bytes = 0

    init(maximumCount: Int, maximumBytes: Int) {
        self.maximumCount = maximumCount
        self.maximumBytes = maximumBytes
    }

    /// Whether a message of `size` bytes may go out. One that is larger than the bound goes alone.
    func admits(_ size: Int) -> Bool { count == 0 || (count < maximumCount && bytes + size <= maximumBytes) }

    mutating func take(_ size: Int) {
        count += 1
        bytes += size
    }

    mutating func giveBack(_ size: Int) {
        count -= 1
        bytes -= size
    }
}
