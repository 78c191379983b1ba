"""axe, and what it has measured: the same structure is not measured twice in a run.

A page is described element by element: tag, roles, states, which attributes are there and whether what they point at is
there, colours, whether there is text (not which), whether something to press is small. An element whose whole subtree
was found good in the same surroundings at the same width is left out of the next measuring; a page on which every
element was found good in its surroundings, with children of the same kinds, is not measured at all. Contrast is
measured when a text stands in colours that were not measured yet. What was found bad is never remembered.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

ROOT = Path(__file__).parents[2]
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
#: a known subtree of fewer elements is cheaper to measure again than to leave out
WORTH_LEAVING_OUT = 4


def describe(page: Page) -> list[Any]:
    """The page element by element, as `_DESCRIBE` says."""
    found: list[Any] = json.loads(page.evaluate(_DESCRIBE))
    return found


def _load(page: Page) -> None:
    """Have axe on the page, by the shortest way: the page's own evaluation reads so long a script three times over."""
    if page.evaluate("'axe' in window"):
        return
    session = page.context.new_cdp_session(page)
    answer = session.send("Runtime.evaluate", {"expression": f"{AXE.read_text('utf-8')}; 0"})
    session.detach()
    assert "exceptionDetails" not in answer, answer


class Measurer:
    """What was measured: `violations(page)` gives what is wrong, as sentences of axe."""

    def __init__(self) -> None:
        self.known: set[str] = set()
        self.colours: set[str] = set()
        self.runs = 0
        self._shared: Path | None = None
        self._read = 0

    def share(self, file: Path) -> None:
        """From now on, what the other test processes of this run found good, found through this file, counts too."""
        self._shared, self._read = file, 0

    def violations(self, page: Page) -> list[str]:
        """Rule, element and what is wrong, for everything on the page that was not found good before."""
        self._hear()
        elements, colours, width = describe(page)
        keys = [f"{width}{key}" for key, *_ in elements]
        single = {f"{width}.{key}" for *_, key in elements}
        in_known_colours = self.colours.issuperset(colours)
        if in_known_colours and self.known.issuperset(single):
            return []
        options: dict[str, Any] = {
            "runOnly": {"type": "tag", "values": WCAG},
            "resultTypes": ["violations"],
            "preload": False,
            "rules": {"color-contrast": {"enabled": not in_known_colours}},
        }
        out = self._left_out(keys, elements)
        _load(page)
        self.runs += 1
        wrong: list[str] = page.evaluate(_RUN, [options, out])
        if not wrong:
            self._tell(single.union(keys) - self.known, set(colours) - self.colours)
        return wrong

    def _tell(self, known: set[str], colours: set[str]) -> None:
        self.known |= known
        self.colours |= colours
        if self._shared is not None:
            line = json.dumps([sorted(known), sorted(colours)]).encode() + b"\n"
            with self._shared.open("ab", buffering=0) as file:  # one write: lines of two processes do not mix
                file.write(line)

    def _hear(self) -> None:
        if self._shared is None or not self._shared.exists():
            return
        with self._shared.open("rb") as file:
            file.seek(self._read)
            whole = file.read().rpartition(b"\n")[0]
        self._read += len(whole) + 1 if whole else 0
        for line in whole.splitlines():
            known, colours = json.loads(line)
            self.known.update(known)
            self.colours.update(colours)

    def _left_out(self, keys: list[str], elements: list[list[Any]]) -> list[int]:
        """The topmost elements that are known, or that stood on this page before, by their numbers."""
        found, covered, here = [], set(), set()
        for number, (key, (_, parent, size, _)) in enumerate(zip(keys, elements, strict=True)):
            if parent in covered:
                covered.add(number)
            elif number and size >= WORTH_LEAVING_OUT and (key in self.known or key in here):
                covered.add(number)
                found.append(number)
            here.add(key)
        return found


