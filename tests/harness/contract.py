"""The contract as buf compiles it: comments and validation rules, which the generated Python package leaves out."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.json_format import MessageToDict

PROTOS = Path(__file__).resolve().parents[2] / "protos"
Rules = dict[str, Any]
FileProto = descriptor_pb2.FileDescriptorProto


class Contract:
    """The files of `protos/`, compiled once."""

    @cached_property
    def _compiled(self) -> dict[str, FileProto]:
        image = subprocess.run(
            [Path(sys.executable).with_name("buf"), "build", "--as-file-descriptor-set", "-o", "-#format=binpb"],
            cwd=PROTOS,
            check=True,
            stdout=subprocess.PIPE,
        ).stdout
        return {file.name: file for file in descriptor_pb2.FileDescriptorSet.FromString(image).file}

    @property
    def files(self) -> list[FileProto]:
        """Our own files."""
        return [file for name, file in self._compiled.items() if name.startswith("runlore/")]

    @cached_property
    def _pool(self) -> descriptor_pool.DescriptorPool:
        """A pool with the vendored definition of the rules, apart from the process's own."""
        pool = descriptor_pool.DescriptorPool()
        added: set[str] = set()

        def add(name: str) -> None:
            if name not in added:
                added.add(name)
                for dependency in self._compiled[name].dependency:
                    add(dependency)
                pool.AddSerializedFile(self._compiled[name].SerializeToString())

        for name in self._compiled:
            add(name)
        return pool

    def rules(self, field: FieldDescriptor) -> Rules:
        """Return a field's protovalidate rules as JSON; empty without any."""
        options_type = self._pool.FindMessageTypeByName("google.protobuf.FieldOptions")
        options = message_factory.GetMessageClass(options_type).FromString(field.GetOptions().SerializeToString())
        rules = options.Extensions[self._pool.FindExtensionByName("buf.validate.field")]
        return MessageToDict(rules, preserving_proto_field_name=True, descriptor_pool=self._pool)

    def named_errors(self) -> dict[str, list[str]]:
        """Return the reasons after `Errors:` in each RPC's comment, by the RPC's full name."""
        found = {}
        for file in self.files:
            comments = _comments(file)
            for s, service in enumerate(file.service):
                for m, method in enumerate(service.method):
                    comment = " ".join(comments.get((6, s, 2, m), "").split())
                    named = re.search(r"Errors: ([^.]*)\.", comment)
                    name = f"{file.package}.{service.name}/{method.name}"
                    found[name] = re.findall(r"\b[A-Z][A-Z_]+[A-Z]\b", named[1]) if named else []
        return found

    def uncommented(self) -> list[str]:
        """Return what has no comment: packages, services, RPCs, messages, fields, oneofs, enums and values."""
        return [f"{file.name}: {name}" for file in self.files for name in _uncommented(file)]


def _comments(file: FileProto) -> dict[tuple[int, ...], str]:
    return {tuple(location.path): location.leading_comments.strip() for location in file.source_code_info.location}


def _uncommented(file: FileProto) -> Iterator[str]:
    # The numbers are those of the fields of descriptor.proto, by which comments are found.
    comments = _comments(file)
    for path, name in [((2,), "package"), *_services(file), *_messages(file), *_enums((5,), file.enum_type)]:
        if not comments.get(path):
            yield name


def _services(file: FileProto) -> Iterator[tuple[tuple[int, ...], str]]:
    for i, service in enumerate(file.service):
        yield (6, i), service.name
        for j, method in enumerate(service.method):
            yield (6, i, 2, j), f"{service.name}.{method.name}"


def _messages(file: FileProto) -> Iterator[tuple[tuple[int, ...], str]]:
    for i, message in enumerate(file.message_type):
        yield from _message((4, i), message)


def _message(path: tuple[int, ...], message: descriptor_pb2.DescriptorProto) -> Iterator[tuple[tuple[int, ...], str]]:
    if message.options.map_entry:
        return
    yield path, message.name
    for i, field in enumerate(message.field):
        yield (*path, 2, i), f"{message.name}.{field.name}"
    made_by_optional = {field.oneof_index for field in message.field if field.proto3_optional}
    for i, oneof in enumerate(message.oneof_decl):
        if i not in made_by_optional:
            yield (*path, 8, i), f"{message.name}.{oneof.name}"
    for i, nested in enumerate(message.nested_type):
        yield from _message((*path, 3, i), nested)
    yield from _enums((*path, 4), message.enum_type)


def _enums(path: tuple[int, ...], enums: Any) -> Iterator[tuple[tuple[int, ...], str]]:
    for i, enum in enumerate(enums):
        yield (*path, i), enum.name
        for j, value in enumerate(enum.value):
            yield (*path, i, 2, j), value.name
