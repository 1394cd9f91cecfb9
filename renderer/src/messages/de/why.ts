/** @file German text about where a model looked. */
import type { Messages } from '../texts.ts';
import { plural } from './words.ts';

export const why: Messages['why'] = {
  title: 'Wohin es blickte',
  open: 'Zeigen, wohin es blickte',
  again: 'Noch einmal zeigen',
  asking: 'Wird ermittelt …',
  close: 'Ausblenden',
  whole: 'Die ganze Antwort',
  token: (text) => (text === '' ? 'Dieses Token' : `Das Token „${text}“`),
  showWhole: 'Die ganze Antwort zeigen',
  shares: 'Worauf die Aufmerksamkeit lag',
  onPicture: (count) => (count === 1 ? 'Bild' : 'Bilder'),
  onPrompt: 'Wörter des Prompts',
  onAnswer: 'Bisherige Antwort',
  layers: 'Schichten',
  allLayers: (layers) => `Alle ${layers}`,
  band: (first, last) => (first === last ? `${first}` : `${first}–${last}`),
  mostAt: (row, rows, column, columns) => `Am meisten in Zeile ${row} von ${rows}, Spalte ${column} von ${columns}`,
  meaning: 'Aufmerksamkeit, keine Erklärung: was gelesen wurde, gemittelt über alle Köpfe.',
  omitted: (shown, omitted) =>
    `Die ersten ${plural(shown, 'Token', 'Token')}; ${plural(omitted, 'späteres fehlt', 'spätere fehlen')}.`,
  noPicture: 'Fragen Sie zu einem Bild, um zu sehen, wohin es blickte.',
  left: 'Erstes',
  right: 'Zweites',
  beforeTraining: 'Vor dem Training',
  step: (step) => `Schritt ${step}`,
  overSteps: 'Über die Trainingsschritte',
  lead: 'Dieselbe Frage an zwei Checkpoints. Wählen Sie ein Token, um ihm zu folgen.',
  answering: 'Antwortet …',
  given: 'Die aufgezeichnete Antwort',
  fresh: 'Neu beantwortet, greedy',
  nearest: (step) => `Gelesen vom Checkpoint aus Schritt ${step}, dem nächsten.`,
  byBase: 'Gelesen vom Basismodell: So früh gibt es keinen Checkpoint.',
};
