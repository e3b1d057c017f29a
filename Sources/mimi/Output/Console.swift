import Foundation

/// Standard output and standard error of the tool.
enum Console {
    /// Whether standard output is a terminal.
    static let hasTerminal = isatty(STDOUT_FILENO) == 1
    /// Whether colours are wanted.
    static let hasColor = hasTerminal && ProcessInfo.processInfo.environment["NO_COLOR"].isEmptyOrNil
    /// Whether standard error is a terminal, on which progress can be drawn.
    static let drawsProgress = isatty(STDERR_FILENO) == 1

    /// Writes a line of the result, at once: who reads a pipe sees it now.
    static func line(_ text: String) { write(text + "\n", to: .standardOutput) }

    /// Empties the terminal.
    static func clear() { write("\u{1B}[H\u{1B}[2J", to: .standardOutput) }

    /// Writes a line that is not part of the result.
    static func note(_ text: String) { write(text + "\n", to: .standardError) }

    /// Writes text as it is, to standard error.
    static func draw(_ text: String) { write(text, to: .standardError) }

    private static func write(_ text: String, to handle: FileHandle) {
        do {
            try handle.write(contentsOf: Data(text.utf8))
        } catch {
            // Nobody reads any more, as in `mimi listen users | head`.
            exit(ExitStatus.success.rawValue)
        }
    }
}

extension String? {
    /// Whether there is nothing in it.
    var isEmptyOrNil: Bool { self?.isEmpty ?? true }
}
