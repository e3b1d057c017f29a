internal import CRabbitMQ

extension MemoryPool {
    /// How deep a table that we send may nest; far above what any peer takes, far below what the C encoder survives.
    private static let maximumDepth = 32

    /// The table as the C encoder wants it, in this pool's memory.
    ///
    /// - Throws: ``AMQPError/Kind/invalidMessage`` for a name that is empty, over 128 bytes or holds NUL, and for
    ///   nesting deeper than 32.
    func table(_ table: AMQPFieldTable, depth: Int = 1) throws(AMQPError) -> amqp_table_t {
        guard !table.isEmpty else { return unsafe amqp_table_t() }
        try Self.check(depth: depth)
        let entries = try unsafe allocate(table.count * MemoryLayout<amqp_table_entry_t>.stride)
            .bindMemory(to: amqp_table_entry_t.self, capacity: table.count)
        for (index, entry) in table.enumerated() {
            try Self.check(name: entry.name)
            let element = try unsafe amqp_table_entry_t(key: copy(entry.name), value: value(entry.value, depth: depth))
            unsafe (entries + index).initialize(to: element)
        }
        return unsafe amqp_table_t(num_entries: Int32(clamping: table.count), entries: entries)
    }

    private func array(_ values: [AMQPFieldValue], depth: Int) throws(AMQPError) -> amqp_array_t {
        guard !values.isEmpty else { return unsafe amqp_array_t() }
        try Self.check(depth: depth)
        let entries = try unsafe allocate(values.count * MemoryLayout<amqp_field_value_t>.stride)
            .bindMemory(to: amqp_field_value_t.self, capacity: values.count)
        for (index, element) in values.enumerated() {
            try unsafe (entries + index).initialize(to: value(element, depth: depth))
        }
        return unsafe amqp_array_t(num_entries: Int32(clamping: values.count), entries: entries)
    }

    private func value(_ value: AMQPFieldValue, depth: Int) throws(AMQPError) -> amqp_field_value_t {
        var result = unsafe amqp_field_value_t()
        let kind: amqp_field_value_kind_t
        switch value {
        case .bool(let value):
            kind = AMQP_FIELD_KIND_BOOLEAN
            unsafe result.value.boolean = flag(value)
        case .int8(let value):
            kind = AMQP_FIELD_KIND_I8
            unsafe result.value.i8 = value
        case .uint8(let value):
            kind = AMQP_FIELD_KIND_U8
            unsafe result.value.u8 = value
        case .int16(let value):
            kind = AMQP_FIELD_KIND_I16
            unsafe result.value.i16 = value
        case .uint16(let value):
            kind = AMQP_FIELD_KIND_U16
            unsafe result.value.u16 = value
        case .int32(let value):
            kind = AMQP_FIELD_KIND_I32
            unsafe result.value.i32 = value
        case .uint32(let value):
            kind = AMQP_FIELD_KIND_U32
            unsafe result.value.u32 = value
        case .int64(let value):
            kind = AMQP_FIELD_KIND_I64
            unsafe result.value.i64 = value
        case .uint64(let value):
            kind = AMQP_FIELD_KIND_U64
            unsafe result.value.u64 = value
        case .float(let value):
            kind = AMQP_FIELD_KIND_F32
            unsafe result.value.f32 = value
        case .double(let value):
            kind = AMQP_FIELD_KIND_F64
            unsafe result.value.f64 = value
        case .timestamp(let value):
            kind = AMQP_FIELD_KIND_TIMESTAMP
            unsafe result.value.u64 = value
        case .decimal(let scale, let value):
            kind = AMQP_FIELD_KIND_DECIMAL
            unsafe result.value.decimal = amqp_decimal_t(decimals: scale, value: value)
        case .string(let value):
            kind = AMQP_FIELD_KIND_UTF8
            try unsafe result.value.bytes = copy(value)
        case .bytes(let value):
            kind = AMQP_FIELD_KIND_BYTES
            try unsafe result.value.bytes = copy(value)
        case .array(let value):
            kind = AMQP_FIELD_KIND_ARRAY
            try unsafe result.value.array = array(value, depth: depth + 1)
        case .table(let value):
            kind = AMQP_FIELD_KIND_TABLE
            try unsafe result.value.table = table(value, depth: depth + 1)
        case .void: kind = AMQP_FIELD_KIND_VOID
        }
        unsafe result.kind = UInt8(truncatingIfNeeded: kind.rawValue)
        return unsafe result
    }

