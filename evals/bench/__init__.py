"""Time and memory, measured beside the plainest LlamaIndex pipeline of the same parts.

The peer is what LlamaIndex's own starter code comes to: ``SimpleDirectoryReader``,
``SentenceSplitter``, ``VectorStoreIndex`` over ``ChromaVectorStore``, and a
``RetrieverQueryEngine``. It has no answer without an LLM, so its engine runs in the response mode
``no_text`` and its answer is the best passage: it reads, cites and checks nothing. Whatever is
slower here buys those.
"""
