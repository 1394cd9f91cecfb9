/** @file German text for what checkpoints gained against what they forgot. */
import type { Messages } from '../texts.ts';
import { plural } from './words.ts';

export const tradeOff: Messages['tradeOff'] = {
  title: 'Hier gewonnen, anderswo vergessen',
  lead: 'Jeder Punkt ist ein Checkpoint; jede Linie beginnt beim Basismodell. Weiter oben ist besser bei der trainierten Aufgabe, weiter rechts ist besser bei Ihren anderen Datensätzen.',
  none: 'Noch kein Checkpoint gemessen.',
  mixed: 'Nur Läufe, die denselben Datensatz vom selben Modell aus trainiert haben, lassen sich gemeinsam zeichnen.',
  accuracy: 'Richtig bei der eigenen Aufgabe',
  against: {
    retention: 'Richtig bei anderen Datensätzen',
    forward: 'KL(Basis ‖ trainiert) bei der eigenen Aufgabe, Nats je Antwort',
  },
  chart: {
    retention: 'Gegen das, was anderswo erhalten blieb',
    forward: 'Gegen den Abstand vom Basismodell',
  },
  summary: (name, lines) => `${name}. ${lines}`,
  line: (name, points) => `${name}: ${points}`,
  point: (step, x, y) => `Schritt ${step} bei ${x}, ${y}`,
  caption: 'Checkpoints mit ihren richtigen Antworten, dem Erhaltenen und dem Abstand vom Basismodell',
  run: 'Linie',
  step: 'Schritt',
  base: 'Vor dem Training',
  frontier: 'Pareto-Front',
  onFrontier: 'auf der Pareto-Front',
  runs: (count) => `Mittel aus ${plural(count, 'Lauf', 'Läufen')}`,
  export: 'Exportieren',
  exportOf: (name, step) => `${name} bei Schritt ${step} exportieren`,
  retention: 'Anderswo',
  forward: 'KL(Basis ‖ trainiert)',
  reverse: 'KL(trainiert ‖ Basis)',
  note: 'Antworten bei Temperatur 1, nachsichtig gelesen. Die Balken sind 95-%-Intervalle: über die Läufe oder über die Fragen eines einzelnen Laufs. Auf der Pareto-Front ist kein anderer Checkpoint bei der eigenen Aufgabe und anderswo besser: Wählen Sie einen davon.',
  measure: 'Messen',
  about: (count) =>
    `${plural(count, 'Messung fehlt', 'Messungen fehlen')}: Beide Modelle beantworten für jede bis zu 100 Fragen viermal. Sie warten in der Warteschlange; was fertig ist, bleibt.`,
};
