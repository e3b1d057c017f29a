import ArgumentParser

struct ContextUse: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "use", abstract: "Choose the connection that is used when nothing else is said.")

    @Argument(help: "Its name.")
    var name: String

    @OptionGroup var output: OutputOptions

    func run() throws {
        let store = ContextStore()
        _ = try store.context(named: name)
        var contents = try store.load()
        contents.current = name
        try store.save(contents)
        try output.show(["using": name]) { Console.line("using '\(name)' from now on") }
    }
}
