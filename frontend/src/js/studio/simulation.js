/*
  走一遍: tokens walk through the drawing. Of the library's parts only those are taken that write no styles and no names into
  markup (the page's policy refuses the first, and names come from uploads); its tokens' counts are our own.
*/
import AnimationModule from 'bpmn-js-token-simulation/lib/animation';
import ContextPadsModule from 'bpmn-js-token-simulation/lib/features/context-pads';
import DisableModelingModule from 'bpmn-js-token-simulation/lib/features/disable-modeling';
import EditorActionsModule from 'bpmn-js-token-simulation/lib/features/editor-actions';
import ElementSupportModule from 'bpmn-js-token-simulation/lib/features/element-support';
import ExclusiveModule from 'bpmn-js-token-simulation/lib/features/exclusive-gateway-settings';
import InclusiveModule from 'bpmn-js-token-simulation/lib/features/inclusive-gateway-settings';
import KeyboardModule from 'bpmn-js-token-simulation/lib/features/keyboard-bindings';
import NeutralModule from 'bpmn-js-token-simulation/lib/features/neutral-element-colors';
import PaletteModule from 'bpmn-js-token-simulation/lib/features/palette';
import PauseModule from 'bpmn-js-token-simulation/lib/features/pause-simulation';
import ResetModule from 'bpmn-js-token-simulation/lib/features/reset-simulation';
import StateModule from 'bpmn-js-token-simulation/lib/features/simulation-state';
import ToggleModule from 'bpmn-js-token-simulation/lib/features/toggle-mode/modeler';
import SimulatorModule from 'bpmn-js-token-simulation/lib/simulator';
import { make } from '../dom.js';

const CHANGED = 'tokenSimulation.simulator.elementChanged';

/** How many tokens stand at a step. */
function Counts(eventBus, overlays, simulator) {
  const shown = new Map();
  eventBus.on(CHANGED, 500, ({ element }) => {
    if (shown.has(element.id)) overlays.remove(shown.get(element.id));
    shown.delete(element.id);
    if (element.waypoints) return;
    const scopes = simulator.findScopes((scope) => !scope.destroyed && scope.children.some((each) => !each.destroyed && each.element === element));
    const count = scopes.reduce((sum, scope) => sum + scope.getTokensByElement(element), 0);
    if (!count) return;
    const html = make('span', { class: 'studio-token' }, String(count));
    shown.set(element.id, overlays.add(element, 'studio-token', { position: { bottom: 10, left: -15 }, html }));
  });
}
Counts.$inject = ['eventBus', 'overlays', 'simulator'];

export default {
  __depends__: [
    SimulatorModule, AnimationModule, ContextPadsModule, StateModule, ElementSupportModule, PauseModule, ResetModule, ExclusiveModule,
    InclusiveModule, NeutralModule, PaletteModule, DisableModelingModule, ToggleModule, EditorActionsModule, KeyboardModule,
  ],
  __init__: ['studioCounts'],
  studioCounts: ['type', Counts],
};
