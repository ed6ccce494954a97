"""Pulled files on disk, content-addressed. Everything here blocks.

    objects/<aa>/<sha256>      each file once, read-only; `<sha256>-x` when it is executable
    trees/<digest>/            what a manifest holds, hard links to objects; appears by a rename when it is complete
    trees/<digest>.manifest    its files with all digests, so that it can be verified without a server
    trees/<digest>.verified    what each file's identity was when its bytes were verified; its time is the last use
    partial/<digest>/          what is being downloaded; the next pull goes on with what a killed one left
    last/<key>.json            what a reference stood for when it was last pulled
    heads/<key>.json           the head of a registered model's history as it was seen last
    locks/, hashes.sqlite3

Objects are dated to one fixed time, so that a write to one shows, whenever it was. Whoever edits a file of a tree in
spite of its mode edits the object; the next pull of any tree that has it sees another identity, hashes it, and
downloads it again.
"""

from runlore._cache.cache import Cache

__all__ = ["Cache"]
