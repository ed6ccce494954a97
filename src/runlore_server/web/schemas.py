"""JSON Schemas of the contract's messages: proto3 JSON, with comments as descriptions and rules as constraints."""

from __future__ import annotations

import re
from typing import Any

from google.protobuf import descriptor_pool, message_factory
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from google.protobuf.json_format import MessageToDict

Schema = dict[str, Any]

_KNOWN: dict[str, Schema] = {
    "google.protobuf.Timestamp": {"type": "string", "format": "date-time"},
    "google.protobuf.Duration": {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]{1,9})?s$", "examples": ["1.5s"]},
    "google.protobuf.FieldMask": {"type": "string", "description": "Names of fields, separated by commas."},
    "google.protobuf.Struct": {"type": "object"},
}
#: By the kind of value. A 64-bit integer is a string in responses, and may be a number in requests.
_SCALARS: dict[int, Schema] = {
    FieldDescriptor.CPPTYPE_INT32: {"type": "integer", "format": "int32"},
    FieldDescriptor.CPPTYPE_UINT32: {"type": "integer", "minimum": 0},
    FieldDescriptor.CPPTYPE_INT64: {"type": ["string", "integer"], "format": "int64"},
    FieldDescriptor.CPPTYPE_UINT64: {"type": ["string", "integer"], "format": "uint64"},
    FieldDescriptor.CPPTYPE_DOUBLE: {
        "oneOf": [{"type": "number"}, {"type": "string", "enum": ["NaN", "Infinity", "-Infinity"]}]
    },
    FieldDescriptor.CPPTYPE_BOOL: {"type": "boolean"},
    FieldDescriptor.CPPTYPE_STRING: {"type": "string"},
}
_BYTES = {"type": "string", "contentEncoding": "base64"}
#: What a rule is in JSON Schema.
_STRING = {"min_len": "minLength", "max_len": "maxLength", "pattern": "pattern"}
_NUMBER = {"gte": "minimum", "lte": "maximum", "gt": "exclusiveMinimum", "lt": "exclusiveMaximum"}
_LIST = {"min_items": "minItems", "max_items": "maxItems"}
_MAP = {"min_pairs": "minProperties", "max_pairs": "maxProperties"}


