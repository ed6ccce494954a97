"""Artifacts as text and as JSON: protos in, lines or plain data out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from runlore import v1
from runlore.cli import output
from runlore.manifest import Tree


def listing(entries: Sequence[v1.ArtifactEntry]) -> list[str]:
    """Return a folder's entries as a table; a folder's name ends with a slash."""
    rows = []
    for entry in entries:
        name = output.clean(entry.name)
        if entry.HasField("folder"):
            count = entry.folder.file_count
            files = f"{count} {'file' if count == 1 else 'files'}"
            rows.append([output.strong(f"{name}/"), output.size(entry.size), files, entry.folder.digest[:12]])
        else:
            kind = entry.file.media_type + (" executable" if entry.file.mode == 0o755 else "")
            rows.append([name, output.size(entry.size), kind.strip(), entry.file.sha256[:12]])
    return output.table(["name", "size", "what", "digest"], rows, right=[1]) if rows else ["no files"]


def tree(files: Sequence[v1.FileEntry]) -> list[str]:
    """Return a drawing of all files."""
    root = Tree.of(files)
    lines: list[str] = []
    # Not by recursion: a path may be hundreds of folders deep.
    todo: list[tuple[str, str, Tree | v1.FileEntry]] = _below(root, "")
    while todo:
        name, indent, item = todo.pop()
        if isinstance(item, Tree):
            lines.append(f"{indent}{output.strong(output.clean(name) + '/')}")
            todo += _below(item, indent + "  ")
        else:
            lines.append(f"{indent}{output.clean(name)}  {output.faint(output.size(item.size))}")
    total = root.manifest()
    return [*lines, f"{total.file_count} files, {output.size(total.size)}, manifest {total.digest[:12]}"]


def _below(folder: Tree, indent: str) -> list[tuple[str, str, Tree | v1.FileEntry]]:
    """Return a folder's entries, the last one first."""
    entries: dict[str, Tree | v1.FileEntry] = {**folder.files, **folder.folders}
    return [(name, indent, entries[name]) for name in sorted(entries, reverse=True)]


def usage(files: Sequence[v1.FileEntry]) -> dict[str, Any]:
    """Return bytes by the first part of the path, in all, and without what is there more than once."""
    sizes: dict[str, int] = {}
    for file in files:
        name, slash, _ = file.path.partition("/")
        sizes[name + slash] = sizes.get(name + slash, 0) + file.size
    largest = sorted(sizes.items(), key=lambda item: (-item[1], item[0]))
    return {
        "entries": [{"name": name, "bytes": size} for name, size in largest],
        "files": len(files),
        "bytes": sum(file.size for file in files),
        "stored_bytes": sum(_chunks(files).values()),
    }


def usage_lines(found: dict[str, Any]) -> list[str]:
    """Return usage as a table."""
    rows = [[output.size(entry["bytes"]), output.clean(entry["name"])] for entry in found["entries"]]
    rows.append([output.strong(output.size(found["bytes"])), f"{found['files']} files"])
    rows.append([output.size(found["stored_bytes"]), "stored, what is the same once"])
    return output.table(["size", "name"], rows, right=[0])


def changes(old: Sequence[v1.FileEntry], new: Sequence[v1.FileEntry]) -> dict[str, Any]:
    """Return which paths were added, removed or changed, and how much of the new is in the old."""
    before, after = {file.path: file for file in old}, {file.path: file for file in new}
    had, has = _chunks(old), _chunks(new)
    found: dict[str, Any] = {
        "added": [_brief(after[path]) for path in after if path not in before],
        "removed": [_brief(before[path]) for path in before if path not in after],
        "changed": [
            {"path": path, "bytes_before": before[path].size, "bytes": file.size, "new_bytes": _new_bytes(file, had)}
            for path, file in after.items()
            if path in before and _content(before[path]) != _content(file)
        ],
        "bytes": sum(file.size for file in new),
        "new_bytes": sum(size for digest, size in has.items() if digest not in had),
    }
    found["same"] = not (found["added"] or found["removed"] or found["changed"])
    return found


def changes_lines(found: dict[str, Any]) -> list[str]:
    """Return a comparison as lines."""
    if found["same"]:
        return ["the same files"]
    lines = [output.good(f"+ {output.clean(f['path'])}  {output.size(f['bytes'])}") for f in found["added"]]
    lines += [output.bad(f"- {output.clean(f['path'])}  {output.size(f['bytes'])}") for f in found["removed"]]
    lines += [
        f"~ {output.clean(f['path'])}  {output.size(f['bytes_before'])} -> {output.size(f['bytes'])}, "
        f"{output.size(f['new_bytes'])} new"
        for f in found["changed"]
    ]
    return [*lines, f"{output.size(found['new_bytes'])} of {output.size(found['bytes'])} are new"]


def _brief(file: v1.FileEntry) -> dict[str, Any]:
    return {"path": file.path, "bytes": file.size}


def _content(file: v1.FileEntry) -> tuple[object, ...]:
    return file.size, file.sha256, file.mode == 0o755, tuple(chunk.sha256 for chunk in file.chunks)


def _new_bytes(file: v1.FileEntry, had: dict[str, int]) -> int:
    return sum(chunk.size for chunk in file.chunks if chunk.sha256 not in had)


def _chunks(files: Sequence[v1.FileEntry]) -> dict[str, int]:
    return {chunk.sha256: chunk.size for file in files for chunk in file.chunks}
