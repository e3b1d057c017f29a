/// Code that takes whatever comes from outside, with what must hold about it.
struct FuzzTarget: Sendable {
    /// How a target runs.
    enum Body: Sendable {
        case plain(@Sendable ([UInt8]) throws -> Void)
        case suspending(@Sendable ([UInt8]) async throws -> Void)
    }

    /// Names it on the command line and in the corpus.
    let name: String
    /// Takes any bytes; throws ``Finding`` when something does not hold.
    let body: Body

    init(_ name: String, _ body: @escaping @Sendable ([UInt8]) throws -> Void) {
        self.name = name
        self.body = .plain(body)
    }

    init(suspending name: String, _ body: @escaping @Sendable ([UInt8]) async throws -> Void) {
        self.name = name
        self.body = .suspending(body)
    }

    static let all = [
        url, hosts, targets, options, replyAddress, json, methods, properties, fields, frames, confirms, deliveries,
        channelState,
    ]
}

/// Something that must hold did not.
struct Finding: Error, CustomStringConvertible {
    let description: String
}

/// Reports a finding unless the condition holds.
func require(_ condition: Bool, _ description: @autoclosure () -> String) throws(Finding) {
    guard condition else { throw Finding(description: description()) }
}
