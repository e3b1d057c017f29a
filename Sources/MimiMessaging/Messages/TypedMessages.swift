/// A command with a type of its own: a `Codable` value that knows where it goes.
public protocol CommandMessage: Codable, Sendable {
    /// The queue and the method that it is for.
    static var target: RequestTarget { get }
}

/// A query with a type of its own, and the type of its answer.
public protocol QueryMessage: Codable, Sendable {
    /// What the processor answers with; it has to encode as an object.
    associatedtype Answer: Codable & Sendable
    /// The queue and the method that it is for.
    static var target: RequestTarget { get }
}

/// An event with a type of its own.
public protocol EventMessage: Codable, Sendable {
    /// The topic that it is published to, and its type there.
    static var target: EventTarget { get }
}
