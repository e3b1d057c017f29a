import MimiMessaging

/// "Render this report."
struct RenderReport: CommandMessage {
    static let target: RequestTarget = "reports/render"
    var title: String
    /// How long it takes.
    var milliseconds: Int

    var duration: Duration { .milliseconds(milliseconds) }
}
