import ArgumentParser
import Foundation
import MimiMessaging
import MimiMessagingRabbitMQ

struct ContextAdd: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Save a connection under a name; one of that name is replaced.")

    @Argument(help: "The name: letters, digits, '-' and '_'.")
    var name: String

    @Option(help: ArgumentHelp("amqp:// or amqps:// URL of the broker.", valueName: "url"))
    var url: String?

    @Flag(help: "Read the URL from standard input, so that a password is in no list of processes.")
    var urlFromStdin = false

    @Option(
        name: [.customShort("o"), .customLong("option")],
        help: ArgumentHelp(
            "Any option of a service, for example mq_namespace=staging. Repeatable.", valueName: "key=value"))
    var settings: [String] = []

    @Option(
        help: ArgumentHelp(
            "URL of the broker's management API, if it is not port 15672, with TLS 15671.", valueName: "url"))
    var management: String?

    @Flag(help: "Use it from now on when nothing else is said.")
    var use = false

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard !name.isEmpty, name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "-_".contains($0)) }) else {
            throw ValidationError("a name is made of letters, digits, '-' and '_'")
        }
        guard url == nil || !urlFromStdin else {
            throw ValidationError("--url and --url-from-stdin contradict each other")
        }
        for setting in settings where !setting.contains("=") { throw ValidationError("'\(setting)' is not KEY=VALUE") }
    }

    func run() throws {
        var options: [String: String] = [:]
        for setting in settings {
            let parts = setting.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            options[String(parts[0])] = String(parts[1])
        }
        if let url = urlFromStdin ? readLine(strippingNewline: true) : url { options["mq_url"] = url }
        guard !options.isEmpty else { throw ToolError("a context needs --url, --url-from-stdin or -o KEY=VALUE") }
        // A bus finds what is wrong with options, and connects to nothing.
        let checked = MessagingOptions(options.mapValues { .string($0) })
        _ = try MessageBus(
            options: options["mq_adapter"] == nil ? checked.setting("mq_adapter", to: "rabbitmq") : checked,
            adapters: [RabbitMQAdapter.self])

        let store = ContextStore()
        var contents = try store.load()
        contents.contexts[name] = SavedContext(options: options, managementURL: management)
        if use || contents.contexts.count == 1 { contents.current = name }
        try store.save(contents)
        let isCurrent = contents.current == name
        try output.show(["added": name, "file": store.file.path]) {
            Console.line("added '\(name)' to \(store.file.path)" + (isCurrent ? "; it is used from now on" : ""))
        }
    }
}
