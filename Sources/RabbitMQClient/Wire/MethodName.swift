internal import CRabbitMQ

/// Names AMQP methods for error texts.
enum MethodName {
    /// `queue.declare` for class 50, method 10 (`amqp_method_name`); nil when the library does not know the pair.
    static func text(classID: UInt16, methodID: UInt16) -> String? {
        guard let name = unsafe amqp_method_name(UInt32(classID) << 16 | UInt32(methodID)) else { return nil }
        // The library says AMQP_QUEUE_DECLARE_METHOD.
        let words = unsafe String(cString: name).lowercased().split(separator: "_").dropFirst().dropLast()
        guard let first = words.first, words.count > 1 else { return nil }
        return "\(first)." + words.dropFirst().joined(separator: "-")
    }
}
