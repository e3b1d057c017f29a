import Foundation

/// A server of TLS without a broker behind it: `openssl s_server`, which serves one certificate until it is stopped.
final class TLSServer {
    /// Where it listens, on 127.0.0.1.
    let port: Int
    private let process = Process()
    private let keyboard = Pipe()

    /// - Parameters:
    ///   - certificate: The PEM file of its certificate; the key lies beside it.
    ///   - options: Further options of `s_server`.
    init(_ certificate: String, options: [String] = []) throws {
        process.executableURL = URL(filePath: "/usr/bin/env")
        let key = certificate.replacing(".pem", with: ".key")
        process.arguments =
            ["openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", certificate, "-key", key] + options
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        // It ends when its input does.
        process.standardInput = keyboard
        try process.run()
        var said = ""
        // It says all of it at once, without an end of the line.
        while !said.contains("ACCEPT 127.0.0.1:") {
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw TestBroker.Unavailable(description: "openssl s_server: \(said)") }
            said += String(decoding: more, as: UTF8.self)
        }
        guard let port = said.split(separator: ":").last.flatMap({ Int($0.prefix { $0.isNumber }) }) else {
            throw TestBroker.Unavailable(description: "openssl s_server listens nowhere: \(said)")
        }
        self.port = port
    }

    /// Not with SIGTERM: it is blocked where the test runs, and so in what a test starts.
    func stop() { kill(process.processIdentifier, SIGKILL) }
}
