/// How a piece of text stands out on a terminal.
enum Style: Int {
    case bold = 1
    case dim = 2
    case red = 31
    case green = 32
    case yellow = 33
    case cyan = 36

    /// The text in this style, where there are colours.
    func callAsFunction(_ text: String) -> String {
        Console.hasColor ? "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" : text
    }
}
