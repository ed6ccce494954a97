"""What one call may hold, beyond what the contract's own rules say. GetServerInfo reports these."""

#: Bytes of one gRPC message, either way.
MAX_MESSAGE_BYTES = 32 * 1024 * 1024
#: Points of one LogBatch, over all its series.
MAX_POINTS_PER_BATCH = 1_000_000
#: Points of one frame of a LogStream.
MAX_POINTS_PER_FRAME = 20_000
#: Keys that one LogStream may introduce.
MAX_KEYS_PER_STREAM = 10_000
#: Points of a LogStream that are read and not yet committed; more wait in the stream's own flow control.
MAX_UNACKNOWLEDGED_POINTS = 100_000
#: Seconds between a writer's signs of life on its LogStream.
HEARTBEAT_SECONDS = 15
#: Entries of a page; the contract's rule on every `page_size`.
MAX_PAGE_SIZE = 1_000
#: Files that Resolve and GetManifest return at once.
MAX_FILES_PER_RESPONSE = 20_000
#: Bytes of the free-form evidence of an alias move.
MAX_EVIDENCE_BYTES = 65_536
