import Configuration
import Hummingbird
import MimiMessaging
import MimiMessagingRabbitMQ

/// A service that answers `GET /health/ready` and `GET /health/live`, and the command `greetings/say`.
///
/// `MQ_ADAPTER` is `rabbitmq` (with `MQ_URL`) or `memory`; `PORT` is the port to listen on, 8080 if it is not set.
@main struct Service {
    static func main() async throws {
        let config = ConfigReader(provider: EnvironmentVariablesProvider())
        let bus = try MessageBus(config: config, adapters: [RabbitMQAdapter.self])
        try await bus.requests("greetings") { greetings in
            greetings.command("say") { message, context in
                let name: String = try message["name"]
                context.logger.info("hello, \(name)")
            }
        }

        let probe = bus.probe()
        let router = Router()
        router.get("health/ready") { _, _ in response(probe.ready()) }
        router.get("health/live") { _, _ in response(probe.live()) }

        let port = config.int(forKey: "port", default: 8080)
        // The server is there from the beginning, so that it can say that the bus is not ready yet.
        let server = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: port)), services: [bus])
        try await server.runService()
    }

    private static func response(_ answer: HealthProbe.Answer) -> Response {
        Response(
            status: .init(code: answer.status), headers: [.contentType: answer.contentType],
            body: .init(byteBuffer: ByteBuffer(string: answer.body)))
    }
}
