import Foundation

/// The package's programs, where the tests were built.
enum BuiltPrograms {
    /// Beside the tests' own binary; on macOS beside their bundle.
    static let folder: URL = {
        #if os(macOS)
        let tests = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }?.bundleURL
        #else
        let tests = URL(filePath: CommandLine.arguments[0]).standardizedFileURL as URL?
        #endif
        return (tests ?? URL(filePath: "/")).deletingLastPathComponent()
    }()
}
