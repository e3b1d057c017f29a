extension Error {
    /// One word for the kind of error, for `error.type`.
    var typeName: String { self is CancellationError ? "cancelled" : FailureRecord(describing: self).code }
}
