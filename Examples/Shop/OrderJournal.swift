import Foundation

/// A file with a line of JSON for each change of an order, so that orders outlive the process that took them.
struct OrderJournal {
    /// What the file said when it was opened: of each order, its last line.
    let orders: [Int: Order]
    private let file: FileHandle
    private var end: UInt64

    init(path: String) throws {
        if !FileManager.default.fileExists(atPath: path) { try Data().write(to: URL(filePath: path)) }
        file = try FileHandle(forUpdating: URL(filePath: path))
        let bytes = try file.readToEnd() ?? Data()

        // Half a line at the end was being written when the process died. Nobody was told that it is there.
        let lines = bytes.prefix((bytes.lastIndex(of: newline) ?? -1) + 1)
        end = UInt64(lines.count)
        orders = try lines.split(separator: newline)
            .map { try JSONDecoder().decode(Order.self, from: $0) }
            .reduce(into: [:]) { orders, order in orders[order.id] = order }
    }

    /// Writes an order down. When this returns, it is on the disk.
    mutating func write(_ order: Order) throws {
        let line = try JSONEncoder().encode(order) + [newline]
        try file.truncate(atOffset: end)  // what a write that failed has left
        try file.write(contentsOf: line)
        try file.synchronize()
        end += UInt64(line.count)
    }
}

private let newline = UInt8(ascii: "\n")
