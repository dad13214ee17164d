"""The pictures of docs/images that are drawn from words; `python -m tests.docs.diagrams` draws them, with graphviz.

`packages.dot` is written from the imports that are really there, so that the graph in docs/architecture.md is true.
"""

import re
import subprocess
import sys
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import grimp

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
PACKAGES = ("oasst_site", "workers", "chats", "inference")
SVG = "{http://www.w3.org/2000/svg}"
Edges = set[tuple[str, str]]

STYLE = """\
  compound=true
  fontname="Helvetica,Arial,sans-serif"
  graph [bgcolor=white, fontsize=13, pad=0.2, nodesep=0.25, ranksep=0.5]
  node [shape=box, style="rounded,filled", fillcolor="#eef1fb", color="#5c6bc0", fontname="Helvetica,Arial,sans-serif"]
  node [fontsize=12, height=0.3, margin="0.12,0.05"]
  edge [color="#78859f", arrowsize=0.7]"""
CLUSTER = 'labeljust=l; style="rounded"; color="#c5cae9"'


def imports_between_rooms() -> Edges:
    """Which room uses which: a room is a package's folder, or the files that lie in the package itself."""
    graph = grimp.build_graph(*PACKAGES, cache_dir=None)
    folders = {module.rsplit(".", 1)[0] for module in graph.modules if module.count(".") >= 2}

    def room(module: str) -> str:
        folder = ".".join(module.split(".")[:2])
        return folder if folder in folders else module.split(".")[0]

    edges = {
        (room(module), room(imported))
        for module in graph.modules
        for imported in graph.find_modules_directly_imported_by(module)
    }
    return {(user, used) for user, used in edges if user != used}


def drawn(edges: Edges) -> Edges:
    """What the picture shows: between folders, and no arrow that follows from two others.

    A package's own files are the ground that its folders stand on; arrows to and from them would say nothing.
    """
    folders = {(user, used) for user, used in edges if "." in user and "." in used and "migrations" not in user}
    below = defaultdict(set)
    for user, used in folders:
        below[user].add(used)

    def reaches(start: str, goal: str) -> bool:
        seen, left = set(), [start]
        while left:
            at = left.pop()
            if at == goal:
                return True
            left += [each for each in below[at] if each not in seen]
            seen.add(at)
        return False

    return {(user, used) for user, used in folders if not any(reaches(other, used) for other in below[user] - {used})}


def packages_dot(edges: Edges) -> str:
    """The graph in graphviz's language, the packages from above to below."""
    rooms = sorted({room for edge in edges for room in edge if "." in room and "migrations" not in room})
    lines = ["digraph packages {", STYLE]
    for package in PACKAGES:
        lines.append(f'  subgraph cluster_{package} {{ label="{package}"; {CLUSTER}')
        own = [room for room in rooms if room.startswith(f"{package}.")]
        lines += [f'    "{room}" [label="{room.split(".")[1]}"]' for room in own]
        lines.append("  }")
    lines += [f'  "{user}" -> "{used}"' for user, used in sorted(drawn(edges))]
    # The packages lie one below the other even where no arrow says so.
    firsts = [next(room for room in rooms if room.startswith(f"{package}.")) for package in PACKAGES]
    lines += [f'  "{upper}" -> "{lower}" [style=invis]' for upper, lower in pairwise(firsts)]
    return "\n".join([*lines, "}"]) + "\n"


def edges_of_dot(name: str) -> Edges:
    """The arrows that `NAME.dot` asks for."""
    text = (IMAGES / f"{name}.dot").read_text(encoding="utf-8")
    found = re.findall(r'^  "?([\w.]+)"? -> "?([\w.]+)"?(.*)$', text, re.MULTILINE)
    return {(user, used) for user, used, more in found if "invis" not in more}


def edges_of_svg(name: str) -> Edges:
    """The arrows that `NAME.svg` shows."""
    root = ElementTree.parse(IMAGES / f"{name}.svg").getroot()
    titles = [
        title.text or ""
        for group in root.iter(f"{SVG}g")
        if group.get("class") == "edge" and (title := group.find(f"{SVG}title")) is not None
    ]
    return {(user, used) for user, _, used in (title.partition("->") for title in titles)}


def main() -> int:
    """Draw all of them. The exit code."""
    (IMAGES / "packages.dot").write_text(packages_dot(imports_between_rooms()), encoding="utf-8")
    for source in sorted(IMAGES.glob("*.dot")):
        subprocess.run(["dot", "-Tsvg", str(source), "-o", str(source.with_suffix(".svg"))], check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
