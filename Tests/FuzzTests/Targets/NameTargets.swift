@testable import MimiMessaging
@testable import MimiMessagingRabbitMQ

extension FuzzTarget {
    static let targets = FuzzTarget("targets") { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        do {
            let target = try RequestTarget(text)
            try require("\(target.queue)/\(target.method)" == text, "the parts are not the whole")
            try require(Array(text.utf8).allSatisfy { (0x21...0x7E).contains($0) }, "a byte that no target has")
            try require(target.queue.utf8.count <= 255 && target.method.utf8.count <= 255, "a part too long")
            try require(RequestTarget(stringLiteral: text) == target, "the literal is another")
        } catch let error as MessagingError {
            try require(error.code == .invalidTarget, "the wrong code: \(error)")
            try require(RequestTarget(stringLiteral: text).queue.isEmpty, "the literal is taken")
            try require(!"\(error)".unicodeScalars.contains { $0.value < 0x20 }, "control characters in an error")
        }
        guard let target = try? EventTarget(text) else { return }
        try require("\(target.topic)#\(target.type)" == text, "the parts are not the whole")
        try require((try? RequestTarget(text)) == nil, "a target of both kinds")
    }

    static let replyAddress = FuzzTarget("reply-address") { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        for address in [text, "amq.rabbitmq.reply-to." + text, "mimi.reply." + text]
        where ReplyAddress.isSafe(address, prefix: "mimi.reply.") {
            try require(address.utf8.count <= 255, "an address too long")
            let isDirect = address.hasPrefix("amq.rabbitmq.reply-to.")
            try require(isDirect || address.hasPrefix("mimi.reply."), "an address that is none")
            // The shortest token: a pid of a node with a name of one letter, a dot, a key.
            try require(!isDirect || address.utf8.count >= 22 + 24 + 1 + 4, "a token that holds no pid")
        }
    }
}