#: -> JSON: [key of the subtree, number of the parent, elements in it, key of the element] from the root on; the
#: colours that texts stand in; the width
_DESCRIBE = r"""() => {
  const whole = new Set(['role', 'type', 'class', 'style', 'hidden', 'disabled', 'open', 'tabindex', 'lang', 'dir',
    'autocomplete', 'content', 'colspan', 'rowspan', 'scope', 'contenteditable', 'translate']);
  const pointing = new Set(['for', 'list', 'form', 'headers', 'aria-labelledby', 'aria-describedby', 'aria-controls',
    'aria-owns', 'aria-activedescendant', 'aria-details', 'aria-errormessage', 'aria-flowto']);
  const worded = new Set(['aria-label', 'aria-valuetext', 'aria-valuenow', 'aria-valuemax', 'aria-description']);
  const pressed = 'a, button, input, select, textarea, summary, [tabindex], [role=button], [role=tab], [role=option]';
  const skipped = 'script, link, style, template, noscript, meta:not([name=viewport], [http-equiv])';
  const hash = (text) => {
    let a = 0xdeadbeef, b = 0x41c6ce57;
    for (let i = 0; i < text.length; i += 1) {
      const c = text.charCodeAt(i);
      a = Math.imul(a ^ c, 2654435761);
      b = Math.imul(b ^ c, 1597334677);
    }
    return (a >>> 0).toString(36) + (b >>> 0).toString(36);
  };
  const ids = new Map();
  for (const each of document.querySelectorAll('[id]')) ids.set(each.id, (ids.get(each.id) ?? 0) + 1);
  const target = (id) => {
    const found = id && document.getElementById(id);
    return found ? found.tagName + (found.textContent.trim() ? '+' : '-') : '!';
  };
  const attribute = ({ name, value }) => {
    if (name === 'id') return ids.get(value) > 1 ? 'id!' : 'id';
    if (pointing.has(name)) return `${name}>${value.split(/\s+/).map(target).join()}`;
    if (name === 'href' && value.startsWith('#')) return `href>${target(value.slice(1))}`;
    if (whole.has(name) || (name.startsWith('aria-') && !worded.has(name))) return `${name}=${value}`;
    return name + (value.trim() ? '+' : '-');
  };
  const clear = 'rgba(0, 0, 0, 0)';
  const elements = [], colours = new Set();
  window.measuredElements = [];

  function walk(element, parent, path, ground) {
    const number = elements.length, row = ['', parent, 1, ''];
    elements.push(row);
    window.measuredElements.push(element);
    const style = getComputedStyle(element);
    const text = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    const seen = element.checkVisibility({ visibilityProperty: true });
    const painted = style.backgroundColor === clear && style.opacity === '1' && style.backgroundImage === 'none' ? ground
      : `${ground}/${style.backgroundColor} ${style.opacity} ${style.backgroundImage === 'none' ? '' : 'image'}`;
    let own = `${element.tagName} ${[...element.attributes].map(attribute).sort().join(' ')} ${text} ${seen} ${painted}`;
    if (seen && (text || element.matches('input, select, textarea'))) {
      const off = element.closest(':disabled, [aria-disabled=true]') || element.closest('label')?.control?.disabled
        || (element.id && document.querySelector(`[aria-labelledby~="${CSS.escape(element.id)}"]`)?.matches(':disabled'));
      const ink = `${style.color} ${style.fontSize} ${style.fontWeight} ${painted} ${Boolean(off)} ${style.textShadow}`;
      own += ink;
      colours.add(hash(ink));
    }
    if (element.matches(pressed)) {
      const box = element.getBoundingClientRect();
      own += ` ${box.width < 24} ${box.height < 24} ${style.display} ${style.textDecorationLine}`;
      for (const label of element.labels ?? []) own += label.textContent.trim() ? 'L+' : 'L-';
    }
    if (style.overflowX !== 'visible' || style.overflowY !== 'visible') {
      own += ` ${element.scrollHeight > element.clientHeight + 13} ${element.scrollWidth > element.clientWidth + 13}`;
    }
    own += element.textContent.trim() ? '+' : '-';
    const inside = new Set(), kinds = new Set(), below = hash(`${path} ${own}`);
    for (const child of element.children) {
      if (child.matches(skipped)) continue;
      const [key, size] = walk(child, number, below, painted);
      inside.add(key);
      kinds.add(`${child.tagName} ${child.getAttribute('role')}`);
      row[2] += size;
    }
    row[3] = hash(`${below}<${[...kinds].sort().join()}`);
    row[0] = hash(`${below}(${[...inside].join()})`);
    return [row[0], row[2]];
  }

  walk(document.documentElement, -1, '', '');
  return JSON.stringify([elements, [...colours], innerWidth]);
}"""

_RUN = """([options, out]) => {
  const exclude = out.map((number) => window.measuredElements[number]);
  return axe.run(exclude.length ? { include: [document], exclude } : document, options).then((found) =>
    found.violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.target} ${node.failureSummary}`)));
}"""
