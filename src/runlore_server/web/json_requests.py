"""Reading requests in JSON, and saying which field is wrong when they cannot be read.

The parser's own words are about Python. What is taken from them is where it stopped; what would be accepted there is
the contract's to say.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from google.protobuf import json_format
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from runlore_server import errors
from runlore_server.errors.base import RunloreError, short

_NOT_JSON = re.compile(r"^(?:Failed to load JSON: )+(.*?)\.*$", re.DOTALL)
_SAYS_WHERE = re.compile(r" \(char \d+\)$|^duplicate key ")
_FIELDS = re.compile(r"^(?:Failed to parse \S+ field: )*")
_UNKNOWN = re.compile(r'Message type "\S+" has no field named "(.*)" at "(.*)"\.\n', re.DOTALL)
_TWICE = re.compile(r'Message type "\S+" should not have multiple "(.*)" fields at "(.*)"', re.DOTALL)
_ONE_OF = re.compile(r'Message type "\S+" should not have multiple "(.*)" oneof fields at "(.*)"', re.DOTALL)
_STEP = re.compile(r"\.(\w+)((?:\[[^\]]*\])?)")
#: What a field's value is in JSON: of messages with a form of their own, then by the kind of value.
_FORMS = {
    "google.protobuf.Timestamp": "a time such as 2026-01-31T12:00:00Z",
    "google.protobuf.Duration": "a duration in seconds such as 1.5s",
    "google.protobuf.FieldMask": "names of fields in one string, separated by commas",
}
_KINDS = {
    FieldDescriptor.CPPTYPE_BOOL: "true or false",
    FieldDescriptor.CPPTYPE_STRING: "a string",
    FieldDescriptor.CPPTYPE_DOUBLE: 'a number, or one of the strings "NaN", "Infinity" and "-Infinity"',
    FieldDescriptor.CPPTYPE_FLOAT: 'a number, or one of the strings "NaN", "Infinity" and "-Infinity"',
    FieldDescriptor.CPPTYPE_MESSAGE: "an object",
}


def reader(message_class: type[Message]) -> Callable[[bytes], Message]:
    """Return what makes a message of JSON.

    It raises INVALID_FIELD. A field that the contract does not have is an error and not passed over: it may be a
    misspelt condition.
    """

    def read(data: bytes) -> Message:
        if not data.strip():
            raise errors.invalid_field("", "the request is empty: send a JSON object, {} at least")
        message = message_class()
        try:
            return json_format.Parse(data, message)
        except json_format.ParseError as error:
            raise _refusal(message.DESCRIPTOR, str(error)) from None
        except UnicodeDecodeError:
            raise errors.invalid_field("", "the request is not JSON: its text is not UTF-8") from None
        except (ValueError, TypeError, AttributeError, LookupError, RecursionError):
            raise _not_an_object(message.DESCRIPTOR) from None

    return read


def _refusal(root: Any, text: str) -> RunloreError:
    if not_json := _NOT_JSON.match(text):
        why = not_json[1] if _SAYS_WHERE.search(not_json[1]) else "it nests too deeply, or a number has too many digits"
        return errors.invalid_field("", f"the request is not JSON: {short(why)}")
    named = _FIELDS.match(text)
    told = text[named.end() :] if named else text
    if unknown := _UNKNOWN.match(told):
        path, _, message = _walk(root, unknown[2])
        names = ", ".join(field.json_name for field in message.fields)
        return errors.invalid_field(_joined(path, short(unknown[1])), f"is no field: there are {names}")
    if twice := _TWICE.match(told):
        return errors.invalid_field(_joined(_walk(root, twice[2])[0], twice[1]), "comes twice, under both of its names")
    if one_of := _ONE_OF.match(told):
        path, _, message = _walk(root, one_of[2])
        oneof = message.oneofs_by_name[one_of[1]]
        names = ", ".join(field.json_name for field in oneof.fields)
        return errors.invalid_field(_joined(path, one_of[1]), f"give one of {names}, not several")
    path, field, _ = _walk(root, told.rpartition(" at ")[2].rstrip("."))
    if field is None and named:
        # Some of the parser's words do not say where; then its nesting does.
        nested = re.findall(r"Failed to parse (\S+) field: ", named[0])
        path, field, _ = _walk(root, root.name + "".join(f".{name}" for name in nested))
        if nested and (field is None or field.json_name != nested[-1] != field.name):
            # It does not name members of a oneof.
            return errors.invalid_field(_joined(path, nested[-1]), "has a value of another kind than the contract's")
    return _not_an_object(root) if field is None else errors.invalid_field(path, f"must be {_form(path, field)}")


def _walk(message: Any, text: str) -> tuple[str, Any, Any]:
    """Follow a path as the parser writes it: its fields by the contract's names, the last one, and its message."""
    path, field = "", None
    text = text.removeprefix(message.name)
    while (step := _STEP.match(text)) and message is not None:
        found = message.fields_by_camelcase_name.get(step[1]) or message.fields_by_name.get(step[1])
        if found is None:
            break
        field, path, text = found, _joined(path, found.name) + step[2], text[step.end() :]
        message = field.message_type
        if _is_map(field):
            message = message.fields_by_name["value"].message_type
    return path, field, message


def _form(path: str, field: Any) -> str:
    """What a field's value must be; a path that ends with a subscript is that of an element."""
    if field.is_repeated and not path.endswith("]"):
        element = _form(f"{path}[]", field)
        return f"an object, each value {element}" if _is_map(field) else f"a list, each element {element}"
    if _is_map(field):
        field = field.message_type.fields_by_name["value"]
    if field.message_type is not None:
        return _FORMS.get(field.message_type.full_name, "an object")
    if field.enum_type is not None:
        return "one of " + ", ".join(value.name for value in field.enum_type.values)
    if field.type == FieldDescriptor.TYPE_BYTES:
        return "bytes in base64"
    bits = 64 if field.cpp_type in (FieldDescriptor.CPPTYPE_INT64, FieldDescriptor.CPPTYPE_UINT64) else 32
    return _KINDS.get(field.cpp_type, f"a whole number of {bits} bits, as a number or a string")


def _is_map(field: Any) -> bool:
    return field.message_type is not None and bool(field.message_type.GetOptions().map_entry)


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _not_an_object(root: Any) -> RunloreError:
    return errors.invalid_field("", f"the request is not a {root.full_name} in JSON: that is an object")
