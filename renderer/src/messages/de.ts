/** @file All text on the page in German. Each screen has its own file in de/, as in en/. */
import { about, commands, dropping, help, tour } from './de/app.ts';
import { compare } from './de/compare.ts';
import { dataset, datasets } from './de/datasets.ts';
import { elsewhere } from './de/elsewhere.ts';
import { evaluation } from './de/evaluation.ts';
import { exam } from './de/exam.ts';
import { exporting } from './de/export.ts';
import { common, connection, errors, nav, palette, stages } from './de/frame.ts';
import { home } from './de/home.ts';
import { importing } from './de/import.ts';
import { labels } from './de/labels.ts';
import { ledger } from './de/ledger.ts';
import { licences } from './de/licences.ts';
import { models } from './de/models.ts';
import { playground } from './de/playground.ts';
import { receipt } from './de/receipt.ts';
import { report } from './de/report.ts';
import { rewards } from './de/rewards.ts';
import { run, runs, samples } from './de/runs.ts';
import { settings } from './de/settings.ts';
import { detail } from './de/detail.ts';
import { train } from './de/train.ts';
import { forgotten } from './de/forgotten.ts';
import { tradeOff } from './de/trade-off.ts';
import { whatChanged } from './de/what-changed.ts';
import { verify } from './de/verify.ts';
import { why } from './de/why.ts';
import type { Messages } from './texts.ts';

export const de: Messages = {
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
  datasets,
  dataset,
  detail,
  import: importing,
  labels,
  ledger,
  licences,
  rewards,
  models,
  train,
  elsewhere,
  runs,
  run,
  samples,
  compare,
  evaluation,
  forgotten,
  tradeOff,
  whatChanged,
  exam,
  playground,
  why,
  export: exporting,
  receipt,
  report,
  verify,
  settings,
};
