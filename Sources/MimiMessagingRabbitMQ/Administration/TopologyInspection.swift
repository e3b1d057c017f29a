package import MimiMessaging
import RabbitMQClient

/// Whether one thing that a service needs is on the broker.
package struct TopologyFinding: Sendable {
    /// What kind of thing it is.
    package enum Kind: String, Sendable {
        case queue
        case exchange
        case binding
    }

    /// How it stands.
    package enum State: String, Sendable {
        /// It is there as it has to be.
        case present
        case missing
        /// It is there, but not as it has to be.
        case different
        /// Nobody can tell without the management API, or without more permissions.
        case unknown
    }

    /// What kind of thing it is.
    package let kind: Kind
    /// Its name on the broker; of a binding, that of its queue.
    package let name: String
    /// Of a binding, the name of its exchange.
    package let exchange: String?
    /// Of a binding, its arguments; of an exchange, its type; of a queue, its arguments.
    package let details: [String: String]
    /// How it stands.
    package var state: State
    /// What the broker said, if it was not content.
    package var reason: String?
}

extension BrokerAdministration {
    /// Compares what a service needs with what is there, and changes nothing. Bindings cannot be asked for over AMQP.
    /// - Parameter topology: What the service needs, from its own description.
    /// - Throws: ``MessagingError`` with `configuration` or `invalidTarget` for a description that cannot be.
    package func inspect(_ topology: BusTopology) async throws -> [TopologyFinding] {
        var findings: [TopologyFinding] = []
        for declaration in try declarations(for: topology) {
            do {
                var finding = TopologyFinding(declaration)
                (finding.state, finding.reason) = try await state(of: declaration)
                findings.append(finding)
            } catch {
                throw Self.outward(error)
            }
        }
        return findings
    }

    /// Declares what a service needs, as the service itself would.
    /// - Throws: ``MessagingError`` with `topology` at the first thing that is there with other arguments.
    package func declare(_ topology: BusTopology) async throws {
        let declarations = try declarations(for: topology)
        do {
            try await TopologyDeclarer.declare(on: connection) { try await $0.declare(declarations) }
        } catch {
            throw Self.outward(error)
        }
    }

    private func declarations(for topology: BusTopology) throws -> [TopologyDeclaration] {
        guard topology.adapter == RabbitMQAdapter.name else {
            throw MessagingError(
                .configuration, "the description is of a service with the adapter '\(topology.adapter.escapedForLog)'")
        }
        let options = MessagingOptions(topology.options.mapValues { .string($0) })
        let configuration = try RabbitMQConfiguration(options: options, maximumBodySize: 1)
        var known = Set<TopologyDeclaration>()
        return try topology.processors.flatMap { processor -> [TopologyDeclaration] in
            guard let subscription = processor.subscription else {
                throw MessagingError(.configuration, "the description has a processor without queue and topic")
            }
            guard let queue = processor.queue else { return processor.topic.map { [.topic($0)] } ?? [] }
            let names = QueueTopology(queue: queue, configuration: configuration, subscription: subscription)
            return try names.declarations(topic: processor.topic)
        }.filter { known.insert($0).inserted }
    }

    private func state(of declaration: TopologyDeclaration) async throws -> (TopologyFinding.State, String?) {
        if case .binding = declaration { return (.unknown, nil) }
        do {
            _ = try await onChannel { try await $0.status(of: declaration) }
        } catch let error as AMQPError where error.replyCode == 404 {
            return (.missing, nil)
        }
        do {
            // It is there, so this creates nothing: the broker only compares.
            try await onChannel { try await $0.declare(declaration) }
            return (.present, nil)
        } catch let error as AMQPError where error.replyCode == 406 {
            return (.different, error.replyText)
        } catch let error as AMQPError where error.replyCode == 403 {
            return (.unknown, error.replyText)
        }
    }
}

extension TopologyFinding {
    fileprivate init(_ declaration: TopologyDeclaration) {
        func texts(_ table: AMQPFieldTable) -> [String: String] {
            Dictionary(table.map { ($0.name, $0.value.text ?? "\($0.value)") }) { first, _ in first }
        }
        switch declaration {
        case .queue(let name, let arguments):
            self.init(kind: .queue, name: name, exchange: nil, details: texts(arguments), state: .unknown)
        case .exchange(let name, let type):
            self.init(kind: .exchange, name: name, exchange: nil, details: ["type": type], state: .unknown)
        case .binding(let queue, let exchange, let arguments):
            self.init(kind: .binding, name: queue, exchange: exchange, details: texts(arguments), state: .unknown)
        }
    }
}
