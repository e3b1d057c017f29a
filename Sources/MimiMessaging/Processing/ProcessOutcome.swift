/// How the processing of a message ended.
struct ProcessOutcome: Sendable {
    /// What becomes of the message.
    let settlement: Settlement
    /// The kind of failure in one word; nil if there was none.
    let error: String?

    init(_ settlement: Settlement, error: String? = nil) {
        self.settlement = settlement
        self.error = error
    }
}
