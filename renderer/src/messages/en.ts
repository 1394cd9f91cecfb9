/** @file All text on the page, in plain English. Each screen has its own file in en/. */
import { about, commands, dropping, help, tour } from './en/app.ts';
import { compare } from './en/compare.ts';
import { dataset, datasets } from './en/datasets.ts';
import { elsewhere } from './en/elsewhere.ts';
import { evaluation } from './en/evaluation.ts';
import { exam } from './en/exam.ts';
import { exporting } from './en/export.ts';
import { common, connection, errors, nav, palette, stages } from './en/frame.ts';
import { home } from './en/home.ts';
import { importing } from './en/import.ts';
import { labels } from './en/labels.ts';
import { ledger } from './en/ledger.ts';
import { licences } from './en/licences.ts';
import { models } from './en/models.ts';
import { playground } from './en/playground.ts';
import { receipt } from './en/receipt.ts';
import { report } from './en/report.ts';
import { rewards } from './en/rewards.ts';
import { run, runs, samples } from './en/runs.ts';
import { settings } from './en/settings.ts';
import { detail } from './en/detail.ts';
import { train } from './en/train.ts';
import { forgotten } from './en/forgotten.ts';
import { tradeOff } from './en/trade-off.ts';
import { whatChanged } from './en/what-changed.ts';
import { verify } from './en/verify.ts';
import { why } from './en/why.ts';

export const messages = {
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
} as const;

export type Messages = typeof messages;
