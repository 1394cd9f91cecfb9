/** @file All text on the page in German. Each screen has its own file in de/, as in en/. */
import { about, commands, dropping, help, tour } from './de/app.ts';
import { common, connection, errors, nav, palette, stages } from './de/frame.ts';
import { home } from './de/home.ts';
import { settings } from './de/settings.ts';
import { messages as en } from './en.ts';
import type { Area, Messages } from './texts.ts';

/** Areas that are not translated yet, and are shown in English. */
export const waiting = [
  'datasets',
  'dataset',
  'detail',
  'import',
  'ledger',
  'licences',
  'rewards',
  'models',
  'train',
  'elsewhere',
  'runs',
  'run',
  'samples',
  'compare',
  'evaluation',
  'forgotten',
  'tradeOff',
  'whatChanged',
  'exam',
  'playground',
  'export',
  'receipt',
  'report',
  'verify',
] as const satisfies readonly Area[];

type Waiting = (typeof waiting)[number];

const translated: Omit<Messages, Waiting> = {
  appName: 'Atelier',
  nav,
  stages,
  common,
  errors,
  palette,
  connection,
  tour,
  about,
  help,
  dropping,
  commands,
  home,
  settings,
};

const inEnglish = Object.fromEntries(waiting.map((area) => [area, en[area]])) as unknown as Pick<Messages, Waiting>;

export const de: Messages = { ...translated, ...inEnglish };
