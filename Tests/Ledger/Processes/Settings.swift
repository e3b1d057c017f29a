import Configuration

/// What each process of the test is told by its environment.
struct Settings {
    /// `LEDGER_NAME`: the name of the process, unlike any other of the run.
    let name: String
    /// `LEDGER_JOURNAL`: the file for its entries.
    let journal: String

    init(_ config: ConfigReader) throws {
        name = try config.requiredString(forKey: "ledger.name")
        journal = try config.requiredString(forKey: "ledger.journal")
    }
}

/// What a producer is told beside that.
struct ProducerSettings {
    let common: Settings
    /// `LEDGER_RUN`: the first part of each message's id.
    let run: String
    /// `LEDGER_SEED`: decides what the messages are.
    let seed: UInt64
    /// `LEDGER_OUTSTANDING`: how many calls may be under way at a time.
    let outstanding: Int
    /// `LEDGER_RATE`: how many calls are begun in a second, at most.
    let rate: Double
    /// `LEDGER_PAUSE`: how long most handlers take, in milliseconds, at most.
    let pause: Int
    /// `LEDGER_INSISTS`: whether a message of unknown fate is sent again, with the same id, until its fate is known.
    let insists: Bool
    /// `LEDGER_PUBLISH_TIMEOUT`, `LEDGER_QUERY_TIMEOUT`: how long a call may take, in milliseconds.
    let publishTimeout: Duration
    let queryTimeout: Duration

    init(_ config: ConfigReader) throws {
        common = try Settings(config)
        run = try config.requiredString(forKey: "ledger.run")
        seed = UInt64(bitPattern: Int64(try config.requiredInt(forKey: "ledger.seed")))
        outstanding = try config.requiredInt(forKey: "ledger.outstanding")
        rate = Double(try config.requiredInt(forKey: "ledger.rate"))
        pause = try config.requiredInt(forKey: "ledger.pause")
        insists = try config.requiredBool(forKey: "ledger.insists")
        publishTimeout = .milliseconds(try config.requiredInt(forKey: "ledger.publish.timeout"))
        queryTimeout = .milliseconds(try config.requiredInt(forKey: "ledger.query.timeout"))
    }
}
