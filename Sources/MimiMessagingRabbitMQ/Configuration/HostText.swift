import RabbitMQClient

/// Hosts as people write them: `a.example`, `a.example:5673`, `10.0.0.1`, `::1`, `[::1]:5673`.
enum HostText {
    static func parse(_ text: String, standardPort: Int) -> AMQPEndpoint? {
        let host: Substring
        let rest: Substring
        if text.hasPrefix("["), let close = text.firstIndex(of: "]") {
            host = text[text.index(after: text.startIndex)..<close]
            rest = text[text.index(after: close)...]
        } else if text.count(where: { $0 == ":" }) == 1, let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            rest = text[colon...]
        } else {
            host = text[...]
            rest = ""
        }
        guard !host.isEmpty, !host.contains(where: { $0.isWhitespace || "/@[]".contains($0) }) else { return nil }
        if rest.isEmpty { return AMQPEndpoint(host: String(host), port: standardPort) }
        guard rest.first == ":", let port = Int(rest.dropFirst()), (1...65535).contains(port) else { return nil }
        return AMQPEndpoint(host: String(host), port: port)
    }
}
