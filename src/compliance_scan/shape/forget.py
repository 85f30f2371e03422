"""Letting go of a world that was judged."""

from compliance_scan.shape.world import World


def forget(world: World) -> None:
    """Frees everything that a world worked out; it can be asked nothing more. A world is full of circles, and where the
    collector of garbage is off, as it is while many resources are judged, nothing else would free them."""
    for frame in (*world._frames.values(), *world.homes.values()):  # noqa: SLF001 - the world's own ends
        del frame.root
    for kept in (world._frames, world.homes, world._subjects, world._joined, world._by_type, world._bare):  # noqa: SLF001
        kept.clear()
    del world.joins
