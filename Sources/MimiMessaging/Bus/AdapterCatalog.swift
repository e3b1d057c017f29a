import Logging

/// The adapters that a bus can choose from by name.
struct AdapterCatalog {
    private var types: [String: any MessagingAdapter.Type]

    /// - Throws: ``MessagingError/Code/configuration`` if a name occurs twice.
    init(_ adapters: [any MessagingAdapter.Type]) throws(MessagingError) {
        types = [MemoryAdapter.name: MemoryAdapter.self]
        for adapter in adapters where adapter != MemoryAdapter.self {
            guard types.updateValue(adapter, forKey: adapter.name) == nil else {
                throw MessagingError(.configuration, "two adapters have the name '\(adapter.name)'")
            }
        }
    }

    /// The adapter that `mq_adapter` names.
    func adapter(chosenBy options: MessagingOptions) throws(MessagingError) -> any MessagingAdapter.Type {
        let known = types.keys.sorted().joined(separator: ", ")
        guard let name = try options.string("mq_adapter") else {
            throw MessagingError(.configuration, "the option 'mq_adapter' is missing; known adapters are: \(known)")
        }
        guard let type = types[name] else {
            throw MessagingError(
                .configuration,
                "the option 'mq_adapter' names no adapter ('\(name.escapedForLog)'); known are: \(known)")
        }
        return type
    }
}
