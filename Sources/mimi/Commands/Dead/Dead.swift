import ArgumentParser

struct Dead: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look at messages that were given up, and send them again.",
        discussion: """
            What a service gives up is kept with the reason. Find the reason, mend it, replay:

              mimi dead list orders
              mimi dead peek orders --error invalid_total
              mimi dead replay orders --error invalid_total --limit 1
              mimi dead replay orders

            While one of these runs, others do not see the dead letters that it looks at. What it does not remove goes \
            back when it ends, however it ends; on RabbitMQ before 4 to the end of a quorum queue.
            """,
        subcommands: [
            DeadList.self, DeadPeek.self, DeadReplay.self, DeadDrop.self, DeadExport.self, DeadImport.self,
        ])
}
