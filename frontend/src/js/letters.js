/* The look of a letter beside its text: pictures of its pages, drawn again a moment after the person stops typing. */
import { all, csrf, make, one, parse } from './dom.js';

const PAUSE = 700;

class Look {
  constructor(place) {
    this.place = place;
    this.form = document.getElementById(place.dataset.form ?? '');
    this.timer = 0;
    this.turn = 0;
    this.form?.addEventListener('input', () => this.soon());
    this.draw();
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.draw(), PAUSE);
  }

  async draw() {
    const turn = ++this.turn;
    const body = this.form ? new FormData(this.form) : new FormData();
    body.set('csrf_token', csrf());
    let answer;
    try {
      const response = await fetch(this.place.dataset.letterLook, { method: 'POST', body, headers: { Accept: 'application/json' } });
      answer = parse(await response.text());
    } catch {
      answer = { pages: [], message: '网络不通，暂时不能显示版面；文字仍在左边。' };
    }
    if (turn === this.turn) this.show(answer ?? { pages: [], message: '暂时不能显示版面，请打开 PDF 查看。' });
  }

  show({ pages = [], message = '', missing }) {
    const pictures = pages.map((source, n) => make('img', { src: source, alt: `第 ${n + 1} 页`, class: 'letter-page' }));
    this.place.replaceChildren(...(pictures.length ? pictures : [make('p', { class: 'help' }, message)]));
    const list = one('[data-letter-missing]');
    if (!list || !missing) return;
    list.replaceChildren(
      ...missing.map(({ text, url }) => make('li', {}, url ? make('a', { href: url }, text) : text)),
      ...(missing.length ? [] : [make('li', {}, '要件已齐，保存后可以送签。')]),
    );
  }
}

export function startLetters(root) {
  for (const place of all('[data-letter-look]', root)) new Look(place);
}
