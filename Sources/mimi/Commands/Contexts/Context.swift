import ArgumentParser

struct Context: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Keep named connections in a file.",
        discussion: """
            The file is mimi/contexts.json below $XDG_CONFIG_HOME, or below ~/.config. Only its owner can read it.

              mimi context add staging --url-from-stdin -o mq_namespace=st. < url.txt
              mimi context list
              mimi dead list orders --context staging
            """,
        subcommands: [ContextAdd.self, ContextList.self, ContextRemove.self, ContextUse.self])
}
