/** @file German text for what a run moved and forgot. */
import type { Messages } from '../texts.ts';
import { plural } from './words.ts';

export const forgotten: Messages['forgotten'] = {
  title: 'Was vergessen wurde',
  lead: 'Wie weit das Training das Modell von seinem Basismodell entfernt hat, bei dieser Aufgabe und bei Ihren anderen Datensätzen, und wie sich seine Antworten dort geändert haben.',
  caption: 'Richtige Antworten und Abstand vom Basismodell, nach Datensatz und Schritt',
  dataset: 'Datensatz',
  trained: (name) => `${name} (damit trainiert)`,
  step: 'Schritt',
  right: 'Richtig bei Temperatur 1',
  change: (base, tuned, points) => `${base} → ${tuned} (${points})`,
  forward: 'KL(Basis ‖ trainiert)',
  reverse: 'KL(trainiert ‖ Basis)',
  interval: (mean, low, high) => `${mean} (${low} bis ${high})`,
  note: 'Nachsichtig gelesen. KL in Nats je Antwort, mit 95-%-Intervallen über die Fragen. Das erste sagt, wie überraschend die Antworten des Basismodells für das trainierte sind, das zweite umgekehrt. Nahe 0 hat sich nichts bewegt.',
  measure: 'Messen',
  about: (datasets) =>
    `Beide Modelle beantworten je bis zu 100 Fragen aus ${plural(datasets, 'Datensatz', 'Datensätzen')} viermal. Die Messung wartet in der Warteschlange.`,
};
