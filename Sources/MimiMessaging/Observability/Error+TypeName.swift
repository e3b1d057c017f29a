extension Error {
    /// One word for the kind of error, for `error.type`.
    var typeName: String {
        switch self {
        case is CancellationError: "cancelled"
        case is NACK: "nack"
        default: FailureRecord(describing: self).code
        }
    }
}
