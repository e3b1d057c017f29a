import MimiMessaging

/// A body of a given size, as near as JSON allows: `{"id":"00000000","kind":"bench.message","pad":"xxx…"}`.
func makeMessage(bodySize: Int) -> Message {
    let frame = #"{"id":"00000000","kind":"bench.message","pad":""}"#.utf8.count
    guard bodySize >= frame else { return [:] }
    return [
        "id": "00000000", "kind": "bench.message",
        "pad": .string(String(repeating: "x", count: bodySize - frame)),
    ]
}

/// The same as a type, for handlers that decode.
struct Work: CommandMessage {
    static let target: RequestTarget = "bench.classic/work"
    var id: String
    var kind: String
    var pad: String
}
