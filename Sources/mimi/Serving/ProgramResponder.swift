import Foundation
import MimiMessaging
import Subprocess

#if canImport(System)
import System
#else
import SystemPackage
#endif

/// Runs a program for each message: the body on its standard input, the answer on its standard output.
struct ProgramResponder: Sendable {
    /// The program and its arguments.
    let command: [String]

    /// The largest answer, in bytes.
    private static let answerLimit = 16 << 20
    private static let errorLimit = 64 << 10

    /// Runs it.
    /// - Parameters:
    ///   - body: What it reads, as JSON.
    ///   - variables: What it finds in its environment beside that of this process.
    /// - Returns: what it wrote.
    /// - Throws: `ProcessingError` if it cannot be started or exits with anything but 0; its last line on standard error
    ///   says why.
    func run(body: String, variables: [String: String]) async throws -> [UInt8] {
        let values = variables.map { (Environment.Key(rawValue: $0.key), Optional($0.value)) }
        let outcome: ExecutionResult<Void, StringOutput<UTF8>, StringOutput<UTF8>>
        do {
            outcome = try await Subprocess.run(
                command[0].contains("/") ? .path(FilePath(command[0])) : .name(command[0]),
                arguments: Arguments(Array(command.dropFirst())),
                environment: .inherit.updating(
                    Dictionary(values.compactMap { key, value in key.map { ($0, value) } }) { _, last in last }),
                input: .inputWriter, output: .string(limit: Self.answerLimit),
                error: .string(limit: Self.errorLimit)
            ) { execution in
                // A program may end without having read all of it, or any: how it ends is what counts.
                _ = try? await execution.standardInputWriter.write(body)
                try? await execution.standardInputWriter.finish()
            }
        } catch let error as SubprocessError {
            throw ProcessingError(code: "program_failed", message: "'\(command[0])' could not be run: \(error)")
        }
        guard outcome.terminationStatus.isSuccess else {
            let lastLine = outcome.standardError.split(whereSeparator: \.isNewline).last.map(String.init)
            throw ProcessingError(
                code: "program_failed",
                message: (lastLine ?? "'\(command[0])' ended with \(outcome.terminationStatus)").printable.cut(to: 500))
        }
        return Array(outcome.standardOutput.utf8)
    }
}
