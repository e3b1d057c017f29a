/// Bounds on what is taken in and on what is kept outstanding.
package struct AMQPLimits: Sendable, Hashable {
    /// The largest body taken, in bytes. A larger one is drained and reported as bad. Default 16 MiB.
    package var maximumBodySize: Int
    /// The most entries in a header table's first level; deeper levels are bounded by size and depth. Default 64.
    package var maximumHeaderCount: Int
    /// The largest encoded header table, in bytes. Default 16 KiB.
    package var maximumHeaderBytes: Int
    /// How deep tables and arrays may nest; the header table itself is level 1. Default 8.
    package var maximumHeaderDepth: Int
    /// The most publishes that wait for their confirm on a connection. Default 1000.
    package var maximumOutstandingPublishes: Int
    /// The most body bytes that wait for their confirm on a connection. Default 32 MiB.
    package var maximumOutstandingBytes: Int

    package init(
        maximumBodySize: Int = 16 << 20, maximumHeaderCount: Int = 64, maximumHeaderBytes: Int = 16 << 10,
        maximumHeaderDepth: Int = 8, maximumOutstandingPublishes: Int = 1000, maximumOutstandingBytes: Int = 32 << 20
    ) {
        self.maximumBodySize = maximumBodySize
        self.maximumHeaderCount = maximumHeaderCount
        self.maximumHeaderBytes = maximumHeaderBytes
        self.maximumHeaderDepth = maximumHeaderDepth
        self.maximumOutstandingPublishes = maximumOutstandingPublishes
        self.maximumOutstandingBytes = maximumOutstandingBytes
    }
}
