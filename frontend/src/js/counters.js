import { all, one } from './dom.js';

/** 「12 / 500 字」 under a text; areas grow with what is written. */
export function startCounters(root) {
  for (const area of all('textarea', root)) {
    const place = area.dataset.counter ? one(`#${CSS.escape(area.dataset.counter)}`, root) : null;
    const most = Number(area.dataset.most || 0);
    const update = () => {
      if (place) {
        const length = Array.from(area.value).length;
        place.textContent = `${length} / ${most} 字`;
        place.classList.toggle('is-over', length > most);
      }
      if (area.clientHeight && area.scrollHeight > area.clientHeight + 4) {
        area.style.height = `${Math.min(area.scrollHeight + 4, 640)}px`;
      }
    };
    area.addEventListener('input', update);
    area.form?.addEventListener('gongkai:restored', update);
    update();
  }
}
