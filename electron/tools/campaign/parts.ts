/** @file Every part of the campaign. */
import { kills } from './kills/kills.ts';
import { power } from './power/power.ts';
import type { Part, PartName } from './part.ts';

export const PARTS: readonly Part[] = [kills, power];

/** What the units of each part are. */
export const UNITS = Object.fromEntries(PARTS.map(({ name, unit }) => [name, unit])) as Record<PartName, string>;
