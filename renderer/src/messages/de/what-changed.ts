/** @file German text that explains why answers were gained and lost. */
import type { Messages } from '../texts.ts';

export const whatChanged: Messages['whatChanged'] = {
  title: 'Was sich geändert hat',
  strict: 'Streng',
  lenient: 'Nachsichtig',
  before: 'Vorher',
  after: 'Nachher',
  part: 'Teil',
  answers: 'Antworten',
  share: 'Prozentpunkte, 95-%-Intervall',
  meaning: 'Bedeutung',
  together: 'Zusammen',
  togetherMeaning: 'der Unterschied der streng gezählten richtigen Antworten',
  caption: 'Gewonnene und verlorene Antworten nach Grund',
  points: (value) => `${value} Prozentpunkte`,
  passTitle: (k) => `Mindestens eine von k gezogenen Antworten richtig (pass@k, k = 1 bis ${String(k)})`,
  passNote: 'Nachsichtig gelesen, bei Temperatur 1. Die Bänder sind 95-%-Intervalle über die Fragen.',
  k: 'Gezogene Antworten (k)',
  sample: 'Stichproben ziehen',
  sampleAbout: (questions) =>
    `Jedes Modell beantwortet jede von ${String(questions)} Fragen 64-mal, was Minuten dauert. Die Stichproben warten in der Warteschlange.`,
};
