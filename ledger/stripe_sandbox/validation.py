"""Requests are checked against the parameter types that Stripe ships with its own library.

A misspelt, missing or mistyped parameter is therefore refused here as it would be by Stripe, and one that
Stripe knows but this sandbox does not implement is refused loudly instead of being ignored.
"""

import sys
import types
import typing
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin

import typing_extensions
from pydantic import ConfigDict, TypeAdapter, ValidationError

from ledger.stripe_sandbox.answers import RequestRefused

Json = dict[str, Any]
REQUEST_OPTIONS = frozenset(
    {
        "api_key",
        "stripe_version",
        "stripe_account",
        "stripe_context",
        "max_network_retries",
        "idempotency_key",
        "content_type",
        "headers",
    }
)
METADATA_KEYS, METADATA_KEY_LENGTH, METADATA_VALUE_LENGTH = 50, 40, 500
CODES = {
    "missing": "parameter_missing",
    "extra_forbidden": "parameter_unknown",
    "int_parsing": "parameter_invalid_integer",
    "int_type": "parameter_invalid_integer",
    "int_from_float": "parameter_invalid_integer",
}


def check(params: Mapping[str, Any], typed: type | None, implemented: frozenset[str]) -> Json:
    """The parameters with their types (form values arrive as text); Refusal 400 as Stripe would say it."""
    if typed is None:
        return dict(params)
    refuse_unimplemented(params, typed, implemented)
    refuse_metadata(params.get("metadata"))
    try:
        return dict(adapter(typed, implemented).validate_python(params))
    except ValidationError as error:
        raise refusal_of(error) from None


def refuse_metadata(metadata: Any) -> None:
    """Refuse metadata that Stripe would refuse: more than 50 keys, keys of more than 40 characters, values of 500."""
    if not isinstance(metadata, Mapping):
        return
    if len(metadata) > METADATA_KEYS:
        message = f"You cannot have more than {METADATA_KEYS} metadata keys."
        raise RequestRefused(400, message, "parameter_invalid", "metadata")
    for name, value in metadata.items():
        if len(str(name)) > METADATA_KEY_LENGTH or len(str(value)) > METADATA_VALUE_LENGTH:
            message = f"Metadata keys have at most {METADATA_KEY_LENGTH} characters, values {METADATA_VALUE_LENGTH}."
            raise RequestRefused(
                400, message, "parameter_invalid", f"metadata[{str(name)[:METADATA_KEY_LENGTH]}]"
            )


def refuse_unimplemented(params: Mapping[str, Any], typed: type, implemented: frozenset[str]) -> None:
    """Return whether a parameter of Stripe's that this sandbox lacks from one that does not exist at all."""
    known = set(hints_of(typed))
    tops = {name.split(".")[0] for name in implemented}
    for name in params:
        if name in known and name not in tops:
            raise RequestRefused(
                400, f"The sandbox does not implement the parameter {name}.", "sandbox_unimplemented", name
            )


def refusal_of(error: ValidationError) -> RequestRefused:
    """The first mistake, in Stripe's words and with its parameter's name."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    path = [part for part in first["loc"] if isinstance(part, int) or part.isidentifier()]
    name = str(path[0]) + "".join(f"[{part}]" for part in path[1:]) if path else ""
    code = CODES.get(first["type"])
    if code == "parameter_missing":
        return RequestRefused(400, f"Missing required param: {name}.", code, name)
    if code == "parameter_unknown":
        return RequestRefused(400, f"Received unknown parameter: {name}", code, name)
    return RequestRefused(400, f"Invalid {name}: {first['msg']}", code, name)


@cache
def adapter(typed: type, implemented: frozenset[str]) -> TypeAdapter[Any]:
    """The checker of one kind of request, built once."""
    return TypeAdapter(strict(typed, implemented))


@cache
def hints_of(typed: type) -> Json:
    """The fields of one of Stripe's parameter dictionaries, without the options of the request itself."""
    names = vars(typing_extensions) | vars(typing) | vars(sys.modules[typed.__module__])
    names |= {"UntypedStripeObject": dict_of, "StripeContext": str}
    fields = typing_extensions.get_type_hints(typed, globalns=names, include_extras=True)
    return {name: hint for name, hint in fields.items() if name not in REQUEST_OPTIONS}


class dict_of:  # noqa: N801  stands for a generic class, only ever subscripted
    """Free-form objects of Stripe's (metadata): text to text."""

    def __class_getitem__(cls, item: object) -> object:
        """`UntypedStripeObject[str]` is a dictionary."""
        return dict[str, item]  # type: ignore[valid-type]


def strict(typed: type, implemented: Iterable[str] = ()) -> Any:
    """The same dictionary, limited to `implemented` fields (dotted for nested ones), nothing else allowed."""
    wanted: dict[str, set[str]] = {}
    for name in implemented:
        field, _, rest = name.partition(".")
        wanted.setdefault(field, set()).update({rest} - {""})
    hints = hints_of(typed)
    fields = {name: narrowed(hints[name], wanted.get(name, set())) for name in (wanted or hints)}
    make: Any = typing_extensions.TypedDict
    model = make(typed.__name__, fields)
    model.__pydantic_config__ = ConfigDict(extra="forbid")
    return model


def narrowed(hint: Any, implemented: set[str]) -> Any:
    """`hint` with nested dictionaries made strict and open enumerations closed to the documented values."""
    if typing_extensions.is_typeddict(hint):
        return strict(hint, implemented)
    origin, parts = get_origin(hint), get_args(hint)
    if origin in (typing_extensions.NotRequired, typing_extensions.Required):
        return origin[narrowed(parts[0], implemented)]
    if origin in (Union, types.UnionType):
        return Union[tuple(narrowed(part, implemented) for part in closed(parts))]  # noqa: UP007
    if origin in (list, dict):
        return origin[tuple(narrowed(part, implemented) for part in parts)]
    return hint


def closed(parts: tuple[Any, ...]) -> tuple[Any, ...]:
    """Without the `str` that keeps an enumeration open; `Literal['']` beside it means: may be emptied."""
    named = [part for part in parts if get_origin(part) is Literal and get_args(part) != ("",)]
    return tuple(part for part in parts if part is not str) if named else parts
