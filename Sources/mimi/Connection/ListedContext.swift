/// A context as it is listed, without secrets.
struct ListedContext: Encodable {
    let name: String
    let isCurrent: Bool
    let options: [String: String]
    let managementURL: String?

    private enum CodingKeys: String, CodingKey {
        case name, options
        case isCurrent = "current"
        case managementURL = "management_url"
    }

    /// The contexts of a file, by name.
    static func all(in contents: ContextStore.Contents) -> [ListedContext] {
        contents.contexts.sorted { $0.key < $1.key }.map { name, context in
            let shown = context.redacted
            return ListedContext(
                name: name, isCurrent: name == contents.current, options: shown.options,
                managementURL: shown.managementURL)
        }
    }

    /// Where it connects to, on one line.
    var summary: String {
        options.sorted { $0.key < $1.key }.map { $0.key == "mq_url" ? $0.value : "\($0.key)=\($0.value)" }
            .joined(separator: " ")
    }
}
