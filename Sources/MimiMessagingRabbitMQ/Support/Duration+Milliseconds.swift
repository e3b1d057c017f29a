extension Duration {
    /// Whole milliseconds, rounded down; at most as many as there are numbers for.
    var wholeMilliseconds: Int64 {
        let (milliseconds, overflows) = components.seconds.multipliedReportingOverflow(by: 1000)
        if overflows { return components.seconds < 0 ? .min : .max }
        let (sum, isTooMuch) = milliseconds.addingReportingOverflow(components.attoseconds / 1_000_000_000_000_000)
        return isTooMuch ? milliseconds : sum
    }
}
