"""What blocks of the configuration have in common: strict types, and refusals that name the key.

Only planning imports this, and the ``settings`` of each kind of study; jobs get plain dictionaries.
"""

from collections.abc import Callable, Mapping
from copy import copy
from types import NoneType, UnionType
from typing import Annotated, Any, ClassVar, NoReturn, Self, Union, get_args, get_origin

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    ValidationError,
    ValidationInfo,
    create_model,
    field_validator,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

from armed.errors import ConfigError
from armed_study.messages import listing, quotes, short, suggestion

# Keys that had another name once; the error of a configuration with the old one names the new one.
RENAMED = {
    "also_output": "output_layer",
    "beside": "compare_with",
    "evaluates": "alias_of",
    "fixed_outcome": "task.fixed_outcome",
    "look": "task.appearance",
    "look_weight": "task.appearance_weight",
    "published": "published_values",
    "thinning": "frame_stride",
    "white": "white_level",
}

Positive = Annotated[int, Field(ge=1)]
Name = Annotated[str, Field(pattern="^[a-z][a-z0-9_]*$")]
Text = Annotated[str, Field(min_length=1)]


def unique(names: list[str]) -> list[str]:
    """Refuse a list that names something twice."""
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        refuse(f"found '{twice[0]}' twice, expected each name once; remove one")
    return names


Names = Annotated[list[str], AfterValidator(unique), Field(json_schema_extra={"uniqueItems": True})]


def readable(read: Callable[[Any], Any]) -> Any:
    """Return the check that a function can read a value; what it raises otherwise says why."""

    def check(given: Any) -> Any:
        try:
            read(given)
        except ConfigError as error:
            refuse(str(error))
        return given

    return AfterValidator(check)


def without(name: Any, taken: tuple[str, ...]) -> Any:
    """Return the type of a name that is none of those which are something else's."""

    def free(given: str) -> str:
        if given in taken:
            refuse(f"the name '{given}' is taken, expected none of {listing(taken)}; rename it")
        return given

    return Annotated[
        name, AfterValidator(free), Field(json_schema_extra={"not": {"enum": [*taken]}})
    ]


def key(description: str, **extra: Any) -> Any:
    """Return the field of a key."""
    return Field(description=description, **extra)


def absent(description: str, **extra: Any) -> Any:
    """Return the field of a key that may be left out, and then is no part of the block."""
    return Field(default=None, description=description, **extra)


class Block(BaseModel):
    """A block of the configuration: no other keys, no conversion of types, no change afterwards."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, allow_inf_nan=False, defer_build=True
    )
    partial: ClassVar[bool] = False

    @model_validator(mode="before")
    @classmethod
    def _check_keys(cls, given: Any) -> Any:
        if not isinstance(given, Mapping):
            return given
        known = cls.model_fields
        for key in given:
            if key not in known:
                refuse(_unknown(key, list(known)))
        for key, field in known.items():
            if field.is_required() and key not in given:
                refuse(f"key '{key}' is missing, expected it with {listing(given)}; add it")
        return given

    @field_validator("*", mode="wrap")
    @classmethod
    def _check_form(cls, value: Any, check: Callable[[Any], Any], info: ValidationInfo) -> Any:
        """Say of a value of several forms which there are, not what is wrong by each of them."""
        try:
            return check(value)
        except ValidationError:
            field = cls.model_fields[str(info.field_name)]
            if not _has_forms(field):
                raise
            meaning = (field.description or "another form").rstrip(".")
            remedy = (quotes(value) if _may_be_text(field.annotation) else "") or "; correct it"
            refuse(f"found {short(value)}, expected: {meaning}{remedy}")

    def plain(self) -> dict[str, Any]:
        """Return the block as dictionaries and lists, with defaults filled in.

        Those of a `Partial` are left to what reads it, so that a model's entry can override single
        keys; so are keys that may be absent.
        """
        return {
            name: _plain(getattr(self, name))
            for name, field in type(self).model_fields.items()
            if name in self.model_fields_set
            or not (self.partial or field.is_required() or field.default is None)
        }


class Partial(Block):
    """A block that a study has, and of which the entry of a model may override single keys."""

    partial = True

    @classmethod
    def overrides(cls) -> type[Self]:
        """Return the block as in the entry of a model, where no key is required."""
        changed: dict[str, Any] = {}
        for name, field in cls.model_fields.items():
            if field.is_required():
                optional = copy(field)
                optional.default = None
                changed[name] = (field.annotation, optional)
        return create_model(f"{cls.__name__}Overrides", __base__=cls, **changed) if changed else cls


class Folder(Block):
    """Files of the user."""

    path: Text = Field(description="Folder of the tree, relative to the working directory.")


def refuse(sentence: str) -> NoReturn:
    """Refuse what a validator looks at, with a sentence that is shown as it stands."""
    raise PydanticCustomError("sentence", "{sentence}", {"sentence": sentence})


def _has_forms(field: FieldInfo) -> bool:
    """Whether a value may be of several types, and nothing in it says of which."""
    if get_origin(field.annotation) not in (Union, UnionType):
        return False
    tagged = field.discriminator or any(isinstance(m, Discriminator) for m in field.metadata)
    return not tagged and len(set(get_args(field.annotation)) - {NoneType}) > 1


def _may_be_text(form: Any) -> bool:
    """Whether a value of a type, or an item of it, may be any text."""
    return form is str or any(map(_may_be_text, get_args(form)))


def _unknown(key: object, known: list[str]) -> str:
    if not isinstance(key, str):
        return f"key {short(key)}, expected some of {listing(known, 99)}{quotes(key) or '; correct it'}"
    if RENAMED.get(key, "").partition(".")[0] in known:
        return f"key '{key}' has another name now, expected '{RENAMED[key]}'; rename it"
    near = suggestion(key, known)
    return f"unknown key '{key}'{near}, expected some of {listing(known, 99)}; correct it"


def _plain(value: Any) -> Any:
    if isinstance(value, Block):
        return value.plain()
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return value
