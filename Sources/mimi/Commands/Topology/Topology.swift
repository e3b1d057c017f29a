import ArgumentParser

struct Topology: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compare what a service needs with what the broker has.",
        discussion: """
            A service describes what it needs: print(bus.topology). With that in a file, or on standard input as -:

              orders --print-topology > orders.json
              mimi topology show orders.json --format mermaid
              mimi topology check orders.json
              mimi topology apply orders.json
            """,
        subcommands: [TopologyShow.self, TopologyCheck.self, TopologyApply.self])
}
