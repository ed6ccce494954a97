"""What one call may hold, beyond what the contract's own rules say. GetServerInfo reports these."""

#: Bytes of one gRPC message, either way.
MAX_MESSAGE_BYTES = 32 * 1024 * 1024
#: Points of one LogBatch, over all its series.
MAX_POINTS_PER_BATCH = 1_000_000
#: Series of one LogBatch; the contract's rule.
MAX_SERIES_PER_BATCH = 1_000
#: Params and tags of one run, and tags of one experiment, however many calls bring them.
MAX_PARAMS = 10_000
MAX_TAGS = 1_000
#: Bytes of all params and tags of one record: it fits into one message.
MAX_ENTRY_BYTES = 16 * 1024 * 1024
#: Points of one frame of a LogStream.
MAX_POINTS_PER_FRAME = 20_000
#: Keys that one LogStream may introduce.
MAX_KEYS_PER_STREAM = 10_000
#: Points of a LogStream that are read and not yet committed; more wait in the stream's own flow control.
MAX_UNACKNOWLEDGED_POINTS = 200_000
#: Entries of a page; the contract's rule on every `page_size`.
MAX_PAGE_SIZE = 1_000
#: Files that Resolve and GetManifest return at once.
MAX_FILES_PER_RESPONSE = 20_000
#: Dataset inputs of a run; its model inputs too.
MAX_INPUTS_PER_RUN = 1_000
#: Bytes of the texts and tags of all datasets of a run's inputs: with its params and tags they fit into one message.
MAX_INPUT_BYTES_PER_RUN = 12 * 1024 * 1024
#: Logged models that a run has made.
MAX_OUTPUTS_PER_RUN = 10_000
#: Bytes of the free-form evidence of an alias move.
MAX_EVIDENCE_BYTES = 65_536
