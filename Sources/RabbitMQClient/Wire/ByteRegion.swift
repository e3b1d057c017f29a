/// A growable run of bytes that is filled at its end and consumed at its front.
///
/// Raw memory rather than an array, because fresh space for a read must not cost a clearing pass.
@safe
struct ByteRegion: ~Copyable {
    /// Memory above this is given back once the region is empty.
    private static let kept = 512 << 10

    private var storage: UnsafeMutableRawBufferPointer
    private var head = 0
    private var tail = 0

    init(capacity: Int) {
        unsafe storage = .allocate(byteCount: max(capacity, 64), alignment: 16)
    }

    deinit { unsafe storage.deallocate() }

    /// Bytes that were added and not consumed yet.
    var count: Int { tail - head }

    /// The bytes that are there. Valid until the region is changed.
    var bytes: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(rebasing: storage[head..<tail])
    }

    /// Free space of at least `minimum` bytes behind the last one. Valid until the region is changed.
    mutating func space(_ minimum: Int) -> UnsafeMutableRawBufferPointer {
        if unsafe storage.count - tail < minimum { makeRoom(minimum) }
        return unsafe UnsafeMutableRawBufferPointer(rebasing: storage[tail...])
    }

    /// Takes over `count` bytes that were written into the free space.
    mutating func commit(_ count: Int) {
        unsafe precondition(count >= 0 && count <= storage.count - tail, "more bytes than there was room for")
        tail += count
    }

    /// Copies bytes to the end.
    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        unsafe space(bytes.count).copyMemory(from: bytes)
        tail += bytes.count
    }

    /// Forgets bytes at the front.
    mutating func consume(_ count: Int) {
        precondition(count >= 0 && count <= self.count, "more bytes than there are")
        head += count
        guard head == tail else { return }
        head = 0
        tail = 0
        if unsafe storage.count > Self.kept { reallocate(Self.kept) }
    }

    /// Forgets bytes at the end, until `count` are left.
    mutating func truncate(to count: Int) {
        precondition(count >= 0 && count <= self.count, "more bytes than there are")
        tail = head + count
    }

    /// Moving is worth it only when at most half of the memory has to be moved; otherwise it grows, so that the
    /// cost per byte stays constant.
    private mutating func makeRoom(_ minimum: Int) {
        if unsafe count <= storage.count / 2, unsafe storage.count - count >= minimum {
            unsafe storage.copyMemory(from: bytes)
            tail = count
            head = 0
        } else {
            unsafe reallocate(max(storage.count * 2, count + minimum))
        }
    }

    private mutating func reallocate(_ capacity: Int) {
        let new = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 16)
        unsafe new.copyMemory(from: bytes)
        unsafe storage.deallocate()
        unsafe storage = new
        tail -= head
        head = 0
    }
}
