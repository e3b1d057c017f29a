import Configuration
import Foundation
import Logging
import ServiceLifecycle
import UnixSignals

/// A process of the ledger test: `Ledger produce` sends messages, `Ledger consume` processes them, both until SIGTERM.
/// Each writes down what it does (see ``Entry``), for a checker that knows nothing of this package.
///
/// The environment says the rest: `LEDGER_…` (see ``Settings``), and the options of the bus as any service has them.
@main
enum Ledger {
    static func main() async {
        var logger = Logger(label: "ledger") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .info
        do {
            let config = ConfigReader(provider: EnvironmentVariablesProvider())
            switch CommandLine.arguments.dropFirst().first {
            case "produce": try await Producer(ProducerSettings(config), config: config, logger: logger).run()
            case "consume": try await Consumer(Settings(config), config: config, logger: logger).run()
            default:
                logger.error("usage: Ledger produce | Ledger consume")
                exit(64)
            }
        } catch {
            logger.critical("ended", error: error)
            exit(1)
        }
    }

    /// Runs services until SIGTERM, which ends the last one first.
    static func run(_ services: [any Service], logger: Logger) async throws {
        try await ServiceGroup(services: services, gracefulShutdownSignals: [.sigterm], logger: logger).run()
    }
}
