/* bpmn-js as this office uses it. `bare` leaves out what needs a person in front of it (for reading and writing back). */
import Modeler from 'bpmn-js/lib/Modeler';
import MinimapModule from 'diagram-js-minimap';
import chinese from './chinese.js';
import keeping from './keeping.js';
import offers from './offers.js';
import simulation from './simulation.js';
import spiffworkflow from './spiffworkflow.js';
import tidy from './tidy.js';

export function modelerIn(container, { bare = false } = {}) {
  return new Modeler({
    container,
    moddleExtensions: { spiffworkflow },
    additionalModules: bare ? [chinese, keeping] : [MinimapModule, simulation, chinese, keeping, offers, tidy],
    zoomScroll: { enabled: !bare },
  });
}

/** Load, save, load and save again: what the conformance tests compare. */
export async function throughTheEditor(xml) {
  const place = document.createElement('div');
  place.className = 'studio-off-stage';
  document.body.append(place);
  const modeler = modelerIn(place, { bare: true });
  try {
    await modeler.importXML(xml);
    const first = (await modeler.saveXML({ format: true })).xml;
    await modeler.importXML(first);
    return [first, (await modeler.saveXML({ format: true })).xml];
  } finally {
    modeler.destroy();
    place.remove();
  }
}
