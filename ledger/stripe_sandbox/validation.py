"""Validation of requests against the parameter types in Stripe's own library.

The sandbox refuses a misspelled, missing or mistyped parameter as Stripe does. It also refuses a valid Stripe
parameter that it does not implement, instead of ignoring it.
"""

import sys
import types
import typing
from collections.abc import Iterable, Iterator, Mapping
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
    """Return the parameters with their types (form values are text). Raise RequestRefused (400) as Stripe does."""
    if typed is None:
        return dict(params)
    refuse_unimplemented(params, typed, implemented)
    for metadata in metadata_in(params):
        refuse_metadata(metadata)
    try:
        return dict(adapter(typed, implemented).validate_python(params))
    except ValidationError as error:
        raise refusal_of(error) from None


def metadata_in(params: Any) -> Iterator[Any]:
    """Yield the metadata of a request, and of the objects that it makes along the way."""
    if isinstance(params, Mapping):
        for name, value in params.items():
            if name == "metadata":
                yield value
            else:
                yield from metadata_in(value)


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
    """Raise an error for a valid Stripe parameter that the sandbox does not implement."""
    known = set(hints_of(typed))
    tops = {name.split(".")[0] for name in implemented}
    for name in params:
        if name in known and name not in tops:
            raise RequestRefused(
                400, f"The sandbox does not implement the parameter {name}.", "sandbox_unimplemented", name
            )


def refusal_of(error: ValidationError) -> RequestRefused:
    """Return the first error, with Stripe's message and the parameter's name."""
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
    """Return the cached validator of one request type."""
    return TypeAdapter(strict(typed, implemented))


@cache
def hints_of(typed: type) -> Json:
    """Return the fields of one of Stripe's parameter types, without request options."""
    names = vars(typing_extensions) | vars(typing) | vars(sys.modules[typed.__module__])
    names |= {"UntypedStripeObject": dict_of, "StripeContext": str}
    fields = typing_extensions.get_type_hints(typed, globalns=names, include_extras=True)
    return {name: hint for name, hint in fields.items() if name not in REQUEST_OPTIONS}


class dict_of:  # noqa: N801  stands for a generic class, only ever subscripted
    """Stripe's free-form objects (metadata): text to text."""

    def __class_getitem__(cls, item: object) -> object:
        """Return a dictionary for `UntypedStripeObject[str]`."""
        return dict[str, item]  # type: ignore[valid-type]


def strict(typed: type, implemented: Iterable[str] = ()) -> Any:
    """Return the type limited to `implemented` fields (dotted when nested), with nothing else allowed."""
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
    """Return `hint` with strict nested types and enumerations closed to the documented values."""
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
    """Return the enumeration without its open `str`; a `Literal['']` beside it means it can be cleared."""
    named = [part for part in parts if get_origin(part) is Literal and get_args(part) != ("",)]
    return tuple(part for part in parts if part is not str) if named else parts
