@testable import MimiMessaging

extension FuzzTarget {
    /// A type as a service would have it.
    private struct Sample: Codable {
        struct Part: Codable {
            var number: Int?
            var ratio: Double?
        }

        var id: String?
        var parts: [Part]?
        var names: [String: String]?
        var free: [String: MessageValue]?
    }

    static let json = FuzzTarget("json") { bytes in
        let serializer = JSONMessageSerializer()
        var sample: Sample?
        do {
            sample = try serializer.decode(Sample.self, from: bytes)
        } catch let error as MessagingError {
            try require(error.code == .serialization, "the wrong code: \(error)")
        }
        guard let object = try? serializer.decode([String: MessageValue].self, from: bytes) else { return }
        if let free = sample?.free { try require(free == object["free"]?.object, "other values inside of a type") }
        // A double without a fraction comes back as an integer; from there on nothing changes.
        let once = try serializer.decode([String: MessageValue].self, from: serializer.encode(object))
        let twice = try serializer.decode([String: MessageValue].self, from: serializer.encode(once))
        try require(once == twice, "not the same after a round trip")
        try require(Set(once.keys) == Set(object.keys), "other members after a round trip")
    }
}
