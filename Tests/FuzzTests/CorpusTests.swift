import Foundation
import Testing

/// What the fuzzers found interesting, and what they found wrong: it is kept, and has to hold from then on.
@Suite("Corpus of the fuzzers")
struct CorpusTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Corpus")

    private static let names = FuzzTarget.all.map { $0.name }

    @Test(.timeLimit(.minutes(2)), arguments: names) func holds(_ name: String) async throws {
        let target = try #require(FuzzTarget.all.first { $0.name == name })
        let folder = Self.folder.appending(path: name)
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        try #require(!files.isEmpty)
        for file in files {
            let bytes = try Array(Data(contentsOf: file))
            do {
                switch target.body {
                case .plain(let body): try body(bytes)
                case .suspending(let body): try await body(bytes)
                }
            } catch {
                Issue.record("\(file.lastPathComponent): \(error)")
            }
        }
    }
}
