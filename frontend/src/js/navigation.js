/* On the phone the left navigation is a drawer. Without script the 菜单 link still opens it (#sidenav, :target). */
import { all, one } from './dom.js';

export function startNavigation(root) {
  const nav = one('#sidenav', root);
  const opener = one('[data-nav-open]', root);
  if (!nav || !opener) return;
  const here = one('[aria-current="page"]', nav);
  if (here && nav.scrollHeight > nav.clientHeight) nav.scrollTop = Math.max(0, here.offsetTop - nav.clientHeight / 2);
  const shade = one('.shade', root);
  const behind = all('.topbar, .office-main, .tabbar', root);
  const set = (open) => {
    nav.classList.toggle('is-open', open);
    shade.hidden = !open;
    opener.setAttribute('aria-expanded', String(open));
    for (const part of behind) part.inert = open;
    if (open) (one('[aria-current="page"]', nav) ?? one('a', nav)).focus();
    else opener.focus();
  };
  opener.addEventListener('click', (event) => {
    event.preventDefault();
    set(!nav.classList.contains('is-open'));
  });
  for (const closer of all('[data-nav-close]', root)) {
    closer.addEventListener('click', (event) => {
      event.preventDefault();
      set(false);
    });
  }
  root.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && nav.classList.contains('is-open')) set(false);
  });
}
