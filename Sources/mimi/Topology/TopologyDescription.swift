import Foundation
import MimiMessaging

/// Reads the description that a service has printed.
enum TopologyDescription {
    /// - Parameter path: A file, or `-` for standard input.
    static func read(_ path: String) throws -> BusTopology {
        let data: Data?
        if path == "-" {
            data = try FileHandle.standardInput.readToEnd()
        } else {
            data = FileManager.default.contents(atPath: path)
        }
        guard let data else { throw ToolError("the file '\(path)' cannot be read") }
        guard let topology = try? JSONDecoder().decode(BusTopology.self, from: data) else {
            throw ToolError("'\(path)' is no description of a service; a service prints one with print(bus.topology)")
        }
        return topology
    }
}
