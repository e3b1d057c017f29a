import Foundation
import MimiMessaging
import Testing

@testable import mimi

@Suite("Answers by a template")
struct AnswerTemplateTests {
    private func answer(_ template: String, to body: [String: MessageValue]) throws -> [String: MessageValue] {
        try AnswerTemplate(Body.parse(Data(template.utf8))).answer(to: body, context: ["method": "show"])
    }

    @Test func aGapAloneBecomesTheValueItself() throws {
        #expect(
            try answer(#"{"a": "{{id}}", "b": [{"c": "{{ user.name }}"}]}"#, to: ["id": 7, "user": ["name": "Ann"]])
                == ["a": 7, "b": [["c": "Ann"]]])
    }

    @Test func aGapInTextBecomesText() throws {
        #expect(try answer(#"{"a": "no {{id}} of {{.method}}{{nothing}}!"}"#, to: ["id": 7]) == ["a": "no 7 of show!"])
    }

    @Test func whatTheBodyHasNotIsNull() throws {
        #expect(try answer(#"{"a": "{{x.y}}", "b": "{{", "c": 1}"#, to: ["x": 1]) == ["a": nil, "b": "{{", "c": 1])
    }

    @Test func valuesAreNotFilledAgain() throws {
        #expect(try answer(#"{"a": "<{{x}}>"}"#, to: ["x": "{{y}}", "y": "oops"]) == ["a": "<{{y}}>"])
    }
}
