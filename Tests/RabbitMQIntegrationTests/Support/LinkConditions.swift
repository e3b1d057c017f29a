/// A direction through a ``FaultProxy``.
enum LinkDirection: Sendable, CaseIterable {
    case toBroker
    case toClient
}

/// What a ``FaultProxy`` does to the bytes of one direction.
struct LinkConditions: Sendable {
    /// Nothing passes: it waits, and nobody is told. In both directions, a black hole.
    var isHeld = false
    /// No more than this many bytes pass in a second.
    var bytesPerSecond: Int?
    /// No more than this many bytes pass at a time.
    var sliceSize: Int?
    /// How long each packet is on its way, in milliseconds.
    var latency: UInt32 = 0
    /// When so many bytes have passed, the connection over which the last of them went is reset, once.
    var bytesBeforeCut: Int?
    /// Frames of this method never arrive.
    var swallowed: MethodNumber?

    /// A method of AMQP by the numbers of its class and its own.
    struct MethodNumber: Sendable, Hashable {
        let classID: UInt16
        let methodID: UInt16

        static let basicCancel = MethodNumber(classID: 60, methodID: 30)
        static let basicAck = MethodNumber(classID: 60, methodID: 80)
        static let basicDeliver = MethodNumber(classID: 60, methodID: 60)
        static let queueDeclareOk = MethodNumber(classID: 50, methodID: 11)
    }
}
