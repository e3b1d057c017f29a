import Foundation

/// Prints a line at once: `print` would keep it back while the output is a file.
func say(_ line: String) {
    try? FileHandle.standardOutput.write(contentsOf: Data((line + "\n").utf8))
}

/// The lines of standard input, read by a thread of their own, since reading blocks.
func inputLines() -> AsyncStream<String> {
    let (lines, input) = AsyncStream<String>.makeStream()
    Thread.detachNewThread {
        while let line = readLine() { input.yield(line) }
        input.finish()
    }
    return lines
}
