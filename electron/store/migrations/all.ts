/** @file The migrations in order. Never edit a released migration: add a new file at the end instead. */
import { migration001 } from './001-first-light.ts';
import { migration002 } from './002-signals.ts';
import { migration003 } from './003-attribution.ts';
import { migration004 } from './004-queue.ts';
import { migration005 } from './005-curation.ts';
import { migration006 } from './006-held-out.ts';
import { migration007 } from './007-no-opinion.ts';
import { migration008 } from './008-end-code.ts';
import { migration009 } from './009-credits.ts';
import { migration010 } from './010-detail.ts';
import { migration011 } from './011-model-licence.ts';
import { migration012 } from './012-unknown-images.ts';
import { migration013 } from './013-handoffs.ts';
import { migration014 } from './014-lenient-reading.ts';
import { migration015 } from './015-awaited.ts';
import { migration016 } from './016-model-origin.ts';
import { migration017 } from './017-handoff-experiments.ts';
import { migration018 } from './018-result-step.ts';
import { migration019 } from './019-care.ts';
import { migration020 } from './020-losses.ts';
import { migration021 } from './021-labels.ts';
import { migration022 } from './022-answer-metrics.ts';
import { migration023 } from './023-pictures.ts';
import type { Migration } from './migration.ts';

export const MIGRATIONS: readonly Migration[] = [
  migration001,
  migration002,
  migration003,
  migration004,
  migration005,
  migration006,
  migration007,
  migration008,
  migration009,
  migration010,
  migration011,
  migration012,
  migration013,
  migration014,
  migration015,
  migration016,
  migration017,
  migration018,
  migration019,
  migration020,
  migration021,
  migration022,
  migration023,
];
