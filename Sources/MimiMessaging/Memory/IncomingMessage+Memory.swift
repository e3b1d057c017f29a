#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension IncomingMessage {
    /// A message as it comes out at the other end of the in-memory broker.
    init(_ message: OutgoingMessage, deadline: MessagingClock.Instant?) {
        self.init(
            kind: message.kind, id: message.id, method: message.kind == .reply ? nil : message.method,
            headers: message.headers, body: message.body, contentType: message.contentType, deadline: deadline,
            sentAt: Int(Date().timeIntervalSince1970), appID: message.appID, failure: message.failure)
    }
}
