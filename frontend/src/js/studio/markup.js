/* min-dom for dmn-js: styles that stand in its markup are set by script, because the page's policy refuses them in markup. */
import { domify as read } from 'min-dom';

export * from 'min-dom';

export function domify(html) {
  const made = read(html.replace(/ style="/g, ' data-style="'));
  for (const each of [made, ...(made.querySelectorAll?.('[data-style]') ?? [])]) {
    if (!each.dataset?.style) continue;
    each.style.cssText = each.dataset.style;
    delete each.dataset.style;
  }
  return made;
}
