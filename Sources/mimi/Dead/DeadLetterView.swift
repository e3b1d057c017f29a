import Foundation
import MimiMessaging
import MimiMessagingRabbitMQ

/// A dead letter as it is shown.
struct DeadLetterView: Encodable {
    let kind: String
    let method: String?
    let id: String?
    let error: String
    let message: String
    let attempts: Int
    let sentAt: Int?
    let firstFailedAt: Int?
    let lastFailedAt: Int?
    let appID: String?
    let headers: [String: String]
    let contentType: String?
    /// The body, if it is a JSON object.
    let body: [String: MessageValue]?
    /// The body, if it is other text.
    let bodyText: String?
    /// The size of the body in bytes.
    let size: Int

    private enum CodingKeys: String, CodingKey {
        case kind, method, id, error, message, attempts, headers, body, size
        case sentAt = "sent_at"
        case firstFailedAt = "first_failed_at"
        case lastFailedAt = "last_failed_at"
        case appID = "app_id"
        case contentType = "content_type"
        case bodyText = "body_text"
    }

    init(_ letter: DeadMessage) {
        kind = letter.kind.rawValue
        method = letter.method
        id = letter.id
        error = letter.errorCode
        message = letter.errorMessage
        attempts = letter.attempts
        sentAt = letter.sentAt
        firstFailedAt = letter.firstFailedAt
        lastFailedAt = letter.lastFailedAt
        appID = letter.appID
        headers = Dictionary(letter.headers.map { ($0.key, $0.value) }) { first, _ in first }
        contentType = letter.contentType
        size = letter.body.count
        body = try? Body.parse(Data(letter.body)).values()
        bodyText = body == nil ? String(validating: letter.body, as: UTF8.self) : nil
    }

    /// Several lines for people.
    var lines: [String] {
        var lines = [
            Style.bold("\(kind) \(method ?? "(no method)")".printable) + "  " + Style.dim((id ?? "(no id)").printable),
            "  \(Style.red(error.printable)): \(message.printable)",
            "  \(Units.count(attempts, "attempt")), failed first \(Units.time(firstFailedAt)), last \(Units.time(lastFailedAt))",
            "  sent \(Units.time(sentAt))" + (appID.map { " by \($0.printable)" } ?? ""),
        ]
        for (name, value) in headers.sorted(by: { $0.key < $1.key }) {
            lines.append("  \(name.printable): \(value.printable)")
        }
        let content =
            body.flatMap { try? JSONOutput.line($0) } ?? bodyText?.printable ?? "(\(size) bytes that are no text)"
        return lines + ["  \(content)"]
    }
}
