import { startAutosave } from './autosave.js';
import { startBulk } from './bulk.js';
import { startConditions } from './conditions.js';
import { startConfirm } from './confirm.js';
import { startCounters } from './counters.js';
import { startDates } from './dates.js';
import { startDesk } from './desk.js';
import { startFiles } from './files.js';
import { startGroups } from './groups.js';
import { startGuard } from './guard.js';
import { startLetters } from './letters.js';
import { startLost } from './lost.js';
import { startNavigation } from './navigation.js';
import { startPage } from './page.js';
import { startPhrases } from './phrases.js';
import { startRelated } from './related.js';
import { startShortcuts } from './shortcuts.js';
import { startSite } from './site.js';

document.documentElement.classList.add('js');

// Order matters in one place: the confirm dialog must see a submit before the guard and the autosave do.
for (const start of [
  startLost,
  startPage,
  startNavigation,
  startDates,
  startGroups,
  startConditions,
  startCounters,
  startFiles,
  startConfirm,
  startGuard,
  startAutosave,
  startRelated,
  startShortcuts,
  startLetters,
  startSite,
  startDesk,
  startBulk,
  startPhrases,
]) {
  try {
    start(document);
  } catch (error) {
    console.error(error);
  }
}
