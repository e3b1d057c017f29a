import Foundation
import MimiMessaging

/// The file with the named contexts: `mimi/contexts.json` below `$XDG_CONFIG_HOME`, or below `~/.config`.
///
/// It may hold passwords, so nobody but its owner may read it.
struct ContextStore {
    /// What the file holds.
    struct Contents: Codable, Equatable {
        /// The name of the context that is used when nothing else is said.
        var current: String?
        var contexts: [String: SavedContext] = [:]
    }

    let file: URL

    init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        let base =
            environment["XDG_CONFIG_HOME"].flatMap { $0.hasPrefix("/") ? URL(fileURLWithPath: $0) : nil }
            ?? URL(fileURLWithPath: environment["HOME"] ?? NSHomeDirectory()).appendingPathComponent(".config")
        file = base.appendingPathComponent("mimi").appendingPathComponent("contexts.json")
    }

    /// What is saved; nothing if there is no file.
    /// - Throws: ``MessagingError/Code/configuration`` if it cannot be used, or if others may read it.
    func load() throws -> Contents {
        guard FileManager.default.fileExists(atPath: file.path) else { return Contents() }
        let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
        if let mode = (attributes[.posixPermissions] as? NSNumber)?.intValue, mode & 0o077 != 0 {
            throw MessagingError(
                .configuration, "'\(file.path)' may hold passwords and others can read it: chmod 600 '\(file.path)'")
        }
        do {
            return try JSONDecoder().decode(Contents.self, from: Data(contentsOf: file))
        } catch {
            throw MessagingError(.configuration, "'\(file.path)' is no file of contexts: mend it or remove it")
        }
    }

    /// Saves, whole or not at all.
    func save(_ contents: Contents) throws {
        let folder = file.deletingLastPathComponent()
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let draft = folder.appendingPathComponent("contexts.\(ProcessInfo.processInfo.processIdentifier).new")
        do {
            let data = try encoder.encode(contents)
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            // With its mode from the start, so that there is no moment in which others can open it.
            guard
                FileManager.default.createFile(
                    atPath: draft.path, contents: data, attributes: [.posixPermissions: 0o600]),
                unsafe rename(draft.path, file.path) == 0
            else { throw CocoaError(.fileWriteUnknown) }
        } catch {
            try? FileManager.default.removeItem(at: draft)
            throw MessagingError(.configuration, "'\(file.path)' cannot be written")
        }
    }

    /// The context of that name.
    /// - Throws: ``MessagingError/Code/configuration`` if there is none.
    func context(named name: String) throws -> SavedContext {
        let contents = try load()
        guard let context = contents.contexts[name] else {
            let known = contents.contexts.keys.sorted().joined(separator: ", ")
            throw MessagingError(
                .configuration,
                "there is no context '\(name)'; "
                    + (known.isEmpty ? "`mimi context add` makes one" : "there are: \(known)"))
        }
        return context
    }
}
