"""Fit the cross-encoder that ships as `rag/weights/reader.npz`.

    python -m training --data FOLDER

Needs torch, which ``make reader`` installs; nothing at run time does.
"""
