import Foundation

/// The file in which a process writes down what happens. An entry is in the file when ``write(_:)`` returns: it outlives
/// the process, however that ends.
actor Journal {
    private let file: FileHandle
    private let encoder = JSONEncoder()

    init(_ path: String) throws {
        guard FileManager.default.createFile(atPath: path, contents: nil) else {
            throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: path])
        }
        file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    }

    /// Writes an entry down, with the time. Without its journal the process is of no use: it throws.
    func write(_ entry: Entry) throws {
        var entry = entry
        entry.at = Date().timeIntervalSince1970
        var line = try encoder.encode(entry)
        line.append(UInt8(ascii: "\n"))
        try file.write(contentsOf: line)
    }
}
