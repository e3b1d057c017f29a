internal import CRabbitMQ

extension AMQPProperties {
    /// Writes flags and values into `space` and says how many bytes they took (`amqp_encode_properties`).
    ///
    /// - Throws: ``AMQPError/Kind/invalidMessage`` when a property cannot be encoded or the whole does not fit.
    func encode(into space: UnsafeMutableRawBufferPointer, pool: borrowing MemoryPool) throws(AMQPError) -> Int {
        var record = unsafe amqp_basic_properties_t()
        var flags: Int32 = 0
        func set(_ flag: Int32) { flags |= flag }
        if let contentType {
            unsafe record.content_type = try unsafe pool.shortString(contentType, "content type")
            set(AMQP_BASIC_CONTENT_TYPE_FLAG)
        }
        if let contentEncoding {
            unsafe record.content_encoding = try unsafe pool.shortString(contentEncoding, "content encoding")
            set(AMQP_BASIC_CONTENT_ENCODING_FLAG)
        }
        if let headers {
            unsafe record.headers = try unsafe pool.table(headers)
            set(AMQP_BASIC_HEADERS_FLAG)
        }
        if let deliveryMode {
            unsafe record.delivery_mode = deliveryMode
            set(AMQP_BASIC_DELIVERY_MODE_FLAG)
        }
        if let priority {
            unsafe record.priority = priority
            set(AMQP_BASIC_PRIORITY_FLAG)
        }
        if let correlationID {
            unsafe record.correlation_id = try unsafe pool.shortString(correlationID, "correlation id")
            set(AMQP_BASIC_CORRELATION_ID_FLAG)
        }
        if let replyTo {
            unsafe record.reply_to = try unsafe pool.shortString(replyTo, "reply-to address")
            set(AMQP_BASIC_REPLY_TO_FLAG)
        }
        if let expiration {
            unsafe record.expiration = try unsafe pool.shortString(expiration, "expiration")
            set(AMQP_BASIC_EXPIRATION_FLAG)
        }
        if let messageID {
            unsafe record.message_id = try unsafe pool.shortString(messageID, "message id")
            set(AMQP_BASIC_MESSAGE_ID_FLAG)
        }
        if let timestamp {
            unsafe record.timestamp = timestamp
            set(AMQP_BASIC_TIMESTAMP_FLAG)
        }
        if let type {
            unsafe record.type = try unsafe pool.shortString(type, "message type")
            set(AMQP_BASIC_TYPE_FLAG)
        }
        if let userID {
            unsafe record.user_id = try unsafe pool.shortString(userID, "user id")
            set(AMQP_BASIC_USER_ID_FLAG)
        }
        if let appID {
            unsafe record.app_id = try unsafe pool.shortString(appID, "application id")
            set(AMQP_BASIC_APP_ID_FLAG)
        }
        unsafe record._flags = amqp_flags_t(flags)
        let room = unsafe amqp_bytes_t(viewing: UnsafeRawBufferPointer(space))
        let result = unsafe amqp_encode_properties(UInt16(AMQP_BASIC_CLASS), &record, room)
        guard result >= 0 else {
            throw AMQPError.encodingFailed(result, what: "the properties with their headers", room: space.count)
        }
        return Int(result)
    }
}

extension ContentHeader {
    /// Reads the properties of a content header (`amqp_decode_properties`), after a look through the header table.
    ///
    /// - Parameter encoded: The bytes from the property flags on.
    static func decodeProperties(
        _ encoded: UnsafeRawBufferPointer, limits: AMQPLimits, pool: borrowing MemoryPool
    ) -> Properties {
        guard let flags = unsafe encoded.integer(UInt16.self, at: 0) else { return .refused("no property flags") }
        // A second word of flags is legal on paper, names nothing in AMQP 0-9-1, and makes the C decoder shift too far.
        guard flags & 1 == 0 else { return .refused("property flags that AMQP 0-9-1 does not have") }
        if Int32(flags) & AMQP_BASIC_HEADERS_FLAG != 0 {
            var position = 2
            for flag in [AMQP_BASIC_CONTENT_TYPE_FLAG, AMQP_BASIC_CONTENT_ENCODING_FLAG]
            where Int32(flags) & flag != 0 {
                guard position < encoded.count else { return .refused("truncated properties") }
                position += unsafe 1 + Int(encoded[position])
            }
            if let problem = unsafe HeaderTableScan(limits: limits).problem(in: encoded, at: position) {
                return .refused(problem)
            }
        }
        var decoded: UnsafeMutableRawPointer?
        let status = unsafe amqp_decode_properties(
            UInt16(AMQP_BASIC_CLASS), pool.pointer, amqp_bytes_t(viewing: encoded), &decoded)
        guard status == 0, let decoded = unsafe decoded else { return .refused("undecodable properties") }
        let record = unsafe decoded.assumingMemoryBound(to: amqp_basic_properties_t.self)
        guard let properties = unsafe AMQPProperties(copying: record.pointee, depth: limits.maximumHeaderDepth) else {
            return .refused("a property that is not valid UTF-8")
        }
        return .accepted(properties)
    }
}

extension AMQPProperties {
    /// Copies the properties out of the library's memory; nil when a string among them is not valid UTF-8.
    fileprivate init?(copying record: amqp_basic_properties_t, depth: Int) {
        self.init()
        let flags = unsafe Int32(truncatingIfNeeded: record._flags)
        func has(_ flag: Int32) -> Bool { flags & flag != 0 }
        var isValid = true
        func text(_ flag: Int32, _ bytes: amqp_bytes_t) -> String? {
            guard has(flag) else { return nil }
            let string = unsafe String(validating: bytes)
            if string == nil { isValid = false }
            return string
        }
        unsafe contentType = text(AMQP_BASIC_CONTENT_TYPE_FLAG, record.content_type)
        unsafe contentEncoding = text(AMQP_BASIC_CONTENT_ENCODING_FLAG, record.content_encoding)
        headers = unsafe has(AMQP_BASIC_HEADERS_FLAG) ? AMQPFieldTable(copying: record.headers, depth: depth) : nil
        deliveryMode = unsafe has(AMQP_BASIC_DELIVERY_MODE_FLAG) ? record.delivery_mode : nil
        priority = unsafe has(AMQP_BASIC_PRIORITY_FLAG) ? record.priority : nil
        unsafe correlationID = text(AMQP_BASIC_CORRELATION_ID_FLAG, record.correlation_id)
        unsafe replyTo = text(AMQP_BASIC_REPLY_TO_FLAG, record.reply_to)
        unsafe expiration = text(AMQP_BASIC_EXPIRATION_FLAG, record.expiration)
        unsafe messageID = text(AMQP_BASIC_MESSAGE_ID_FLAG, record.message_id)
        timestamp = unsafe has(AMQP_BASIC_TIMESTAMP_FLAG) ? record.timestamp : nil
        unsafe type = text(AMQP_BASIC_TYPE_FLAG, record.type)
        unsafe userID = text(AMQP_BASIC_USER_ID_FLAG, record.user_id)
        unsafe appID = text(AMQP_BASIC_APP_ID_FLAG, record.app_id)
        guard isValid else { return nil }
    }
}
