/// The serializers of a bus: the one that it sends with, and all that it can read.
struct SerializerRegistry: Sendable {
    let preferred: any MessageSerializer
    private let byContentType: [String: any MessageSerializer]

    /// - Parameter serializers: The first one is used for sending. JSON can always be read.
    init(_ serializers: [any MessageSerializer]) throws(MessagingError) {
        let json = JSONMessageSerializer()
        var byContentType: [String: any MessageSerializer] = [:]
        for serializer in serializers {
            let key = Self.key(serializer.contentType)
            guard byContentType.updateValue(serializer, forKey: key) == nil else {
                throw MessagingError(.configuration, "two serializers have the content type '\(key)'")
            }
        }
        preferred = serializers.first ?? json
        self.byContentType = byContentType.merging([json.contentType: json]) { own, _ in own }
    }

    /// Decodes by content type; without one, by the preferred serializer.
    func decode<Value: Decodable>(
        _ type: Value.Type, from bytes: [UInt8], contentType: String?
    ) throws(MessagingError) -> Value {
        guard let contentType, contentType != preferred.contentType else {
            return try preferred.decode(type, from: bytes)
        }
        guard let serializer = byContentType[Self.key(contentType)] else {
            throw MessagingError(.serialization, "no serializer for the content type '\(contentType.escapedForLog)'")
        }
        return try serializer.decode(type, from: bytes)
    }

    /// The media type without its parameters.
    private static func key(_ contentType: String) -> String {
        contentType.prefix { $0 != ";" }.lowercased().trimmingSpaces
    }
}
