import Testing

@testable import MimiMessaging

@Suite struct FailureRecordTests {
    private struct DatabaseError: Error, CustomStringConvertible {
        var description: String { "password=hunter2" }
    }

    @Test func aProcessingErrorSpeaksForItself() {
        let record = FailureRecord(describing: ProcessingError(code: "order_not_found", message: "no such order"))
        #expect(record == FailureRecord(code: "order_not_found", message: "no such order"))
    }

    @Test func aForeignErrorShowsItsTypeOnly() {
        let record = FailureRecord(describing: DatabaseError())
        #expect(record.code == "error")
        #expect(record.message.contains("DatabaseError"))
        #expect(!record.message.contains("hunter2"))
    }

    @Test func anErrorOfThisLayerHidesItsCause() {
        let record = FailureRecord(describing: MessagingError(.timeout, "too late", cause: DatabaseError()))
        #expect(record == FailureRecord(code: "timeout", message: "too late"))
    }

    @Test func longTextsAreCut() {
        let long = String(repeating: "é", count: 1_000)
        let record = FailureRecord(describing: ProcessingError(code: long, message: long))
        #expect(record.code == String(repeating: "é", count: 64))
        #expect(record.message == String(repeating: "é", count: 512))
    }
}
