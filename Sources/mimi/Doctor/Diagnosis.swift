/// One thing that was looked at, and what to do about it.
struct Diagnosis: Encodable, Equatable, Sendable {
    /// How serious it is.
    enum Level: String, Encodable, Sendable, Comparable {
        case ok
        /// Nobody can tell, from here.
        case unknown
        case warning
        case problem

        private var rank: Int { [.ok: 0, .unknown: 1, .warning: 2, .problem: 3][self] ?? 0 }
        static func < (one: Level, other: Level) -> Bool { one.rank < other.rank }
    }

    let check: String
    let level: Level
    let text: String
    /// The line that mends it.
    let remedy: String?

    init(_ check: String, _ level: Level, _ text: String, remedy: String? = nil) {
        self.check = check
        self.level = level
        self.text = text
        self.remedy = remedy
    }

    /// One line for people, or two.
    var lines: [String] {
        let mark =
            switch level {
            case .ok: Style.green("ok      ")
            case .unknown: Style.dim("unknown ")
            case .warning: Style.yellow("warning ")
            case .problem: Style.red("problem ")
            }
        return ["\(mark) \(check.printable): \(text.printable)"]
            + (remedy.map { ["         " + Style.bold($0.printable)] } ?? [])
    }

    /// How the tool ends with these.
    static func status(_ diagnoses: [Diagnosis]) -> ExitStatus {
        switch diagnoses.map(\.level).max() ?? .ok {
        case .ok, .unknown: .success
        case .warning: .warnings
        case .problem: .problems
        }
    }
}
