extension String {
    /// Text from outside, fit for one line of a log: control characters escaped, cut after 64 characters.
    package var escapedForLog: String {
        let limit = 64
        // Nearly all text is short and plain, and needs no copy.
        if utf8.count <= limit, utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return self }
        var text = ""
        for (index, scalar) in unicodeScalars.enumerated() {
            guard index < limit else { return text + "…" }
            text += scalar.value < 0x20 || scalar.value == 0x7F ? scalar.escaped(asASCII: true) : String(scalar)
        }
        return text
    }
}
