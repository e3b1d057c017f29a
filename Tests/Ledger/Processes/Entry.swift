/// One thing that happened, as a line of JSON in the journal of its process.
struct Entry: Encodable {
    enum Event: String, Encodable {
        /// The process works.
        case ready
        /// A message is about to be sent; exactly one of the next four follows.
        case `try`
        /// The bus has taken it, or the answer of a query is here.
        case ok
        /// It was not sent, or refused: nobody will ever see it.
        case definite
        /// Nobody can say whether it was taken.
        case unknown
        /// It failed in a way that nothing in this test explains.
        case wrong
        /// A handler has begun with it.
        case start
        /// A handler is about to return: what follows is the acknowledgement.
        case done
        /// The process ends as it should.
        case stopped
    }

    var event: Event
    /// When, in seconds since 1970.
    var at = 0.0
    /// Which message, as the body says.
    var id: String?
    /// What kind of message it is (`try`).
    var kind: Draft.Kind?
    /// How often the producer has tried to send it, from 1 on (`try` and its outcome).
    var round: Int?
    /// What was sent, received, or answered: the fingerprint of the text in the body.
    var hash: String?
    /// What went wrong.
    var error: String?
    /// How long the call took, in milliseconds (outcomes).
    var elapsed: Double?
    /// How long it may take, in milliseconds (`try`).
    var limit: Double?
    /// Which queue the message came from (`start`, `done`).
    var queue: String?
    /// What the layer says about the delivery (`start`).
    var messageID: String?
    var attempt: Int?
    var isRedelivered: Bool?
}
