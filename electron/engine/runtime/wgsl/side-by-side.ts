/**
 * @file Kernels that do not need each other become one: its first workgroups do the work of the first, the next that of the second, and so on.
 * A GPU then starts fewer shaders, and small ones fill it together. Every kernel computes what it did alone, bit for bit.
 */
import type { BindingLimits } from './binding-limits.ts';
import { bindingsOf, storagesOf } from './buffers.ts';
import { codeOf, mainLines } from './kernels/shader.ts';
import { groupText, spread, type Kernel, type Step } from './plan.ts';
import { bindingsFor, bytesOf, type Storage } from './values.ts';
import { Writer } from './writer.ts';

/** Every GPU has so many bytes that a workgroup shares. */
const MOST_SHARED = 16 * 1024;
/**
 * Kernels of different kinds share a shader only if they are small: all its threads get the registers of the greediest, which costs a large kernel
 * more than a start.
 */
const SMALL_BYTES = 2 * 1024 ** 2;
/** So many steps earlier a kernel may move: what it writes takes memory from there on. */
const REACH = 48;

/** What stands at a place of the new list. */
type Slot = Exclude<Step, { kind: 'kernel' }> | { kind: 'kernels'; kernels: Kernel[] };

export function sideBySide(steps: readonly Step[], limits: BindingLimits): Step[] {
  const slots: Slot[] = [];
  const written = new Map<Storage, number>();
  const read = new Map<Storage, number>();
  for (const step of steps) {
    const { reads, writes } = touchedBy(step);
    const after = Math.max(
      -1,
      ...[...reads, ...writes].map((storage) => written.get(storage) ?? -1),
      ...[...writes].map((storage) => read.get(storage) ?? -1),
    );
    const place = step.kind === 'kernel' ? placeFor(step.kernel, slots, after, limits) : slots.length;
    const slot = slots[place];
    if (step.kind === 'loop') slots.push({ ...step, body: sideBySide(step.body, limits) });
    else if (step.kind !== 'kernel') slots.push(step);
    else if (slot?.kind === 'kernels') slot.kernels.push(step.kernel);
    else slots.push({ kind: 'kernels', kernels: [step.kernel] });
    for (const storage of reads) read.set(storage, Math.max(place, read.get(storage) ?? -1));
    for (const storage of writes) written.set(storage, place);
  }
  return slots.map((slot) => (slot.kind === 'kernels' ? { kind: 'kernel', kernel: joined(slot.kernels) } : slot));
}

function touchedBy(step: Step, found = { reads: new Set<Storage>(), writes: new Set<Storage>() }): typeof found {
  if (step.kind === 'loop') for (const each of step.body) touchedBy(each, found);
  else {
    const writes = step.kind === 'kernel' ? step.kernel.writes : storagesOf(step).slice(-1);
    for (const storage of writes) found.writes.add(storage);
    for (const storage of storagesOf(step)) if (!writes.includes(storage)) found.reads.add(storage);
  }
  return found;
}

/** The first kernels behind `after` that it can stand beside: those with the same shader, or else any. The list's length = none. */
function placeFor(kernel: Kernel, slots: readonly Slot[], after: number, limits: BindingLimits): number {
  const first = Math.max(after + 1, slots.length - REACH);
  const fitting = slots
    .slice(first)
    .flatMap((slot, at) => (slot.kind === 'kernels' && fits(kernel, slot.kernels, limits) ? [{ slot, at }] : []));
  const [best] = [...fitting.filter(({ slot }) => slot.kernels.some(({ code }) => code === kernel.code)), ...fitting];
  return best === undefined ? slots.length : first + best.at;
}

function fits(kernel: Kernel, kernels: readonly Kernel[], limits: BindingLimits): boolean {
  const all = [...kernels, kernel];
  const alike = all.every(({ label }) => label === kernel.label);
  return (
    all.every(({ source }) => source.threads === kernel.source.threads) &&
    (alike || all.every((each) => bytesBound(each) <= SMALL_BYTES)) &&
    bindingsFor(new Set(all.flatMap((each) => bindingsOf(each)))) <= limits.buffers &&
    [...sharedOf(all).values()].reduce((sum, { type, count }) => sum + count * (type === 'vec4f' ? 16 : 4), 0) <=
      MOST_SHARED
  );
}

