// The code of Operating.md, and of documentation comments about health.

import Logging
import MimiMessaging

func listenToHealth(bus: MessageBus, logger: Logger) async {
    for await health in bus.healthChanges { logger.notice("messaging is \(health)") }
}

func lookAtHealth(bus: MessageBus, logger: Logger) {
    if case .degraded(let obstacles) = bus.health { logger.warning("\(obstacles)") }
}

func isBlocked(bus: MessageBus) -> Bool {
    let isBlocked = bus.obstacles.contains { $0.kind == .blocked }
    return isBlocked
}

// Stands for an HTTP server; Examples/HealthProbe has a real one.

struct Response {
    struct Status {
        let code: Int
    }

    let status: Status
    let body: String
}

struct Router {
    func get(_ path: String, _ handler: (String, String) -> Response) { use(handler(path, "")) }
}

func response(_ answer: HealthProbe.Answer) -> Response {
    Response(status: .init(code: answer.status), body: answer.body)
}

func probes(bus: MessageBus, router: Router) {
    let probe = bus.probe()
    router.get("health/ready") { _, _ in response(probe.ready()) }
    router.get("health/live") { _, _ in response(probe.live()) }
}

func readiness(bus: MessageBus) -> Response {
    let answer = bus.probe().ready()
    return Response(status: .init(code: answer.status), body: answer.body)
}
