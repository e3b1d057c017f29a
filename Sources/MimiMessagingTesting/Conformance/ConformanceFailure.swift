import MimiMessaging

/// A promise that an adapter does not keep.
public struct ConformanceFailure: Error, Sendable, CustomStringConvertible {
    /// What was expected and what happened instead.
    public let message: String
    /// The case that found it; empty if a check outside of a case failed.
    public internal(set) var caseName = ""
    /// The sentence of the contract that is broken.
    public internal(set) var promise = ""
    /// Where the suite noticed it.
    public let fileID: String
    /// The line in that file.
    public let line: Int

    init(_ message: String, fileID: String, line: Int) {
        self.message = message
        self.fileID = fileID
        self.line = line
    }

    public var description: String {
        let place = fileID.isEmpty ? "" : " (\(fileID):\(line))"
        return caseName.isEmpty ? message + place : "\(caseName): \(message)\(place). The promise: \(promise)"
    }
}

/// Throws unless the condition holds.
func expect(
    _ condition: Bool, _ message: @autoclosure () -> String, fileID: String = #fileID, line: Int = #line
) throws {
    guard condition else { throw ConformanceFailure(message(), fileID: fileID, line: line) }
}

/// Throws unless both values are equal.
func expectEqual<Value: Equatable>(
    _ actual: Value, _ expected: Value, _ what: @autoclosure () -> String, fileID: String = #fileID, line: Int = #line
) throws {
    guard actual == expected else {
        throw ConformanceFailure("\(what()) must be \(expected) but is \(actual)", fileID: fileID, line: line)
    }
}

/// The value, if there is one; throws otherwise.
func require<Value>(
    _ value: Value?, _ message: @autoclosure () -> String, fileID: String = #fileID, line: Int = #line
) throws -> Value {
    guard let value else { throw ConformanceFailure(message(), fileID: fileID, line: line) }
    return value
}

/// Throws unless the operation throws a ``MessagingError`` of one of these kinds.
@discardableResult
func expectError<Value>(
    _ codes: MessagingError.Code..., from what: String, fileID: String = #fileID, line: Int = #line,
    _ operation: () async throws -> Value
) async throws -> MessagingError {
    let wanted = codes.map(\.description).joined(separator: " or ")
    do {
        _ = try await operation()
    } catch let error as MessagingError where codes.contains(error.code) {
        return error
    } catch let failure as ConformanceFailure {
        throw failure
    } catch {
        throw ConformanceFailure("\(what) must throw \(wanted) but threw: \(error)", fileID: fileID, line: line)
    }
    throw ConformanceFailure("\(what) must throw \(wanted) but returned", fileID: fileID, line: line)
}

/// Throws unless the operation throws `CancellationError`.
func expectCancellation<Value>(
    from what: String, fileID: String = #fileID, line: Int = #line, _ operation: () async throws -> Value
) async throws {
    do {
        _ = try await operation()
    } catch is CancellationError {
        return
    } catch {
        throw ConformanceFailure("\(what) must throw CancellationError but threw: \(error)", fileID: fileID, line: line)
    }
    throw ConformanceFailure("\(what) must throw CancellationError but returned", fileID: fileID, line: line)
}
