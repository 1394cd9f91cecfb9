/** @file What every work that is killed has in common: the kill itself, and what must hold after it. */
import { readdirSync } from 'node:fs';
import type { Random } from '../../../starter/random.ts';
import { checkFolder } from '../check-folder.ts';
import { kill, markedChild, remaining } from '../processes.ts';
import type { Started, Workplace } from '../workplace.ts';
import type { Calm } from './work.ts';

/** Children notice the end of their parent, and end; one in a native call first has to finish it. */
const CHILDREN_END_MS = 20_000;

/** Problems of one trial, and the kills it took. */
export interface Findings {
  kills: number;
  problems: string[];
}

export interface Setting {
  place: Workplace;
  calm: Calm;
  random: Random;
  found: Findings;
}

export const passed = (ms: number): Promise<false> => new Promise((resolve) => setTimeout(resolve, ms, false));

/**
 * Kills after a random share of the time that the work takes. Counts only if the program was still at work.
 * @param child the name of the child's file if a child is to be killed, such as `engine.js`; the program itself goes if
 *   there is no such child
 */
export async function killWithin(
  { place, random, found }: Setting,
  started: Started,
  ms: number,
  child?: string,
): Promise<void> {
  const early = await Promise.race([started.ended.then(() => true), passed(random.range(0, 1.1) * ms)]);
  const pid = (child === undefined ? undefined : markedChild(place.folder, child)) ?? started.pid;
  if (!early && kill(pid, 'SIGKILL')) found.kills += 1;
  await started.ended;
  found.problems.push(...(await noneRemains(place)));
}

export async function noneRemains(place: Workplace): Promise<string[]> {
  const left = await remaining(place.folder, CHILDREN_END_MS);
  return left.map(({ command }) => `A process stayed behind: ${command}.`);
}

/** Starts Atelier once, which marks and clears what dead processes left, and examines its data folder. */
export async function startsAgain({ place, found }: Setting): Promise<void> {
  const { status, err } = await place.run('runs');
  if (status !== 0) found.problems.push(`Atelier does not start again: ${err.slice(-500)}`);
  found.problems.push(...(await checkFolder(place.home, place.tmp)));
}

export function noStrays({ place, found }: Setting, beside: string, isStray: (name: string) => boolean): void {
  const strays = readdirSync(place.work).filter(isStray);
  if (strays.length > 0) found.problems.push(`Stray files beside the ${beside}: ${strays.join(', ')}.`);
}
