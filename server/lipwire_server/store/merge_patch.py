"""JSON merge patches: what RFC 7396 says, and nothing else."""

from typing import Any

__all__ = ["merge_patch"]


def merge_patch(target: Any, patch: Any) -> Any:
    """`target` as `patch` wants it; neither is changed.

    Members of objects are merged, null removes one, and everything else takes the place of what
    was there. Goes as deep as `patch` does, which therefore has to be bounded.
    """
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return merged
