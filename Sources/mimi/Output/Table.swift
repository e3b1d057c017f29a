/// Rows in aligned columns. Columns whose cells all begin like numbers stand on the right.
struct Table {
    private let columns: [String]
    private var rows: [[String]] = []

    init(_ columns: String...) { self.columns = columns }

    /// Adds a row; text from outside has no power over the terminal.
    mutating func append(_ cells: String...) { rows.append(cells.map(\.printable)) }

    /// The lines, the heading first.
    var lines: [String] {
        let widths = columns.indices.map { column in
            ([columns] + rows).map { $0[column].count }.max() ?? 0
        }
        let isNumeric = columns.indices.map { column in
            !rows.isEmpty
                && rows.allSatisfy { row in
                    row[column].first.map {
                        $0.isNumber || $0 == "+" || row[column] == "-" || row[column].hasSuffix("%")
                    } ?? false
                }
        }
        func line(_ cells: [String]) -> String {
            let padded = cells.enumerated().map { column, cell in
                let space = String(repeating: " ", count: widths[column] - cell.count)
                return isNumeric[column] ? space + cell : cell + space
            }
            var text = padded.joined(separator: "  ")
            while text.last == " " { text.removeLast() }
            return text
        }
        return [Style.bold(line(columns))] + rows.map(line)
    }

    /// Writes the lines.
    func show() { lines.forEach(Console.line) }
}

extension String {
    /// The text on one line, its control characters escaped.
    var printable: String {
        unicodeScalars.contains { $0.properties.generalCategory == .control }
            ? unicodeScalars.map { scalar in
                scalar.properties.generalCategory == .control ? scalar.escaped(asASCII: true) : String(scalar)
            }.joined()
            : self
    }

    /// At most so many characters, with a mark where something is missing.
    func cut(to length: Int) -> String { count > length ? prefix(max(0, length - 1)) + "…" : self }
}
