/// An AMQP field table (`amqp_table_t`): named values in wire order. Duplicate names are kept.
package struct AMQPFieldTable: Sendable, Hashable, ExpressibleByDictionaryLiteral {
    /// One named value.
    package struct Entry: Sendable, Hashable {
        /// The name; 1 to 128 bytes of UTF-8 without NUL when it is to be sent.
        package var name: String
        /// The value.
        package var value: AMQPFieldValue

        package init(name: String, value: AMQPFieldValue) {
            self.name = name
            self.value = value
        }
    }

    private var entries: [Entry] = []

    /// An empty table.
    package init() {}

    /// A table with the literal's pairs in their order.
    package init(dictionaryLiteral elements: (String, AMQPFieldValue)...) {
        entries = elements.map { Entry(name: $0.0, value: $0.1) }
    }

    /// A table with these entries in their order.
    package init(_ entries: [Entry]) { self.entries = entries }

    /// The first value of that name. Setting replaces the first and removes further ones; setting nil removes all.
    package subscript(name: String) -> AMQPFieldValue? {
        get { entries.first { $0.name == name }?.value }
        set {
            guard let newValue else { return entries.removeAll { $0.name == name } }
            guard let first = entries.firstIndex(where: { $0.name == name }) else {
                return entries.append(Entry(name: name, value: newValue))
            }
            entries[first].value = newValue
            let rest = entries[(first + 1)...].filter { $0.name != name }
            entries.replaceSubrange((first + 1)..., with: rest)
        }
    }

    /// Adds an entry at the end, whether or not the name is there already.
    package mutating func append(_ name: String, _ value: AMQPFieldValue) {
        entries.append(Entry(name: name, value: value))
    }
}

extension AMQPFieldTable: RandomAccessCollection {
    package var startIndex: Int { entries.startIndex }
    package var endIndex: Int { entries.endIndex }
    package subscript(position: Int) -> Entry { entries[position] }
}
