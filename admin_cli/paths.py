"""Paths of the API from codes that a person typed."""

from urllib.parse import quote

from admin_cli.failures import usage_failure
from admin_cli.language import t


def path(*parts: str) -> str:
    """`/v1/riders/R00001`: each part is one segment, whatever it holds."""
    for part in parts:
        # An empty segment or one of dots would address something else than what was meant.
        if part.strip(".") == "":
            raise usage_failure(
                t("编号是空的，或者只有点；请检查命令行。", "A code is empty or only dots. Check the command line.")
            )
    return "/v1/" + "/".join(quote(part, safe="") for part in parts)


def given(**fields: object) -> dict[str, object]:
    """The fields that were given: what the person left out is left out of the request too."""
    return {name: value for name, value in fields.items() if value is not None}
