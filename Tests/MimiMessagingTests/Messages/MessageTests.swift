import Testing

@testable import MimiMessaging

@Suite struct MessageTests {
    private struct Order: Codable, Equatable, Sendable {
        var id: Int
        var items: [String] = []
    }

    private func received(
        _ text: String, contentType: String? = nil, serializers: [any MessageSerializer] = []
    ) throws -> Message {
        let body = EncodedBody(
            bytes: Array(text.utf8), contentType: contentType, serializers: try SerializerRegistry(serializers))
        return Message(body: body, headers: ["trace": "1"])
    }

    @Test func literalsAndSubscripts() throws {
        let message: Message = [
            "id": 123, "name": "tea", "price": 1.5, "isNew": true, "gone": nil, "items": ["tea", "milk"],
            "place": ["city": "Graz"],
        ]
        #expect(message["id"] == 123)
        let isTea = message["name"] == "tea"
        #expect(isTea)
        #expect(message["price"]?.double == 1.5)
        #expect(message["isNew"]?.bool == true)
        #expect(message["gone"]?.isNull == true)
        #expect(message["items"]?[1]?.string == "milk")
        #expect(message["items"]?[2] == nil)
        #expect(message["items"]?[-1] == nil)
        #expect(message["place"]?["city"]?.string == "Graz")
        #expect(message["place"]?[0] == nil)
        #expect(message["none"] == nil)
    }

    @Test func valuesAsTypes() async throws {
        let message: Message = [
            "id": 123, "name": "tea", "items": ["tea"], "gone": nil, "order": ["id": 7, "items": []],
        ]
        let id: Int = try message["id"]
        let name: String = try message["name"]
        let items: [String] = try message["items"]
        let order: Order = try message["order"]
        #expect(id == 123)
        #expect(name == "tea")
        #expect(items == ["tea"])
        #expect(order == Order(id: 7))
        let gone: String? = try message["gone"]
        let none: String? = try message["none"]
        #expect(gone == nil)
        #expect(none == nil)
        let missing = try await expectError(.serialization) { () -> String in try message["none"] }
        #expect(missing.message.contains("'none'"))
        let wrong = try await expectError(.serialization) { () -> Int in try message["name"] }
        #expect(!wrong.description.contains("tea"))
        try await expectError(.serialization) { () -> String? in try message["id"] }
    }

    @Test func aValueCanBePassedOn() throws {
        func cancel(_ id: String) -> String { id }
        let message: Message = ["id": "b3cc"]
        #expect(try cancel(message["id"]) == "b3cc")
    }

    @Test func messagesAreValues() throws {
        var message: Message = ["id": 1]
        let before = message
        message["id"] = 2
        message["name"] = "tea"
        #expect(before["id"] == 1)
        #expect(before["name"] == nil)
        #expect(message["id"] == 2)
        message["id"] = nil
        #expect(try message.values() == ["name": "tea"])
        var sent = Message(encoding: Order(id: 5))
        sent["id"] = 6
        #expect(try sent.decode(as: Order.self) == Order(id: 6))
        var read = try received("{\"id\":1,\"items\":[]}")
        read["id"] = 9
        #expect(try read.decode(as: Order.self) == Order(id: 9))
        #expect(read.headers["trace"] == "1")
    }

    @Test func modelsAndValuesAreOneToTheReader() throws {
        let model = Message(encoding: Order(id: 5, items: ["tea"]))
        #expect(model["id"] == 5)
        #expect(try model.values() == ["id": 5, "items": ["tea"]])
        #expect(try model.decode(as: Order.self) == Order(id: 5, items: ["tea"]))
        let values: Message = ["id": 5, "items": ["tea"]]
        let order: Order = try values.decode()
        #expect(order == Order(id: 5, items: ["tea"]))
    }

    @Test func aModelHasToBeAnObject() async throws {
        try await expectError(.serialization) { try Message(encoding: [1, 2]).values() }
        try await expectError(.serialization) { try Message(encoding: "text").encoded(with: JSONMessageSerializer()) }
    }

    @Test func bytesStayBytesUntilAsked() async throws {
        let counter = CountingSerializer()
        let message = try received("{\"id\":1}", serializers: [counter])
        #expect(counter.decodings == 0)
        #expect(message["id"] == 1)
        #expect(message["none"] == nil)
        #expect(try message.values() == ["id": 1])
        #expect(counter.decodings == 1)
        let broken = try received("no JSON")
        #expect(broken["id"] == nil)
        try await expectError(.serialization) { try broken.values() }
        try await expectError(.serialization) { try broken.decode(as: Order.self) }
        try await expectError(.serialization) { () -> Int in try broken["id"] }
    }

    @Test func aReceivedMessageCanBeSentOn() throws {
        let message = try received("{\"id\":1}")
        #expect(try message.encoded(with: FlippedSerializer()) == "{\"id\":1}".utf8.map { ~$0 })
    }

    @Test func theLastOfEqualKeysOfALiteralCounts() {
        let message: Message = ["id": 1, "id": 2]
        #expect(message["id"] == 2)
        let value: MessageValue = ["id": 1, "id": 2]
        #expect(value["id"] == 2)
        let headers: MessageHeaders = ["a": "1", "a": "2"]
        #expect(headers["a"] == "2")
    }

    @Test func valuesKnowWhatTheyAre() {
        let number: MessageValue = 5
        #expect(number.integer == 5)
        #expect(number.double == 5)
        #expect(number.string == nil)
        #expect(number.bool == nil)
        #expect(number.array == nil)
        #expect(number.object == nil)
        #expect(!number.isNull)
        #expect(MessageValue.double(5).integer == 5)
        #expect(MessageValue.double(.nan).integer == nil)
        #expect(MessageValue.double(1e300).integer == nil)
        let text: MessageValue = "a\(1)"
        #expect(text.string == "a1")
        #expect(text.integer == nil)
        #expect(text.double == nil)
    }
}

/// JSON that counts how often it reads.
private final class CountingSerializer: MessageSerializer {
    let contentType = "application/json"
    private let count = Lock(0)

    var decodings: Int { count.withLock { $0 } }

    func encode(_ value: some Encodable) throws(MessagingError) -> [UInt8] { try JSONMessageSerializer().encode(value) }

    func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws(MessagingError) -> Value {
        count.withLock { $0 += 1 }
        return try JSONMessageSerializer().decode(type, from: bytes)
    }
}
