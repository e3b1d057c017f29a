/// How callers on any thread hand their wishes to the connection's loop: in order, and with a wake-up only when it
/// sleeps.
final class Mailbox: Sendable {
    private struct State: Sendable {
        var commands: [Command] = []
        var isAsleep = false
        /// Why nothing is taken any more.
        var end: AMQPError?
        /// Let go of at the end, so that its descriptor is closed once the last one has used it.
        var wakeUp: (@Sendable () -> Void)?
    }

    private let state: Lock<State>

    /// - Parameter wakeUp: ends the loop's sleep, or makes that unnecessary; called after the first command that it
    ///   would sleep through, on the thread of whoever left that.
    init(wakeUp: @escaping @Sendable () -> Void) {
        state = Lock(State(wakeUp: wakeUp))
    }

    /// Leaves a command.
    ///
    /// - Returns: nil, or why the connection has ended; the command is not taken then.
    func submit(_ command: Command) -> AMQPError? { submit(CollectionOfOne(command)) }

    /// Leaves several commands, one behind the other; all of them or none.
    func submit(_ commands: some Collection<Command>) -> AMQPError? {
        let (end, wakeUp) = state.withLock { state -> (AMQPError?, (@Sendable () -> Void)?) in
            if let end = state.end { return (end, nil) }
            state.commands.append(contentsOf: commands)
            guard state.isAsleep else { return (nil, nil) }
            state.isAsleep = false
            return (nil, state.wakeUp)
        }
        wakeUp?()
        return end
    }

    /// Puts all commands into `commands`, which has to be empty; its memory is used for the next ones.
    func take(into commands: inout [Command]) {
        state.withLock { state in
            state.isAsleep = false
            swap(&state.commands, &commands)
        }
    }

    /// Announces that the loop is going to sleep. Returns false when it must not, because commands came.
    func announceSleep() -> Bool {
        state.withLock { state in
            state.isAsleep = state.commands.isEmpty
            return state.isAsleep
        }
    }

    /// Announces that the loop does not sleep any more, and is going to take what comes.
    func announceWaking() { state.withLock { $0.isAsleep = false } }

    /// Takes no more commands, for the reason `cause`, and gives those that came.
    func end(because cause: AMQPError) -> [Command] {
        state.withLock { state in
            state.end = cause
            state.wakeUp = nil
            defer { state.commands = [] }
            return state.commands
        }
    }
}
