/// The suite that every adapter passes.
///
/// It stands on no test framework: run each case in whichever you like. A case that fails throws
/// ``ConformanceFailure``. ``ConformanceHarness`` says what the author of an adapter has to write.
public enum AdapterConformance {
    /// All cases.
    public static let cases: [ConformanceCase] = [
        CommandCases.all, QueryCases.all, QueryFailureCases.all, EventCases.all, OutcomeCases.all, DeadLetterCases.all,
        ForeignMessageCases.all, LifecycleCases.all, GracefulStopCases.all, MessageCases.all, SerializerCases.all,
        ConcurrencyCases.all, CancellationCases.all, BatchCases.all, RecoveryCases.all,
    ].flatMap { $0 }

    /// The cases that are about something that an adapter has.
    public static func cases(for features: AdapterFeatures) -> [ConformanceCase] {
        cases.filter { $0.applies(to: features) }
    }
}
