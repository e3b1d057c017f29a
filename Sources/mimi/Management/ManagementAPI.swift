import Foundation
import MimiMessaging
import MimiMessagingRabbitMQ

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// The broker's HTTP interface, for what AMQP cannot tell. Not every broker has it.
struct ManagementAPI: Sendable {
    /// Where it is, without credentials.
    let base: URL
    private let authorization: String?
    private let virtualHost: String

    /// - Parameters:
    ///   - text: Its URL; user and password may stand in it.
    ///   - login: User and password otherwise.
    /// - Throws: ``ToolError`` if it is no http or https URL.
    init(_ text: String, login: (username: String, password: String)?, virtualHost: String) throws {
        guard var components = URLComponents(string: text),
            ["http", "https"].contains(components.scheme?.lowercased()),
            !components.host.isEmptyOrNil
        else { throw ToolError("the URL of the management API is not like http://user:password@host:15672") }
        let login = components.user.map { ($0, components.password ?? "") } ?? login
        (components.user, components.password) = (nil, nil)
        guard let base = components.url else { throw ToolError("the URL of the management API is malformed") }
        self.base = base
        self.virtualHost = virtualHost
        authorization = login.map { "Basic " + Data("\($0.0):\($0.1)".utf8).base64EncodedString() }
    }

    /// The one of a broker: where the user says it is, or where it usually is.
    /// - Returns: it, with what it says about the broker; or why there is none.
    static func find(
        _ explicit: String?, for administration: BrokerAdministration
    ) async throws -> Result<(ManagementAPI, ManagementOverview), ManagementAbsence> {
        let identity = administration.identity
        let api = try ManagementAPI(
            explicit ?? usualURL(of: identity), login: administration.passwordLogin, virtualHost: identity.virtualHost)
        do {
            let (overview, date): (ManagementOverview, Date?) = try await api.getWithDate("overview")
            return .success((api, overview.with(date: date)))
        } catch {
            try Task.checkCancellation()
            return .failure(ManagementAbsence(url: Redaction.urls(in: api.base.absoluteString), error))
        }
    }

    /// Where the management API of a broker usually is. The password goes there, too: over TLS if AMQP uses it.
    static func usualURL(of identity: BrokerIdentity) -> String {
        let host = identity.host.contains(":") ? "[\(identity.host)]" : identity.host
        return identity.usesTLS ? "https://\(host):15671" : "http://\(host):15672"
    }

    /// Asks for a resource below `/api`. A part that is ``vhost`` is the virtual host.
    func get<Value: Decodable & Sendable>(_ path: String...) async throws -> Value {
        try await getWithDate(path).0
    }

    private static let session = URLSession(
        configuration: .ephemeral, delegate: UnansweredChallenge(), delegateQueue: nil)

    /// A place in a path for the virtual host.
    static let vhost = "\0vhost"

    private func getWithDate<Value: Decodable & Sendable>(_ path: String...) async throws -> (Value, Date?) {
        try await getWithDate(path)
    }

    private func getWithDate<Value: Decodable & Sendable>(_ path: [String]) async throws -> (Value, Date?) {
        let unreserved = CharacterSet(charactersIn: "-._~").union(.alphanumerics)
        let parts = path.map { part in
            let part = part == Self.vhost ? virtualHost : part
            return part.addingPercentEncoding(withAllowedCharacters: unreserved) ?? part
        }
        let prefix = base.absoluteString.hasSuffix("/") ? base.absoluteString : base.absoluteString + "/"
        guard let url = URL(string: prefix + "api/" + parts.joined(separator: "/")) else {
            throw ToolError("a name that cannot stand in a URL")
        }
        var request = URLRequest(url: url, timeoutInterval: 3)
        if let authorization { request.setValue(authorization, forHTTPHeaderField: "Authorization") }
        let (data, response): (Data, URLResponse)
        do {
            (data, response) = try await Self.session.data(for: request)
        } catch let error as URLError where error.code == .cancelled && !Task.isCancelled {
            // What becomes of a challenge that is not answered.
            throw ManagementStatus(code: 401)
        } catch {
            throw ToolError((error as NSError).localizedDescription)
        }
        guard let response = response as? HTTPURLResponse else { throw ToolError("no answer in HTTP") }
        guard response.statusCode == 200 else { throw ManagementStatus(code: response.statusCode) }
        let value: Value
        do {
            value = try JSONDecoder().decode(Value.self, from: data)
        } catch {
            throw ToolError("what answers is not RabbitMQ's management API")
        }
        return (value, response.value(forHTTPHeaderField: "Date").flatMap(HTTPDate.parse))
    }
}

/// An answer of the management API that is none.
struct ManagementStatus: Error, CustomStringConvertible {
    let code: Int

    var description: String {
        switch code {
        case 401: "it refuses the user (401): rabbitmqctl set_user_tags USER monitoring lets one in"
        case 404: "there is no such thing (404)"
        default: "it answered with status \(code)"
        }
    }
}

/// Ends a request whose user the server refuses.
///
/// Credentials have been sent with it, so there is nothing else to answer; and Foundation on Linux waits for ever where
/// nobody answers.
private final class UnansweredChallenge: NSObject, URLSessionTaskDelegate {
    func urlSession(
        _ session: URLSession, task: URLSessionTask, didReceive challenge: URLAuthenticationChallenge,
        completionHandler: @escaping @Sendable (URLSession.AuthChallengeDisposition, URLCredential?) -> Void
    ) {
        let asksForUser = [NSURLAuthenticationMethodHTTPBasic, NSURLAuthenticationMethodDefault].contains(
            challenge.protectionSpace.authenticationMethod)
        completionHandler(asksForUser ? .cancelAuthenticationChallenge : .performDefaultHandling, nil)
    }
}

/// Why the management API cannot be used.
struct ManagementAbsence: Error {
    /// For the user.
    let text: String

    init(url: String, _ error: any Error) {
        text =
            if error is ManagementStatus {
                "the management API at \(url) does not help: \(error). --management takes another user or URL."
            } else {
                "no management API at \(url): \(error). --management says where it is; `rabbitmq-plugins enable "
                    + "rabbitmq_management` makes one."
            }
    }
}

/// The time in the header of an HTTP answer: `Mon, 23 Nov 2026 07:00:00 GMT`.
enum HTTPDate {
    static func parse(_ text: String) -> Date? {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
        return formatter.date(from: text)
    }
}
