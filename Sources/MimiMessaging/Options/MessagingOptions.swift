public import Configuration

/// The options of a bus and its adapter, by flat keys that begin with `mq_`.
///
/// ```swift
/// let options: MessagingOptions = ["mq_adapter": "rabbitmq", "mq_host": "localhost", "mq_default_query_timeout": 5]
/// ```
///
/// The option `mq_host` is read from a `ConfigReader` as `mq.host`, hence from the environment as `MQ_HOST`.
public struct MessagingOptions: Sendable, ExpressibleByDictionaryLiteral {
    private var values: [String: OptionValue]
    private var reader: ConfigReader?

    /// Options from a dictionary.
    public init(_ values: [String: OptionValue] = [:]) { self.values = values }

    /// The last value of a key that occurs twice counts.
    public init(dictionaryLiteral elements: (String, OptionValue)...) {
        values = Dictionary(elements, uniquingKeysWith: { _, last in last })
    }

    /// Options from a configuration: `mq.adapter`, `mq.host`, … Only keys that the bus and its adapter know are read.
    public init(_ reader: ConfigReader) {
        values = [:]
        self.reader = reader
    }

    /// The keys of the options that are given one by one, in order.
    var keys: [String] { values.keys.sorted() }

    /// These options with one changed.
    public func setting(_ key: String, to value: OptionValue) -> MessagingOptions {
        var options = self
        options.values[key] = value
        return options
    }

    /// These options as a bus with that adapter reads them.
    /// - Throws: ``MessagingError/Code/configuration``, naming an option that neither of them knows.
    package func resolved(for adapter: any MessagingAdapter.Type) throws(MessagingError) -> MessagingOptions {
        try resolved(with: BusEnvironment.options + adapter.options)
    }

    /// Reads what is known, and refuses what is not.
    func resolved(with definitions: [OptionDefinition]) throws(MessagingError) -> MessagingOptions {
        let known = Set(definitions.map(\.key))
        if let stranger = values.keys.sorted().first(where: { !known.contains($0) }) {
            let near = definitions.map(\.key).sorted().joined(separator: ", ")
            throw MessagingError(.configuration, "unknown option '\(stranger.escapedForLog)'; known are: \(near)")
        }
        guard let reader else { return self }
        var resolved = MessagingOptions(values)
        for definition in definitions where resolved.values[definition.key] == nil {
            resolved.values[definition.key] = Self.read(definition, from: reader)
        }
        return resolved
    }

    /// One option alone, before it is known which others exist.
    func readingOnly(_ key: String) throws(MessagingError) -> MessagingOptions {
        let alone = MessagingOptions(values.filter { $0.key == key })
        guard let reader, !alone.isSet(key) else { return alone }
        guard let value = Self.read(OptionDefinition(key, ""), from: reader) else { return alone }
        return alone.setting(key, to: value)
    }

    private static func read(_ definition: OptionDefinition, from reader: ConfigReader) -> OptionValue? {
        let key = ConfigKey(["mq", String(definition.key.dropFirst("mq_".count))])
        let isSecret = definition.isSecret
        // A file may hold a number or a list where the environment holds text, so each kind is asked for.
        if let value = reader.string(forKey: key, isSecret: isSecret) { return .string(value) }
        if let value = reader.int(forKey: key, isSecret: isSecret) { return .integer(value) }
        if let value = reader.double(forKey: key, isSecret: isSecret) { return .double(value) }
        if let value = reader.bool(forKey: key, isSecret: isSecret) { return .bool(value) }
        if let value = reader.stringArray(forKey: key, isSecret: isSecret) { return .list(value) }
        return nil
    }
}

extension MessagingOptions {
    /// Whether a value was given.
    public func isSet(_ key: String) -> Bool { values[key] != nil }

    /// The text of an option; nil if it is not given. A whole number is taken for its text.
    /// - Throws: ``MessagingError/Code/configuration``, naming the option, if it is neither.
    public func string(_ key: String) throws(MessagingError) -> String? {
        switch values[key] {
        case nil: nil
        case .string(let value): value
        case .integer(let value): String(value)
        default: throw malformed(key, "text")
        }
    }

