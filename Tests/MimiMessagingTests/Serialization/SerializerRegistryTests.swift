import Testing

@testable import MimiMessaging

/// Bodies as JSON with every byte turned over, so that it is none.
struct FlippedSerializer: MessageSerializer {
    let contentType = "application/x-flipped"

    func encode(_ value: some Encodable) throws(MessagingError) -> [UInt8] {
        try JSONMessageSerializer().encode(value).map { ~$0 }
    }

    func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws(MessagingError) -> Value {
        try JSONMessageSerializer().decode(type, from: bytes.map { ~$0 })
    }
}

@Suite struct SerializerRegistryTests {
    private let flipped: [UInt8] = "{\"a\":1}".utf8.map { ~$0 }
    private let plain = Array("{\"a\":1}".utf8)

    @Test func theContentTypeChooses() throws {
        let registry = try SerializerRegistry([FlippedSerializer()])
        #expect(registry.preferred.contentType == "application/x-flipped")
        for contentType in ["application/x-flipped", "Application/X-Flipped; v=1", " application/x-flipped ;v=1", nil] {
            #expect(try registry.decode([String: Int].self, from: flipped, contentType: contentType) == ["a": 1])
        }
        for contentType in ["application/json", "application/JSON; charset=utf-8"] {
            #expect(try registry.decode([String: Int].self, from: plain, contentType: contentType) == ["a": 1])
        }
    }

    @Test(arguments: ["text/plain", "", ";", "application/jso", "\u{1B}[2J"])
    func unknownContentTypesAreRefused(contentType: String) async throws {
        let registry = try SerializerRegistry([])
        let error = try await expectError(.serialization) {
            try registry.decode([String: Int].self, from: plain, contentType: contentType)
        }
        #expect(!error.description.unicodeScalars.contains("\u{1B}"))
    }

    @Test func aContentTypeHasOneSerializer() async throws {
        try await expectError(.configuration) { try SerializerRegistry([FlippedSerializer(), FlippedSerializer()]) }
        // One's own JSON takes the place of the one that is always there.
        let registry = try SerializerRegistry([FlippedSerializer(), JSONMessageSerializer(maximumDepth: 1)])
        try await expectError(.serialization) {
            try registry.decode([String: [Int]].self, from: Array("{\"a\":[]}".utf8), contentType: "application/json")
        }
    }
}