function bytesBound(kernel: Kernel): number {
  return bindingsOf(kernel).reduce((sum, storage) => sum + bytesOf(storage), 0);
}

const SHARED = /^var<workgroup> (\w+): array<(\w+), (\d+)>;$/;

/** Memory that a workgroup of any of them shares: no workgroup does the work of two, so equal names share it too. */
function sharedOf(kernels: readonly Kernel[]): Map<string, { name: string; type: string; count: number }> {
  const found = new Map<string, { name: string; type: string; count: number }>();
  for (const { source } of kernels)
    for (const declared of source.shared) {
      const [, name = '', type = '', count = '0'] = SHARED.exec(declared) ?? [];
      if (name === '') throw new Error(`Shared memory is declared as ${declared}`);
      const key = `${name} ${type}`;
      found.set(key, { name, type, count: Math.max(Number(count), found.get(key)?.count ?? 0) });
    }
  return found;
}

function joined(kernels: readonly Kernel[]): Kernel {
  const [first] = kernels;
  if (first === undefined) throw new Error('There is no kernel.');
  if (kernels.length === 1) return first;
  const writes = [...new Set(kernels.flatMap((kernel) => kernel.writes))];
  const writer = new Writer(writes);
  const counts = kernels.map(({ groups: [x, y, z] }) => x * y * z);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const shared = sharedOf(kernels);
  const parts = kernels.flatMap((kernel, at) => [
    `fn part${at}(group: vec3u, local: u32) {`,
    ...renamed(kernel, writer),
    '}',
  ]);
  let start = 0;
  const choices = kernels.flatMap(({ groups: [x, y] }, at) => {
    const own = start === 0 ? 'number' : `(number - ${start}u)`;
    start += counts[at] ?? 0;
    return [
      `${at === 0 ? '' : 'else '}if (number < ${start}u) {`,
      `part${at}(vec3u(${own} % ${x}u, (${own} / ${x}u) % ${y}u, ${own} / ${x * y}u), local);`,
      '}',
    ];
  });
  const { threads } = first.source;
  const body = [`let number: u32 = ${groupText(total)};`, ...choices];
  const sharedLines = [...shared.entries()].map(
    ([key, { type, count }]) => `var<workgroup> ${sharedName(key)}: array<${type}, ${count}>;`,
  );
  const functions = [...parts, ...mainLines(threads), ...body, '}'];
  const operations = kernels.reduce((sum, kernel) => sum + (kernel.operations ?? 0), 0);
  return {
    code: codeOf({ declared: writer.declarations(), shared: sharedLines, functions }),
    label: [...new Set(kernels.map(({ label }) => label))].sort().join(' + '),
    groups: spread(total),
    writes,
    reads: writer.reads(),
    source: { threads, shared: sharedLines, body },
    ...(operations === 0 ? {} : { operations }),
  };
}

function sharedName(key: string): string {
  return `shared_${key.replace(' ', '_')}`;
}

/** A kernel's lines with the names that its buffers and its shared memory have in `writer`. */
function renamed({ source, writes, reads }: Kernel, writer: Writer): string[] {
  const names = new Map([
    ...writes.map((storage, at): [string, string] => [`o${at}`, writer.nameOf(storage)]),
    ...reads.map((storage, at): [string, string] => [`b${at}`, writer.nameOf(storage)]),
    ...source.shared.map((declared): [string, string] => {
      const [, name = '', type = ''] = SHARED.exec(declared) ?? [];
      return [name, sharedName(`${name} ${type}`)];
    }),
  ]);
  return source.body.map((line) =>
    line.replace(/\b(load_)?([A-Za-z]\w*)\b/g, (whole: string, load: string | undefined, name: string) => {
      const own = names.get(name);
      return own === undefined ? whole : `${load ?? ''}${own}`;
    }),
  );
}
