/// A way for an adapter to break the contract, and how the suite finds it.
enum PlantedFault: CaseIterable {
    case losesMessages, confirmsTooEarly, sendsTwice, ignoresUnroutable, cutsBodies, dropsHeaders, dropsContentTypes
    case forgetsNamespaces
    case crossesReplies, losesFailures, ignoresDeadlines, forgetsExpiry, ignoresCancellation, ignoresStops
    case settlesBeforeHandling, retriesUnderNewIDs, retriesAtOnce, forgetsAttempts, neverDeadLetters, failsWithoutReason
    case losesWhatIsGivenBack, countsWhatIsGivenBack
    case ignoresPrefetch, activatesAll, keepsDelivering, sharesTemporaryListeners, forgetsEventQueues

    /// The name of the case, and a part of what it says.
    var finding: (name: String, reason: String) {
        switch self {
        case .losesMessages:
            ("commands are handled in the order sent", "100 entries in the journal (there are 90)")
        case .confirmsTooEarly:
            ("unroutable among routable", "must throw unroutable but returned")
        case .sendsTwice:
            ("what is handled is done", "what is handled, over a restart must be")
        case .ignoresUnroutable:
            ("a command to no queue is unroutable at once", "must throw unroutable but returned")
        case .cutsBodies:
            ("a body can be big", "not JSON from byte 65536")
        case .dropsHeaders:
            ("headers arrive", "the header")
        case .dropsContentTypes:
            ("a second serializer", "the content type on the way must be")
        case .forgetsNamespaces:
            ("namespaces are apart", "must throw unroutable but returned")
        case .crossesReplies:
            ("answers in another order", "the answer to query")
        case .losesFailures:
            ("the asker gets the processor's error at once", "must throw remote but returned")
        case .ignoresDeadlines:
            ("a query that nobody answers times out", "the time-out of a query")
        case .forgetsExpiry:
            ("a query that expired in the queue is never handled", #"what was handled must be ["mark"]"#)
        case .ignoresCancellation:
            ("a waiting query can be cancelled", "the end of a cancelled query")
        case .ignoresStops:
            ("a stop ends what waits", "the stop and the end of all queries")
        case .settlesBeforeHandling:
            ("a stop gives back what takes too long", "2 entries in the journal (there are 1)")
        case .retriesUnderNewIDs:
            ("an identity outlives redelivery", "the number of different ids of message")
        case .retriesAtOnce:
            ("what waits for its retry blocks nobody", "the order of handling must be")
        case .forgetsAttempts:
            ("the last attempt is the last", "the number of dead letters of 'orders' must be 1 but is 0")
        case .neverDeadLetters:
            ("a command of an unknown method is given up", "the number of dead letters of 'orders' must be 1 but is 0")
        case .failsWithoutReason:
            ("a dead letter says why", "the code must be")
        case .losesWhatIsGivenBack:
            ("a handler that ignores cancellation does not hold up the stop", "2 entries in the journal (there are 1)")
        case .countsWhatIsGivenBack:
            ("a stop gives back what takes too long", "giving back is no failure must be [1, 1] but is [1, 2]")
        case .ignoresPrefetch:
            ("a processor holds no more than it may", "the number of waiting messages in 'orders' must be 7 but is 0")
        case .activatesAll:
            ("one of several is active", #"the active processors must be ["a"]"#)
        case .keepsDelivering:
            ("processors can be unregistered", "the number of waiting messages in 'orders' must be 1 but is 0")
        case .sharesTemporaryListeners:
            ("every listener without a queue hears every event", "10 entries in the journal")
        case .forgetsEventQueues:
            ("events wait while nobody runs", "5 entries in the journal (there are 0)")
        }
    }
}
