"""Link events."""

from __future__ import annotations

from collections.abc import Iterator

from tests.conformance.made import Construct, beside, link, refused
from tests.engine.diagrams import Diagram


def _linked() -> Diagram:
    made = (
        Diagram("p")
        .start()
        .people("a", "z")
        .end()
        .node("intermediateThrowEvent", "out", link())
        .node("intermediateCatchEvent", "into", link())
    )
    return made.go("s -> a -> out").go("into -> z -> e")


def links() -> Iterator[Construct]:
    yield Construct("link event", _linked().source(), runs=lambda p: p.does("a").waits("z").does("z").ends())
    several = _linked().people("b").gateways("parallel", "g").node("intermediateThrowEvent", "out2", link())
    several.flows = [flow for flow in several.flows if "f_s_a" not in flow]
    several.go("s -> g -> a").go("g -> b -> out2")
    yield Construct(
        "several links to one place",
        several.source(),
        runs=lambda p: p.does("a").waits("b", "z").does("b").waits("z", "z"),
    )
    back = (
        _linked()
        .gateways("exclusive", "x")
        .node("intermediateThrowEvent", "again", link("回头"))
        .node("intermediateCatchEvent", "here", link("回头"))
    )
    back.flows = [flow for flow in back.flows if "f_z_e" not in flow and "f_s_a" not in flow]
    back.gateways("exclusive", "m").go("s -> m -> a").go("here -> m").go("z -> x").go(
        "x -> again", "more == 1"
    ).otherwise("x -> e")
    yield Construct(
        "link back",
        back.source(),
        facts={"more": 1},
        runs=lambda p: p.does("a").does("z").waits("a").does("a").does("z", more=0).ends(),
    )
    inside = (
        Diagram("")
        .start("is")
        .people("k", "l")
        .end("ie")
        .node("intermediateThrowEvent", "o", link())
        .node("intermediateCatchEvent", "i", link())
    )
    inside.go("is -> k -> o").go("i -> l -> ie")
    sub = Diagram("p").start().embed("sp", inside).end().go("s -> sp -> e")
    yield Construct(
        "link inside a sub-process", sub.source(), runs=lambda p: p.does("k").waits("l").does("l").ends()
    )
    yield refused(
        "link to nowhere",
        "link_event",
        Diagram("p")
        .start()
        .people("a")
        .end()
        .node("intermediateThrowEvent", "out", link())
        .gateways("parallel", "g")
        .go("s -> g -> a -> e")
        .go("g -> out"),
    )
    yield refused("link from nowhere", "link_event", beside("intermediateCatchEvent", link()))
    other = _linked()
    other.nodes = [
        node.replace('name="转下页"', 'name="别处"') if 'id="into"' in node else node for node in other.nodes
    ]
    yield refused("links of different names", "link_event", other)
    yield refused(
        "two places for one link",
        "link_event",
        _linked().node("intermediateCatchEvent", "into2", link()).people("y").go("into2 -> y -> e"),
    )
    yield refused("a link that leads on", "link_event", _linked().people("y").go("out -> y -> e"))
    across = (
        Diagram("p")
        .start()
        .embed("sp", Diagram("").start("is").node("intermediateThrowEvent", "o", link()).go("is -> o"))
        .people("z")
        .end()
    )
    yield refused(
        "link out of a sub-process",
        "link_event",
        across.node("intermediateCatchEvent", "into", link()).go("s -> sp -> e").go("into -> z -> e"),
    )
