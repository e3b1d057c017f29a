/// A way for an adapter to break the contract, and the case of the suite that finds it.
enum PlantedFault: CaseIterable {
    case losesMessages, confirmsTooEarly, sendsTwice, ignoresUnroutable, cutsBodies, dropsHeaders, dropsContentTypes
    case forgetsNamespaces
    case crossesReplies, losesFailures, ignoresDeadlines, forgetsExpiry, ignoresCancellation, ignoresStops
    case settlesBeforeHandling, retriesUnderNewIDs, retriesAtOnce, forgetsAttempts, neverDeadLetters, failsWithoutReason
    case losesWhatIsGivenBack, countsWhatIsGivenBack
    case ignoresPrefetch, activatesAll, keepsDelivering, sharesTemporaryListeners, forgetsEventQueues

    /// The name of the case.
    var finder: String {
        switch self {
        case .losesMessages: "500 senders lose nothing"
        case .confirmsTooEarly: "unroutable among routable"
        case .sendsTwice: "commands are handled in the order sent"
        case .ignoresUnroutable: "a command to no queue is unroutable at once"
        case .cutsBodies: "a body can be big"
        case .dropsHeaders: "headers arrive"
        case .dropsContentTypes: "a second serializer"
        case .forgetsNamespaces: "namespaces are apart"
        case .crossesReplies: "1,000 queries at a time"
        case .losesFailures: "the asker gets the processor's error at once"
        case .ignoresDeadlines: "a query that nobody answers times out"
        case .forgetsExpiry: "a query that expired in the queue is never handled"
        case .ignoresCancellation: "a waiting query can be cancelled"
        case .ignoresStops: "a stop ends what waits"
        case .settlesBeforeHandling: "a stop gives back what takes too long"
        case .retriesUnderNewIDs: "an identity outlives redelivery"
        case .retriesAtOnce: "the retry ladder is climbed"
        case .forgetsAttempts: "the last attempt is the last"
        case .neverDeadLetters: "a command of an unknown method is given up"
        case .failsWithoutReason: "a dead letter says why"
        case .losesWhatIsGivenBack: "a handler that ignores cancellation does not hold up the stop"
        case .countsWhatIsGivenBack: "a stop gives back what takes too long"
        case .ignoresPrefetch: "a processor holds no more than it may"
        case .activatesAll: "one of several is active"
        case .keepsDelivering: "processors can be unregistered"
        case .sharesTemporaryListeners: "every listener without a queue hears every event"
        case .forgetsEventQueues: "events wait while nobody runs"
        }
    }
}
