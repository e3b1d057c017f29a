import Foundation
import MimiMessaging

/// A process in Python on pika, which knows the wire protocol only.
final class PythonPeer: Sendable {
    /// The interpreter that has pika; tests of this kind need it.
    static let interpreter = ProcessInfo.processInfo.environment["MIMI_PYTHON"]

    /// What it prints, line by line.
    let lines: AsyncThrowingStream<Data, any Error>
    private let input = Pipe()
    private let process: Lock<UncheckedProcess>

    /// `Process` is used by the one who starts it and by nobody else.
    private struct UncheckedProcess: @unchecked Sendable { let process = Process() }

    init(_ mode: String, _ name: String) throws {
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "peer.py").path
        let output = Pipe()
        let (lines, continuation) = AsyncThrowingStream<Data, any Error>.makeStream()
        self.lines = lines
        let unchecked = UncheckedProcess()
        let process = unchecked.process
        process.executableURL = URL(filePath: Self.interpreter ?? "/usr/bin/python3")
        process.arguments = [script, mode, TestBroker.url, name]
        process.standardInput = input
        process.standardOutput = output
        process.terminationHandler = { process in
            if process.terminationStatus != 0 {
                continuation.finish(throwing: TestBroker.Unavailable(description: "peer.py \(mode) failed"))
            }
        }
        self.process = Lock(unchecked)
        let handle = output.fileHandleForReading
        try process.run()
        Thread.detachNewThread {
            var rest = Data()
            while case let data = handle.availableData, !data.isEmpty {
                rest += data
                while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                    continuation.yield(rest[..<end])
                    rest = Data(rest[(end + 1)...])
                }
            }
            continuation.finish()
        }
    }

    /// Tells it to end.
    func end() throws { try input.fileHandleForWriting.close() }
}
