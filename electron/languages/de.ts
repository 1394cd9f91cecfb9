/** @file What the studio says, in German: one file for each part of it. */
import { datasets } from './de/datasets.ts';
import { engine } from './de/engine.ts';
import { evaluations } from './de/evaluations.ts';
import { exports } from './de/exports.ts';
import { formats } from './de/formats.ts';
import { handoff } from './de/handoff.ts';
import { imports } from './de/import.ts';
import { ledger } from './de/ledger.ts';
import { models } from './de/models.ts';
import { recipes } from './de/recipes.ts';
import { rewards } from './de/rewards.ts';
import { runs } from './de/runs.ts';
import { signals } from './de/signals.ts';
import { store } from './de/store.ts';
import { system } from './de/system.ts';
import { tables } from './de/tables.ts';
import { verify } from './de/verify.ts';
import { words } from './de/words.ts';
import type { Catalogue } from './template-index.ts';

/** English template → German. A template has numbered holes; `docs/german.md` says how they are filled. */
export const GERMAN: Catalogue = {
  ...datasets,
  ...engine,
  ...evaluations,
  ...exports,
  ...formats,
  ...handoff,
  ...imports,
  ...ledger,
  ...models,
  ...recipes,
  ...rewards,
  ...runs,
  ...signals,
  ...store,
  ...system,
  ...tables,
  ...verify,
  ...words,
};
