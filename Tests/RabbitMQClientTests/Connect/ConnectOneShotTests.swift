import Foundation
import Testing

@testable import RabbitMQClient

@Suite struct ConnectOneShotTests {
    @Test func aValueFromAnotherThreadArrives() {
        let shot = OneShot<Int>()
        Thread.detachNewThread { shot.set(7) }
        #expect(shot.wait(until: Deadline(after: .seconds(30))) == 7)
        #expect(shot.wait(until: Deadline(after: .zero)) == 7)
    }

    @Test func aWaitEndsWithItsDeadline() {
        let shot = OneShot<Int>()
        var value: Int?
        let elapsed = ContinuousClock().measure { value = shot.wait(until: Deadline(after: .milliseconds(50))) }
        #expect(value == nil)
        #expect(elapsed >= .milliseconds(50))
        #expect(elapsed < .seconds(10))
    }

    @Test func eachAddressGetsAnEqualShareOfTheTime() {
        let deadline = Deadline(after: .seconds(100))
        #expect(deadline.share(of: 4).remaining <= .seconds(25))
        #expect(deadline.share(of: 4).remaining > .seconds(20))
        #expect(deadline.share(of: 1).remaining > .seconds(90))
        #expect(Deadline(after: .seconds(-1)).share(of: 2).isOver)
    }
}
