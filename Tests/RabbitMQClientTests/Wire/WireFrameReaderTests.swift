import Testing

@testable import RabbitMQClient

@Suite struct WireFrameReaderTests {
    /// A delivery with a body in two frames, then a heartbeat.
    static let stream: [UInt8] =
        WireBytes.method(
            60, 60,
            WireBytes().short("ctag").int(UInt64(1)).int(UInt8(1)).short("ex").short("rk").bytes)
        + WireBytes.header(bodySize: 5) + WireBytes.frame(3, channel: 1, [1, 2, 3])
        + WireBytes.frame(3, channel: 1, [4, 5])
        + WireBytes.frame(8, channel: 0, [])

    /// What the reader gives, as text, and the body it copied.
    static func read(_ chunks: some Sequence<ArraySlice<UInt8>>) throws -> (frames: [String], body: [UInt8]) {
        var reader = makeReader()
        var frames: [String] = []
        var body: [UInt8] = []
        for chunk in chunks {
            reader.feed(chunk)
            while let frame = try reader.next() {
                switch frame {
                case .method(let channel, let method): frames.append("\(channel) \(method.name)")
                case .header(let channel, let header): frames.append("\(channel) header \(header.bodySize)")
                case .body(let channel, let size):
                    frames.append("\(channel) body \(size)")
                    reader.appendBody(to: &body)
                case .heartbeat: frames.append("heartbeat")
                }
            }
        }
        return (frames, body)
    }

    static let expected = ["1 basic.deliver", "1 header 5", "1 body 3", "1 body 2", "heartbeat"]

    @Test(arguments: [1, 2, 3, 7, 8, 50, 1000])
    func chunksOfAnySizeGiveTheSameFrames(_ size: Int) throws {
        let chunks = stride(from: 0, to: Self.stream.count, by: size).map {
            Self.stream[$0..<min($0 + size, Self.stream.count)]
        }
        let result = try Self.read(chunks)
        #expect(result.frames == Self.expected)
        #expect(result.body == [1, 2, 3, 4, 5])
    }

    @Test func framesThatAreCutAnywhereKeepComing() throws {
        var reader = makeReader()
        let frame = WireBytes.frame(3, channel: 1, [UInt8](repeating: 9, count: 5000))
        var total = 0
        for _ in 0..<500 {
            reader.feed(frame + frame.prefix(100))
            guard case .body(1, 5000) = try reader.next() else {
                Issue.record("no body")
                return
            }
            #expect(try reader.next() == nil)
            reader.feed(frame.dropFirst(100))
            guard case .body(1, let size) = try reader.next() else {
                Issue.record("no body")
                return
            }
            total += size
        }
        #expect(total == 500 * 5000)
    }

    @Test func aFrameOfTheAgreedSizeIsTakenAndOneByteMoreIsNot() throws {
        var reader = makeReader(frameMax: 4096)
        reader.feed(WireBytes.frame(3, channel: 1, [UInt8](repeating: 0, count: 4088)))
        guard case .body(1, 4088) = try reader.next() else {
            Issue.record("no body")
            return
        }
        // Refused by the announcement alone, before a byte of it came.
        reader.feed(WireBytes([3]).int(UInt16(1)).int(UInt32(4089)).bytes)
        let error = #expect(throws: AMQPError.self) { _ = try reader.next() }
        #expect(error?.kind == .protocolViolation)
        #expect(error?.text == "the peer announced a frame of 4089 bytes; 4096 is the agreed maximum")
    }

    @Test(arguments: [
        (WireBytes.frame(4, channel: 1, []), "unknown type 4"),
        (Array("AMQP\u{0}\u{0}\u{9}\u{1}".utf8), "does not speak AMQP 0-9-1"),
        (Array("HTTP/1.1 400 Bad Request".utf8), "unknown type 72"),
        (WireBytes([1]).int(UInt16(1)).int(UInt32.max).bytes, "4294967295 bytes"),
        (WireBytes.frame(1, channel: 11, [0, 20, 0, 11]), "channel 11; 10 is"),
        (WireBytes.frame(1, channel: 1, [0, 20, 0]), "a method frame of 3 bytes"),
        (WireBytes.frame(2, channel: 1, [UInt8](repeating: 0, count: 13)), "a header frame of 13 bytes"),
        (WireBytes.frame(2, channel: 0, [UInt8](repeating: 0, count: 14)), "on channel 0"),
        (WireBytes.frame(3, channel: 0, [1]), "on channel 0"),
        (WireBytes.frame(8, channel: 1, []), "a heartbeat frame"),
        (Array(WireBytes.frame(8, channel: 0, []).dropLast()) + [0], "end octet"),
        (WireBytes.header(classID: 61), "class other than basic"),
    ])
    func garbageIsAProtocolViolation(_ bytes: [UInt8], _ text: String) {
        var reader = makeReader()
        reader.feed(bytes)
        let error = #expect(throws: AMQPError.self) { while try reader.next() != nil {} }
        #expect(error?.kind == .protocolViolation)
        #expect(error?.text.contains(text) == true)
    }

    @Test func randomBytesNeverTrap() {
        var generator = SplitMix(state: 42)
        var refused = 0
        for _ in 0..<2000 {
            // A valid outside around random content reaches the decoders more often than noise would.
            let payload = (0..<Int.random(in: 14..<80, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            let methods: [(UInt16, UInt16)] = [(60, 60), (60, 50), (60, 71), (10, 50), (20, 40), (50, 11), (60, 30)]
            let (classID, methodID) = methods.randomElement(using: &generator) ?? (60, 60)
            var reader = makeReader()
            reader.feed(WireBytes.method(classID, methodID, payload))
            reader.feed(WireBytes.header(properties: [payload[0], payload[1] & 0xFE] + payload.dropFirst(2)))
            do {
                while let frame = try reader.next() {
                    if case .header(_, let header) = frame, case .refused = header.properties { refused += 1 }
                }
            } catch {
                #expect(error.kind == .protocolViolation)
                refused += 1
            }
        }
        #expect(refused > 1000)
    }
}

/// A small generator with a fixed seed, so that a failure can be repeated.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
