/// Hears from an adapter what happens inside it and no call tells. The bus turns it into metrics and health.
///
/// An adapter calls it from any task or thread, and never while it holds a lock that ``MessagingAdapter/obstacles`` takes.
/// It returns at once. An adapter tells what it has; all of it is optional.
public protocol AdapterObserver: Sendable {
    /// What ``MessagingAdapter/obstacles`` answers has changed.
    func obstaclesChanged()

    /// Something that was lost is there again.
    /// - Parameter part: What it is, in the words of ``BusObstacle/subject``: a connection, the consumer of a queue. The
    ///   number of different parts is bounded; nothing in it comes from a message.
    func restored(_ part: String)

    /// The bus takes messages again.
    /// - Parameter duration: How long it did not.
    func unblocked(after duration: Duration)

    /// The bus confirmed that it has taken a message.
    /// - Parameter duration: How long after it was handed to the link.
    func confirmed(after duration: Duration)

    /// A reply came that nobody waits for any more.
    func replyDropped()
}

/// Hears nothing: for an adapter without a bus.
package struct SilentObserver: AdapterObserver {
    /// Creates it.
    package init() {}

    package func obstaclesChanged() {}

    package func restored(_ part: String) {}

    package func unblocked(after duration: Duration) {}

    package func confirmed(after duration: Duration) {}

    package func replyDropped() {}
}
