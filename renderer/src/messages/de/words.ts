/** @file German words shared by several screens: names of methods, rewards, schedules and states. */
import type {
  CheckResult,
  KlSchedule,
  Method,
  Progress,
  RunStatus,
  Split,
  Task,
} from '../../../../electron/contract/api/index.ts';
import type * as english from '../en/words.ts';
import { bytesOf } from '../../../../electron/method/byte-size.ts';

/** „1 Bild“, „2.000 Bilder“. */
export function plural(count: number, one: string, many: string): string {
  return `${new Intl.NumberFormat('de').format(count)} ${count === 1 ? one : many}`;
}

/** The word for a name that may be newer than the table; otherwise the name itself. */
export function wordIn(table: Readonly<Record<string, string>>, key: string, otherwise = key): string {
  return table[key] ?? otherwise;
}

export const status: Record<RunStatus, string> = {
  queued: 'Wartet',
  running: 'Läuft',
  completed: 'Abgeschlossen',
  interrupted: 'Unterbrochen',
  failed: 'Fehlgeschlagen',
};

export const method: Record<Method, string> = { sft: 'SFT', grpo: 'GRPO', 'grpo-d': 'GRPO-D' };

export const methodAbout: Record<Method, string> = {
  'grpo-d':
    'Das Modell versucht mehrere Antworten, und das Training verstärkt die besseren. Wie eng es an seinem Ausgangspunkt bleibt, ändert sich während des Laufs.',
  grpo: 'Dasselbe mit gleichbleibendem KL-Gewicht. Der Maßstab für den Vergleich.',
  sft: 'Das Modell ahmt die Referenzantworten nach, ohne Belohnungen und ohne Erkundung.',
};

export const task: Record<Task, string> = { counting: 'Zählen', geometry: 'Geometrie', other: 'Sonstiges' };
export const split: Record<Split, string> = { train: 'Training', test: 'Test' };

type RewardWords = { label: string; about: string };

const reward: Record<keyof typeof english.reward, RewardWords> = {
  accuracy: {
    label: 'Richtige Antwort',
    about: '1, wenn die Antwort in <answer>…</answer> der Referenzantwort entspricht, sonst 0.',
  },
  format: {
    label: 'Antwortformat',
    about: '1, wenn der Text genau aus <think>…</think> und danach <answer>…</answer> besteht, sonst 0.',
  },
  length: {
    label: 'Länge',
    about: '1, wenn der Gedankengang weder zu kurz noch zu lang ist; je weiter daneben, desto weniger.',
  },
  repetition: { label: 'Keine Wiederholung', about: 'Anteil der Wortgruppen, die keine früheren wiederholen.' },
  language: { label: 'Schriftsystem', about: 'Anteil der Buchstaben, die zu einem Schriftsystem gehören.' },
  reasoning: {
    label: 'Gedankengang vorhanden',
    about: '1, wenn der Antwort ein nicht leerer Gedankengang vorausgeht, sonst 0.',
  },
};

/** The words for a reward. Your own rewards (`custom:label`) are shown by label. */
export function rewardWords(key: string): RewardWords {
  const known: Readonly<Record<string, RewardWords>> = reward;
  return known[key] ?? { label: key.replace(/^custom:/, ''), about: '' };
}

export const schedule: Record<KlSchedule['kind'], { label: string; about: string }> = {
  'paper-eq3': {
    label: 'Dynamisch: erkunden, dann halten',
    about: 'Gl. 3 aus OThink-MR1: beginnt in der Mitte, fällt und steigt dann.',
  },
  'eq3-reversed': {
    label: 'Dynamisch: halten, dann erkunden',
    about: 'Gl. 3 rückwärts: dieselben Gewichte in umgekehrter Reihenfolge. Zeigt, ob die Reihenfolge zählt.',
  },
  'paper-text': {
    label: 'Dynamisch: nur steigend',
    about: 'Wie im Text der Veröffentlichung: steigt linear von niedrig nach hoch.',
  },
  'mean-matched': {
    label: 'Konstant, gleicher Mittelwert',
    about: 'Der Mittelwert der dynamischen Kurve, konstant gehalten. Die faire Kontrolle.',
  },
  'target-kl': {
    label: 'Zielabstand',
    about:
      'Steigt, wenn die Antworten weiter abdriften als erlaubt, und fällt, wenn sie näher bleiben. Das Band zeigt den möglichen Bereich.',
  },
  'accuracy-conditioned': {
    label: 'Folgt den richtigen Antworten',
    about: 'Niedrig bei wenigen richtigen Antworten, hoch bei vielen. Das Band zeigt den möglichen Bereich.',
  },
  constant: { label: 'Konstant', about: 'Dasselbe KL-Gewicht in jedem Schritt.' },
  linear: { label: 'Linear', about: 'Ändert sich gleichmäßig vom ersten zum letzten Wert.' },
  cosine: { label: 'Kosinus', about: 'Ändert sich sanft vom ersten zum letzten Wert, entlang eines Kosinus.' },
};

/** What a run or the playground is doing before, between and after its steps. */
export const runPhase: Record<keyof typeof english.runPhase, string> = {
  start: 'Wird vorbereitet',
  load: 'Modell wird geladen',
  'load again': 'Modell wird für die Wahrscheinlichkeiten noch einmal geladen',
  answer: 'Antwortet …',
  'read images': 'Bilder werden gelesen',
  compile: 'Das Rechnen wird vorbereitet',
  'compile programs': 'Programme werden vorbereitet',
  'try the GPU': 'Es wird geprüft, ob die GPU schneller ist',
  'evaluate base': 'Auswertung auf zurückgehaltenen Fragen vor dem Training',
  'evaluate tuned': 'Auswertung auf zurückgehaltenen Fragen nach dem Training',
  'evaluate held-out samples': 'Zurückgehaltene Beispiele werden betrachtet',
  'wait for the run of another Atelier': 'Wartet auf den Lauf eines anderen Atelier',
};

export const outcome: Record<CheckResult['outcome'], string> = {
  pass: 'Bestanden',
  fail: 'Nicht bestanden',
  'cannot-tell': 'Nicht entscheidbar',
};

/** What is going on; with how much of it is done, if that is counted in bytes. */
export function progressWords(
  { phase, done, total, unit }: Progress,
  words: Readonly<Record<string, string>> = runPhase,
): string {
  const named = words[phase] ?? phase;
  if (unit !== 'bytes' || total === undefined) return named;
  return `${named}: ${bytesOf(done, total).replaceAll('.', ',').replace(' of ', ' von ')}`;
}
