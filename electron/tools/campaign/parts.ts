/** @file Every part of the campaign. */
import { faults } from './faults/faults.ts';
import { fuzz, guided } from './fuzz/fuzz.ts';
import { kills } from './kills/kills.ts';
import { power } from './power/power.ts';
import { soak } from './soak/soak.ts';
import { offline } from './offline/offline.ts';
import type { Part, PartName } from './part.ts';

export const PARTS: readonly Part[] = [kills, power, fuzz, guided, faults, offline, soak];

/** What the units of each part are. */
export const UNITS = Object.fromEntries(PARTS.map(({ name, unit }) => [name, unit])) as Record<PartName, string>;
