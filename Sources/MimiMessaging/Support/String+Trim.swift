extension StringProtocol {
    /// Without the spaces and tabs at both ends.
    package var trimmingSpaces: String {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        return String(drop(while: isSpace).reversed().drop(while: isSpace).reversed())
    }
}

extension String {
    /// The beginning that fits into a number of UTF-8 bytes, without cutting a character.
    package func cut(toUTF8Length limit: Int) -> String {
        guard utf8.count > limit else { return self }
        var length = 0
        return String(
            prefix { character in
                length += character.utf8.count
                return length <= limit
            })
    }
}
