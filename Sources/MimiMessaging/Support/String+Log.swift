extension String {
    /// Text from outside, fit for one line of a log: cut after 64 characters, and everything escaped that moves the cursor,
    /// ends a line somewhere, or turns the direction of writing.
    package var escapedForLog: String {
        let limit = 64
        // Nearly all text is short and plain, and needs no copy.
        if utf8.count <= limit, utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return self }
        var text = ""
        for (index, scalar) in unicodeScalars.enumerated() {
            guard index < limit else { return text + "…" }
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: text += scalar.escaped(asASCII: true)
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
