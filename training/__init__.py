"""Fit the cross-encoder that ships as `rag/weights/reader.npz`.

    python -m training --data FOLDER

Needs the packages of the dependency group ``training`` (torch); nothing at run time does.
"""
