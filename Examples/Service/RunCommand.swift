import ArgumentParser
import Logging
import MimiMessaging
import ServiceLifecycle

/// Runs the service until SIGTERM or Ctrl-C.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "run", abstract: "Run the service.")

    func run() async throws {
        let logger = serviceLogger()
        let bus = try messageBus(logger: logger)
        try await bus.requests("reports") { reports in
            reports.on(RenderReport.self) { report, context in
                say("rendering '\(report.title)'")
                try await Task.sleep(for: report.duration)
                say("rendered '\(report.title)'")
            }
        }

        try await bus.start()
        say("ready")

        // A real service has more in its group: a web server, a database pool, a metrics exporter. Services are stopped in
        // the reverse order, so what handlers need stands before the bus.
        let group = ServiceGroup(
            services: [bus], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        try await group.run()
        say("stopped")
    }
}
