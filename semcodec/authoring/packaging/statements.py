"""Checks of what the package says about itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

from semcodec.authoring.names import RESERVED
from semcodec.authoring.packaging.check import Fault, Finding, Note, Subject
from semcodec.discovery.metadata import normalized, registrations
from semcodec.discovery.refs import is_name
from semcodec.discovery.scan import CORE

__all__ = ["entry_point", "metadata_complete", "nothing_pinned", "prefix_owned", "readme_shown"]

SHARED = ("numpy", "pillow", "scipy", "semcodec", "torch", "torchvision")
"""What plugins share in one environment; a bound of one plugin's shuts the others out."""


def entry_point(subject: Subject) -> Iterator[Finding]:
    """The distribution has an entry point of the group semcodec, its name a prefix in kebab."""
    wheel = subject.wheel
    if not wheel.entries:
        short = normalized(wheel.name).removeprefix(f"{CORE}-")
        yield Fault(
            "no entry point of the group semcodec, so that nobody will find the plugin: add "
            f'[project.entry-points.semcodec] {short} = "{wheel.name.replace("-", "_")}"',
            subject.project.where(r"^\[project"),
        )
    for name in wheel.entries:
        if not is_name(name):
            yield Fault(
                f"expected an entry point named in lower-case kebab, got {name!r}",
                _entry_line(subject, name),
            )


def prefix_owned(subject: Subject) -> Iterator[Finding]:
    """The prefix is nobody else's, in the register and among what is installed."""
    from semcodec.registry import load_register

    ours = normalized(subject.wheel.name)
    owners = {each.prefix: each.distribution for each in load_register().providers}
    for prefix in subject.entries:
        where = _entry_line(subject, prefix)
        owner = owners.get(prefix)
        if prefix in RESERVED:
            yield Fault(f"prefix {prefix!r} is reserved: choose another", where)
        elif owner is None:
            yield Note(
                f"prefix {prefix!r} is not registered: a pull request that adds it to "
                "registry.yaml keeps it yours"
            )
        elif normalized(owner) != ours:
            yield Fault(f"prefix {prefix!r} is {owner}'s in registry.yaml: choose another", where)
        for claim in registrations():
            if claim.name == prefix and normalized(claim.distribution) != ours:
                yield Fault(
                    f"prefix {prefix!r} is claimed by {claim.label} too, which is installed here, "
                    f"so that neither is used: choose another, or pip uninstall "
                    f"{claim.distribution}",
                    where,
                )


def metadata_complete(subject: Subject) -> Iterator[Finding]:
    """The metadata states description, licence, Python versions and the need of semcodec."""
    info = subject.wheel.info
    found = info.metadata
    # Asking for a header that is absent differs between Python's versions; listing does not.
    stated = {key.lower() for key in found if found[key].strip() not in {"", "UNKNOWN"}}
    for header, key in (("summary", "description"), ("requires-python", "requires-python")):
        if header not in stated:
            yield Fault(f"[project] {key} is missing", subject.project.where(r"^\[project\]"))
    classified = any("License ::" in each for each in found.get_all("Classifier") or ())
    if not ({"license-expression", "license"} & stated or classified):
        yield Fault(
            '[project] license is missing, such as license = "Apache-2.0"',
            subject.project.where(r"^\[project\]"),
        )
    needed = [each for each in info.requires or () if "extra ==" not in each]
    if CORE not in {normalized(re.split(r"[^\w.-]", each)[0]) for each in needed}:
        yield Fault(
            "[project] dependencies lack semcodec",
            subject.project.where(r"^dependencies", r"^\[project\]"),
        )


def nothing_pinned(subject: Subject) -> Iterator[Finding]:
    """No dependency that plugins share is pinned or bounded from above."""
    from packaging.requirements import Requirement

    for each in map(Requirement, subject.wheel.info.requires or ()):
        bounds = [str(s) for s in each.specifier if s.operator in ("==", "===", "~=", "<", "<=")]
        if bounds and normalized(each.name) in SHARED and "extra ==" not in str(each.marker):
            yield Fault(
                f"{each.name} is bounded by {', '.join(bounds)}: other plugins must share it, so "
                "give a lower bound alone",
                subject.project.where(
                    rf"[\"']{re.escape(each.name)}\b.*{re.escape(bounds[0][:2])}"
                ),
            )


def readme_shown(subject: Subject) -> Iterator[Finding]:
    """The README is the long description, which package indexes show."""
    found = subject.wheel.info.metadata
    text = found.get_payload()  # type: ignore[attr-defined]  # an email.message.Message
    if not (text or "").strip() and "Description" not in found:
        yield Fault(
            'no README is named: readme = "README.md"', subject.project.where(r"^\[project\]")
        )


def _entry_line(subject: Subject, name: str) -> str:
    return subject.project.where(rf"^[\"']?{re.escape(name)}[\"']?\s*=")
