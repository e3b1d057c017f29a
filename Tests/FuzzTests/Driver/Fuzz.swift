import Dispatch
import Foundation
import LibFuzzer

/// Runs one target under libFuzzer: `Fuzz TARGET [options of libFuzzer] [corpus folders]`.
@main
struct Fuzz {
    static let target: FuzzTarget = {
        let name = CommandLine.arguments.dropFirst().first ?? ""
        guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
            print("name one of: \(FuzzTarget.all.map(\.name).joined(separator: " "))")
            exit(64)
        }
        return target
    }()

    static func main() {
        _ = target
        // libFuzzer takes the target's name for that of the program.
        var count = CommandLine.argc - 1
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = unsafe CommandLine.unsafeArgv + 1
        exit(unsafe LLVMFuzzerRunDriver(&count, &arguments, runOne))
    }

    /// Ends the process on a finding: that is how libFuzzer notices.
    static func run(_ bytes: [UInt8]) {
        do {
            switch target.body {
            case .plain(let body): try body(bytes)
            case .suspending(let body): try wait(for: body, bytes)
            }
        } catch {
            fatalError("\(target.name): \(error)")
        }
    }

    private static func wait(for body: @escaping @Sendable ([UInt8]) async throws -> Void, _ bytes: [UInt8]) throws {
        let done = DispatchSemaphore(value: 0)
        // Written before the signal, read after the wait.
        nonisolated(unsafe) var result: Result<Void, any Error> = .success(())
        let work: @Sendable () async -> Void = {
            do { try await body(bytes) } catch { unsafe result = .failure(error) }
            done.signal()
        }
        // On this thread, where it need not wait for another: that is several times as fast.
        if #available(macOS 26, *) { Task.immediate { await work() } } else { Task.detached { await work() } }
        done.wait()
        try unsafe result.get()
    }
}

/// What libFuzzer calls, by this name, for each input.
@_cdecl("LLVMFuzzerTestOneInput")
func runOne(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    unsafe Fuzz.run(Array(UnsafeBufferPointer(start: data, count: size)))
    return 0
}