    /// An integer within a range; nil if it is not given.
    /// - Throws: ``MessagingError/Code/configuration``, naming the option, if it is no whole number, or out of the range.
    public func integer(_ key: String, in range: ClosedRange<Int>) throws(MessagingError) -> Int? {
        let number: Int? =
            switch values[key] {
            case nil: nil
            case .integer(let value): value
            case .string(let text):
                if let value = Int(text) { value } else { throw malformed(key, "a whole number") }
            default: throw malformed(key, "a whole number")
            }
        if let number, !range.contains(number) {
            throw malformed(key, "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// A truth value (`true`, `false`, `yes`, `no`, `1`, `0`); nil if it is not given.
    /// - Throws: ``MessagingError/Code/configuration``, naming the option, if it is none of these.
    public func bool(_ key: String) throws(MessagingError) -> Bool? {
        switch values[key] {
        case nil: return nil
        case .bool(let value): return value
        case .integer(0): return false
        case .integer(1): return true
        case .string(let text):
            switch text.lowercased() {
            case "true", "yes", "1": return true
            case "false", "no", "0": return false
            default: throw malformed(key, "true or false")
            }
        default: throw malformed(key, "true or false")
        }
    }

    /// A span of time: a number of seconds, or text with a unit (`250ms`, `15s`, `2m`, `1h`); nil if it is not given. The
    /// longest is 366 days.
    /// - Throws: ``MessagingError/Code/configuration``, naming the option, if it is no such time, or shorter than `minimum`.
    public func duration(_ key: String, atLeast minimum: Duration = .zero) throws(MessagingError) -> Duration? {
        let duration: Duration?
        switch values[key] {
        case nil: return nil
        case .integer(let seconds): duration = .seconds(seconds)
        case .double(let seconds): duration = DurationText.seconds(seconds)
        case .string(let text): duration = DurationText.parse(text)
        default: duration = nil
        }
        guard let duration, duration >= minimum, duration <= DurationText.maximum else {
            throw malformed(key, "a time of at least \(minimum), in seconds or with a unit such as '250ms' or '2m'")
        }
        return duration
    }

    /// A list of spans of time, each at most 366 days; nil if it is not given.
    /// - Throws: ``MessagingError/Code/configuration``, naming the option, if it is no list, or has anything else in it.
    public func durations(_ key: String) throws(MessagingError) -> [Duration]? {
        guard let texts = try list(key) else { return nil }
        var durations: [Duration] = []
        for text in texts {
            guard let duration = DurationText.parse(text) else {
                throw malformed(key, "a list of times such as '1s,5s,2m'")
            }
            durations.append(duration)
        }
        return durations
    }

    /// A list: an array, or text with commas; nil if it is not given. A number is a list of one.
    /// - Throws: ``MessagingError/Code/configuration``, naming the option, if it is a truth value.
    public func list(_ key: String) throws(MessagingError) -> [String]? {
        switch values[key] {
        case nil: return nil
        case .list(let values): return values
        case .string(let text):
            return text.split(separator: ",").map { $0.trimmingSpaces }.filter { !$0.isEmpty }
        case .integer(let value): return [String(value)]
        case .double(let value): return [String(value)]
        case .bool: throw malformed(key, "a list")
        }
    }

    /// One of several words; nil if it is not given.
    /// - Throws: ``MessagingError/Code/configuration``, naming the option, if it is none of them.
    public func choice(_ key: String, of words: [String]) throws(MessagingError) -> String? {
        guard let word = try string(key) else { return nil }
        guard words.contains(word) else { throw malformed(key, "one of: \(words.joined(separator: ", "))") }
        return word
    }

    /// Names the option and what it should be; never its value, which may be secret.
    private func malformed(_ key: String, _ expectation: String) -> MessagingError {
        MessagingError(.configuration, "the option '\(key)' must be \(expectation)")
    }
}
