import ArgumentParser

struct ContextRemove: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "remove", abstract: "Forget a saved connection.")

    @Argument(help: "Its name.")
    var name: String

    @OptionGroup var output: OutputOptions

    func run() throws {
        let store = ContextStore()
        _ = try store.context(named: name)
        var contents = try store.load()
        contents.contexts[name] = nil
        if contents.current == name { contents.current = nil }
        try store.save(contents)
        try output.show(["removed": name]) { Console.line("removed '\(name)'") }
    }
}
