/// What is left of a large body: it goes into the ``FrameWriter`` one frame at a time, so that other channels'
/// frames and heartbeats can go between. No other frame of its own channel may.
package struct OutgoingBody: Sendable {
    /// The channel that the message goes out on.
    package let channel: UInt16
    /// How many body bytes have not gone into the writer.
    package var remaining: Int { bytes.count - sent }

    let bytes: [UInt8]
    private(set) var sent = 0

    init(channel: UInt16, bytes: [UInt8]) {
        self.channel = channel
        self.bytes = bytes
    }

    mutating func advance(_ count: Int) { sent += count }
}