class Contract:
    """The compiled contract: descriptors with their comments and rules, and a schema of each message and enum used."""

    def __init__(self, image: bytes) -> None:
        """`image`: a FileDescriptorSet with source info, the definition of the rules among its files."""
        files = {file.name: file for file in FileDescriptorSet.FromString(image).file}
        #: Apart from the process's own pool, which does not know the rules.
        self.pool = descriptor_pool.DescriptorPool()
        for file in files.values():
            self.pool.AddSerializedFile(file.SerializeToString())
        self.files = [file for name, file in files.items() if name.startswith("runlore/")]
        self._comments = {name: text for file in self.files for name, text in _comments(file)}
        self._options = message_factory.GetMessageClass(self.pool.FindMessageTypeByName("google.protobuf.FieldOptions"))
        self._rule: Any = self.pool.FindExtensionByName("buf.validate.field")
        #: By their names in the description.
        self.schemas: dict[str, Schema] = {}

    def comment(self, name: str) -> str:
        """Return the comment of what has this full name."""
        return self._comments.get(name, "")

    def message(self, descriptor: Descriptor) -> Schema:
        """Return a reference to a message's schema, which is made when it is first referred to."""
        if descriptor.full_name in _KNOWN:
            return _KNOWN[descriptor.full_name]
        name = descriptor.full_name.removeprefix("runlore.v1.")
        if name not in self.schemas:
            made = self.schemas[name] = {"type": "object"}
            made |= self._object(descriptor)
        return {"$ref": f"#/components/schemas/{name}"}

    def enum(self, descriptor: EnumDescriptor) -> Schema:
        """Return a reference to an enum's schema, as `message`."""
        name = descriptor.full_name.removeprefix("runlore.v1.")
        if name not in self.schemas:
            values = [f"* `{v.name}`: {self.comment(f'{descriptor.full_name}.{v.name}')}" for v in descriptor.values]
            text = "\n".join([self.comment(descriptor.full_name), "", *values])
            self.schemas[name] = {"type": "string", "enum": [v.name for v in descriptor.values], "description": text}
        return {"$ref": f"#/components/schemas/{name}"}

    def _object(self, descriptor: Descriptor) -> Schema:
        properties, required, told = {}, [], [self.comment(descriptor.full_name)]
        for field in descriptor.fields:
            rules = self._rules(field)
            described = {"description": text} if (text := self.comment(field.full_name)) else {}
            properties[field.json_name] = {**self._field(field, rules), **described}
            if rules.get("required"):
                required.append(field.json_name)
        for oneof in descriptor.oneofs:
            if len(oneof.fields) > 1:
                names = ", ".join(f"`{field.json_name}`" for field in oneof.fields)
                told.append(f"At most one of {names}. {self.comment(oneof.full_name)}".strip())
        made: Schema = {"description": "\n\n".join(filter(None, told))}
        return made | ({"properties": properties} if properties else {}) | ({"required": required} if required else {})

    def _field(self, field: FieldDescriptor, rules: Schema) -> Schema:
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            key, value = field.message_type.fields
            ruled = rules.get("map", {})
            names = {"propertyNames": self._value(key, ruled["keys"])} if "keys" in ruled else {}
            values = self._value(value, ruled.get("values", {}))
            return {"type": "object", "additionalProperties": values, **names, **_ruled(_MAP, ruled)}
        if field.is_repeated:
            ruled = rules.get("repeated", {})
            return {"type": "array", "items": self._value(field, ruled.get("items", {})), **_ruled(_LIST, ruled)}
        return self._value(field, rules)

    def _value(self, field: FieldDescriptor, rules: Schema) -> Schema:
        if field.message_type is not None:
            return self.message(field.message_type)
        if field.enum_type is not None:
            return self.enum(field.enum_type)
        if field.type == FieldDescriptor.TYPE_BYTES:
            return _BYTES
        made = _SCALARS[field.cpp_type]
        for kind, ruled in rules.items():
            if kind == "string":
                made = made | _ruled(_STRING, ruled)
            elif isinstance(ruled, dict):
                made = made | _ruled(_NUMBER, ruled)
        return made

    def _rules(self, field: FieldDescriptor) -> Schema:
        rules: Any = self._options.FromString(field.GetOptions().SerializeToString()).Extensions[self._rule]
        return MessageToDict(rules, preserving_proto_field_name=True, descriptor_pool=self.pool)


def _ruled(names: dict[str, str], rules: Schema) -> Schema:
    # A limit of 64 bits is a string in the rules' JSON.
    return {
        names[rule]: int(limit) if isinstance(limit, str) and rule != "pattern" else limit
        for rule, limit in rules.items()
        if rule in names
    }


def _comments(file: FileDescriptorProto) -> list[tuple[str, str]]:
    """The comments of a file by the full names of what they are about."""
    found = []
    for location in file.source_code_info.location:
        name, at = file.package, file
        path = list(location.path)
        while path and (path[0] in at.DESCRIPTOR.fields_by_number):
            field = at.DESCRIPTOR.fields_by_number[path[0]]
            if not field.is_repeated or len(path) < 2 or field.message_type is None:
                break
            at = getattr(at, field.name)[path[1]]
            if not hasattr(at, "name"):
                break
            name, path = f"{name}.{at.name}", path[2:]
        if not path and location.leading_comments:
            found.append((name, paragraphs(location.leading_comments)))
    return found


def paragraphs(comment: str) -> str:
    """Return a comment with the lines of each paragraph joined; what is indented stays as it is."""
    lines = [line.removeprefix(" ") for line in comment.strip("\n").splitlines()]
    return re.sub(r"(?<=\S)\n(?=[^\s*])", " ", "\n".join(lines)).strip()
