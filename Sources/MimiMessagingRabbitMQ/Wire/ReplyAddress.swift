#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Which reply addresses may be answered to.
///
/// Whoever can send a query chooses its reply address. It must not make a processor write into any queue, and some
/// malformed direct reply-to addresses cost the connection that publishes to them.
enum ReplyAddress {
    private static let directPrefix = "amq.rabbitmq.reply-to."

    /// Whether it is a reply queue of this family, or a well-formed direct reply-to address.
    static func isSafe(_ address: String, prefix: String) -> Bool {
        guard address.utf8.count <= 255 else { return false }
        if address.hasPrefix(directPrefix) { return isDirect(address.utf8.dropFirst(directPrefix.utf8.count)) }
        return address.hasPrefix(prefix) && address.utf8.count > prefix.utf8.count
    }

    /// `<Base64 of an Erlang pid>.<Base64 key>`
    private static func isDirect(_ token: Substring.UTF8View) -> Bool {
        let parts = token.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 2, let pid = Data(base64Encoded: Data(parts[0])),
            let key = Data(base64Encoded: Data(parts[1])), !key.isEmpty
        else { return false }
        return isPID(Array(pid))
    }

    /// The external term format of a pid: 131, 88 (NEW_PID_EXT), the node's name as an atom, then id, serial and creation
    /// of four bytes each, and nothing after.
    private static func isPID(_ bytes: [UInt8]) -> Bool {
        guard bytes.count > 4, bytes[0] == 131, bytes[1] == 88 else { return false }
        let nameStart: Int
        let nameLength: Int
        switch bytes[2] {
        case 119:  // SMALL_ATOM_UTF8_EXT
            nameLength = Int(bytes[3])
            nameStart = 4
        case 118, 100:  // ATOM_UTF8_EXT, ATOM_EXT
            guard bytes.count > 5 else { return false }
            nameLength = Int(bytes[3]) << 8 | Int(bytes[4])
            nameStart = 5
        default: return false
        }
        return nameLength > 0 && bytes.count == nameStart + nameLength + 12
    }
}
