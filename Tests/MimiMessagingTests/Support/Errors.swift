import MimiMessaging
import Testing

/// Expects a `MessagingError` with a code, and returns it to look closer.
@discardableResult
func expectError<Result>(
    _ code: MessagingError.Code, sourceLocation: SourceLocation = #_sourceLocation,
    from operation: () async throws -> Result
) async throws -> MessagingError {
    let error = await #expect(throws: MessagingError.self, sourceLocation: sourceLocation) {
        _ = try await operation()
    }
    let found = try #require(error, sourceLocation: sourceLocation)
    #expect(found.code == code, "\(found)", sourceLocation: sourceLocation)
    return found
}