    private static func check(depth: Int) throws(AMQPError) {
        guard depth <= maximumDepth else {
            throw AMQPError(.invalidMessage, "tables and arrays nest deeper than \(maximumDepth) levels")
        }
    }

    private static func check(name: String) throws(AMQPError) {
        let count = name.utf8.count
        guard (1...128).contains(count), !name.utf8.contains(0) else {
            throw AMQPError(
                .invalidMessage,
                "a header or argument name is \(count) bytes long or holds NUL; 1 to 128 bytes without NUL are allowed")
        }
    }
}

extension AMQPFieldTable {
    /// Copies a decoded table out of the library's memory. Values of an unknown kind become ``AMQPFieldValue/void``.
    ///
    /// - Parameter depth: How many levels to take over; whatever lies deeper is left out.
    init(copying table: amqp_table_t, depth: Int) {
        self.init()
        guard depth > 0 else { return }
        for index in unsafe 0..<Int(table.num_entries) {
            let entry = unsafe table.entries[index]
            unsafe append(String(repairing: entry.key), AMQPFieldValue(copying: entry.value, depth: depth))
        }
    }
}

extension AMQPFieldValue {
    fileprivate init(copying field: amqp_field_value_t, depth: Int) {
        let kind = unsafe amqp_field_value_kind_t(rawValue: UInt32(field.kind))
        let value = unsafe field.value
        switch kind {
        case AMQP_FIELD_KIND_BOOLEAN: self = unsafe .bool(value.boolean != 0)
        case AMQP_FIELD_KIND_I8: self = unsafe .int8(value.i8)
        case AMQP_FIELD_KIND_U8: self = unsafe .uint8(value.u8)
        case AMQP_FIELD_KIND_I16: self = unsafe .int16(value.i16)
        case AMQP_FIELD_KIND_U16: self = unsafe .uint16(value.u16)
        case AMQP_FIELD_KIND_I32: self = unsafe .int32(value.i32)
        case AMQP_FIELD_KIND_U32: self = unsafe .uint32(value.u32)
        case AMQP_FIELD_KIND_I64: self = unsafe .int64(value.i64)
        case AMQP_FIELD_KIND_U64: self = unsafe .uint64(value.u64)
        case AMQP_FIELD_KIND_F32: self = unsafe .float(value.f32)
        case AMQP_FIELD_KIND_F64: self = unsafe .double(value.f64)
        case AMQP_FIELD_KIND_TIMESTAMP: self = unsafe .timestamp(value.u64)
        case AMQP_FIELD_KIND_DECIMAL:
            self = unsafe .decimal(scale: value.decimal.decimals, value: value.decimal.value)
        case AMQP_FIELD_KIND_UTF8:
            self = unsafe String(validating: value.bytes).map { .string($0) } ?? .bytes([UInt8](copying: value.bytes))
        case AMQP_FIELD_KIND_BYTES: self = unsafe .bytes([UInt8](copying: value.bytes))
        case AMQP_FIELD_KIND_ARRAY:
            let array = unsafe value.array
            let count = unsafe depth > 1 ? Int(array.num_entries) : 0
            self = .array((0..<count).map { unsafe AMQPFieldValue(copying: array.entries[$0], depth: depth - 1) })
        case AMQP_FIELD_KIND_TABLE: self = unsafe .table(AMQPFieldTable(copying: value.table, depth: depth - 1))
        default: self = .void
        }
    }
}
