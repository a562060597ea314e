"""Every error this package raises on purpose.

::

    RagError
    ├── ConfigError              a setting is wrong
    ├── InputError               a question, path or record cannot be used
    ├── ModelMissingError        the embedding model is not installed
    ├── EmbeddingError           the configured embedding model failed
    ├── ClusterError             Ray is missing, unreachable, or was lost
    ├── IndexProblem             something about the index folder
    │   ├── IndexMissingError    there is none, or it is empty
    │   ├── IndexMismatchError   made by another model, chunker or version
    │   ├── IndexDamagedError    unreadable, or store and vectors disagree
    │   ├── IndexBusyError       another process is writing
    │   ├── IndexTracesError     changed, but text taken out could not be overwritten
    │   └── IndexServerError     the Chroma server refused or answered nonsense
    │       ├── IndexServerUnreachable  no connection, too slow, or it failed
    │       └── IndexServerDenied       token or certificate refused
    ├── ArchiveError             conversations cannot be kept or read
    │   ├── ArchiveDamagedError  their file is not what was written
    │   └── ArchiveOutdatedError what was to be kept rests on an older index
    └── ChatModelError           the chat model gave no usable reply
        ├── ChatModelUnreachable no connection, or the server is down
        ├── ChatModelDenied      key refused, or no permission
        ├── ChatModelTimeout     too slow
        ├── ChatModelOverloaded  rate limit or quota
        ├── ChatModelRejected    the request was refused (unknown model, too long, filtered)
        └── ChatModelReplyError  cut off, empty or malformed

A message says what is wrong, where, what was expected, and what to do, in one line.
"""

# What vectors that are gone or damaged need, whatever was wrong with them.
REMEDY = "run `rag index --rebuild` (nothing is embedded again)"


class RagError(Exception):
    """Base of all errors raised on purpose; its message is fit to show to a user."""


class ConfigError(RagError):
    """A setting is wrong."""


class InputError(RagError):
    """A question, path or record cannot be used."""


class ModelMissingError(RagError):
    """The embedding model is not installed."""


class EmbeddingError(RagError):
    """The configured embedding model failed."""


class ClusterError(RagError):
    """Ray is not installed, cannot be reached, or was lost."""


class IndexProblem(RagError):
    """Something is wrong with the index folder."""


class IndexMissingError(IndexProblem):
    """There is no index, or it holds nothing."""


class IndexMismatchError(IndexProblem):
    """The index was made by another model, chunker or version."""


class IndexDamagedError(IndexProblem):
    """The index cannot be read, or its parts disagree."""


class IndexBusyError(IndexProblem):
    """Another process is writing to the index."""


class IndexTracesError(IndexProblem):
    """A change is made, but what it took out of the store could not be overwritten yet."""


class IndexServerError(IndexProblem):
    """The Chroma server refused a request or answered with nonsense."""


class IndexServerUnreachable(IndexServerError):
    """No connection to the Chroma server, or it is too slow or fails."""


class IndexServerDenied(IndexServerError):
    """The Chroma server refused the token, or shows a certificate that is not trusted."""


class ArchiveError(RagError):
    """Conversations of the chat cannot be kept or read."""


class ArchiveDamagedError(ArchiveError):
    """The file of the conversations is not what was written to it."""


class ArchiveOutdatedError(ArchiveError):
    """What was to be kept rests on the index as it was before a change."""


class ChatModelError(RagError):
    """The chat model gave no usable reply."""


class ChatModelUnreachable(ChatModelError):
    """No connection, or the server is down."""


class ChatModelDenied(ChatModelError):
    """The key was refused, or lacks permission."""


class ChatModelTimeout(ChatModelError):
    """The reply took too long."""


class ChatModelOverloaded(ChatModelError):
    """Rate limit or quota."""


class ChatModelRejected(ChatModelError):
    """The server refused the request itself."""


class ChatModelReplyError(ChatModelError):
    """The reply was cut off, empty or malformed."""
