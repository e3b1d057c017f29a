import Testing

/// Tests that run the built tool against a broker: one at a time, since each starts processes and declares a dozen queues.
@Suite("The tool and a broker", .serialized)
enum ToolTests {}
