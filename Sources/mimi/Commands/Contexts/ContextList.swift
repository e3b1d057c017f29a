import ArgumentParser

struct ContextList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the saved connections, without passwords.")

    @OptionGroup var output: OutputOptions

    func run() throws {
        let contexts = ListedContext.all(in: try ContextStore().load())
        if output.json { return try contexts.forEach { Console.line(try JSONOutput.line($0)) } }
        guard !contexts.isEmpty else { return Console.note("There is no context yet. `mimi context add` makes one.") }
        var table = Table("", "NAME", "CONNECTS TO")
        for context in contexts { table.append(context.isCurrent ? "*" : "", context.name, context.summary) }
        table.show()
    }
}
