/**
 * @file Goes through a traced entry point in the order in which it was recorded and makes a plan of it. Formulas are computed where
 * they are read, which is later; what reads a buffer that will be written in place is computed at once.
 */
import type { NodeDef } from '../graph-def.ts';
import type { TracedLoop } from '../tracer.ts';
import { dtypeNumber } from '../tracer.ts';
import type { BindingLimits } from './binding-limits.ts';
import { Builder } from './builder.ts';
import { constantValue, readConstant, type Constant } from './constants.ts';
import { adamKernel } from './kernels/adam.ts';
import { countKernel } from './kernels/count.ts';
import { withDirectWrites } from './direct-writes.ts';
import { lowerOp, scalarOf } from './ops.ts';
import type { Plan, Step } from './plan.ts';
import { sideBySide } from './side-by-side.ts';
import type { TracedAdam, TracedCall } from './traced-call.ts';
import { dataInputs } from '../graph-inputs.ts';
import { Readers } from './readers.ts';
import { ALIASES, usesOf, writtenInPlace } from './uses.ts';
import { sizeOf } from '../program.ts';
import { readsOf, type Scalar, type Storage, type Value } from './values.ts';

/** Of TensorFlow's control flow; loops are made from what the tracer says of them. */
const CONTROL = new Set('Enter Exit LoopCond Merge NextIteration Switch'.split(' '));
/** Ops whose result is a buffer that the next op may write into. */
const GIVES_BUFFER = new Set('Empty InplaceAdd InplaceUpdate'.split(' '));
/** What an Adam step binds besides its gradient and its scalars. */
const ADAM_WRITES = 3;
const MOST_BOUND = 8;

/** @param variables where the program keeps them @param together how many threads in a row can hand values to each other */
export function lowerCall(
  traced: TracedCall,
  variables: ReadonlyMap<string, Storage>,
  together: number,
  limits: BindingLimits,
): Plan {
  const plan = new Lowering(traced, variables, new Builder(together, limits)).plan();
  return { ...plan, steps: sideBySide(withDirectWrites(plan.steps, plan.outputs), limits) };
}

class Lowering {
  private readonly builder: Builder;
  private readonly traced: TracedCall;
  private readonly variables: ReadonlyMap<string, Storage>;
  private readonly values = new Map<string, Value>();
  private readonly constants = new Map<string, NodeDef>();
  private readonly parsed = new Map<string, Constant>();
  private readonly uses: ReadonlyMap<string, number>;
  private readonly needed: ReadonlySet<string>;
  private readonly readers: Readers;
  /** By node whose memory it is: the last place in the list where that memory is written. */
  private readonly lastWrite: ReturnType<typeof writtenInPlace>;
  /** Values whose memory may be written by whoever reads them last. */
  private readonly buffers = new Set<string>();

  constructor(traced: TracedCall, variables: ReadonlyMap<string, Storage>, builder: Builder) {
    this.builder = builder;
    this.traced = traced;
    this.variables = variables;
    for (const node of traced.nodes) if (node.op === 'Const') this.constants.set(node.name, node);
    const kept = [
      ...traced.outputs.map(({ node }) => node),
      ...traced.updates.map(({ node }) => node),
      ...adamInputs(traced.adam),
    ];
    ({ uses: this.uses, needed: this.needed } = usesOf(traced, kept));
    this.readers = new Readers(traced, this.needed, this.uses);
    this.lastWrite = writtenInPlace(traced);
  }

  plan(): Plan {
    const { traced, builder } = this;
    const inputs = traced.inputs.map(({ name, node }) => {
      const { shape, type } = this.described(node);
      const storage = builder.storage(sizeOf(shape), type, { kind: 'feed', name });
      this.values.set(node, builder.stored(storage, shape));
      return { name, storage };
    });
    for (const { name, node } of traced.variables)
      this.values.set(node, builder.stored(this.variable(name), this.described(node).shape));
    this.walk(0, traced.nodes.length);
    const outputs = traced.outputs.map(({ name, node }) => ({ name, storage: this.ownStorage(this.value(node)) }));
    this.change();
    return { steps: builder.steps, inputs, outputs };
  }

  private walk(start: number, end: number): void {
    const { nodes } = this.traced;
    for (let place = start; place < end; place++) {
      const loop = this.traced.loops.find((each) => each.start === place && each.end <= end && !this.open.has(each));
      if (loop !== undefined) {
        if (loop.exits.some((name) => this.needed.has(name))) this.loop(loop);
        place = loop.end - 1;
        continue;
      }
      const node = nodes[place];
      if (node !== undefined && this.needed.has(node.name)) this.node(node, place);
    }
  }

  /** Loops whose body is being gone through. */
  private readonly open = new Set<TracedLoop>();

  private node(node: NodeDef, place: number): void {
    const { op, name } = node;
    if (op === 'Const' || this.values.has(name)) return;
    if (op === 'Enter') {
      if (node.attr['is_constant']?.b === true) this.alias(name, node.input[0] ?? '');
      return;
    }
    if (CONTROL.has(op) || /\/condition\/less$|\/counted$/.test(name)) return;
    const names = dataInputs(node);
    const results = lowerOp({
      node,
      inputs: names.map((each) => this.value(each)),
      constant: (at) => this.numbers(names[at] ?? ''),
      outputs: this.outputsOf(name),
      builder: this.builder,
      ownBuffer: () => this.ownBuffer(names[0] ?? ''),
    });
    if (GIVES_BUFFER.has(op)) this.buffers.add(name);
    const early = !ALIASES.has(op) && names.some((each) => this.lastWrite(each) > place);
    results.forEach((value, at) => {
      const own = at === 0 ? name : `${name}:${at}`;
      if (early) this.builder.written(value);
      else if ((this.uses.get(own) ?? 0) > 1 && !this.readers.meet(own)) this.builder.settle(value);
      this.values.set(own, value);
    });
  }

  private alias(name: string, of: string): void {
    if (this.constants.has(of)) {
      this.constants.set(name, this.constants.get(of) as NodeDef);
      return;
    }
    this.values.set(name, this.value(of));
  }

  private loop(loop: TracedLoop): void {
    const { builder } = this;
    const { nodes } = this.traced;
    // What every iteration reads is computed once, before.
    for (const node of nodes.slice(loop.start, loop.end)) {
      const outer = node.input[0] ?? '';
      if (node.op === 'Enter' && node.attr['is_constant']?.b === true && this.values.has(outer))
        builder.settle(this.value(outer));
    }
    const carried = loop.initial.map((name, at) => {
      if (at === 0) return this.counter();
      return this.isCarried(loop, at) ? this.carriedBuffer(name) : null;
    });
    loop.values.forEach((name, at) => {
      if (carried[at] === null) return;
      const shape = at === 0 ? [] : this.described(name).shape;
      this.values.set(name, builder.stored(carried[at] as Storage, shape));
      this.buffers.add(name);
    });
    const outside = builder.steps;
    const body: Step[] = [];
    builder.steps = body;
    this.open.add(loop);
    this.walk(loop.start, loop.end);
    this.open.delete(loop);
    this.carryOver(loop, carried);
    builder.add(countKernel(carried[0] as Storage));
    builder.steps = outside;
    builder.steps.push({ kind: 'loop', count: loop.count, body });
    loop.exits.forEach((name, at) => {
      if (carried[at + 1] === null) return;
      this.values.set(name, builder.stored(carried[at + 1] as Storage, this.described(name).shape));
      this.buffers.add(name);
    });
  }

  /** Whether anything reads what is carried at this place. */
  private isCarried({ values, exits }: TracedLoop, at: number): boolean {
    return this.needed.has(values[at] ?? '') || this.needed.has(exits[at - 1] ?? '');
  }

  private counter(): Storage {
    const storage = this.builder.storage(1, 'i32');
    this.builder.write(this.builder.filled([], 'i32', 0), storage);
    return storage;
  }

  /** The buffer of a carried value: that of the initial value if nothing else reads it. */
  private carriedBuffer(name: string): Storage {
    const value = this.value(name);
    if (this.buffers.has(name) && this.uses.get(name) === 1 && value.form.kind === 'stored') return value.form.storage;
    return this.copied(value);
  }

  /** What an iteration leaves for the next; all of it is computed before any of it is put in place. */
  private carryOver(loop: TracedLoop, carried: readonly (Storage | null)[]): void {
    const { builder } = this;
    const moves = loop.results.slice(1).flatMap((name, at) => {
      const to = carried[at + 1] ?? null;
      if (to === null) return [];
      const value = this.value(name);
      if (value.form.kind === 'stored' && value.form.storage === to) return [];
      const from = builder.written(value);
      return [{ from: from.packed !== null || carried.includes(from) ? this.copied(value) : from, to }];
    });
    for (const { from, to } of moves) builder.steps.push({ kind: 'copy', from, to });
  }

  private copied(value: Value): Storage {
    const storage = this.builder.storage(sizeOf(value.shape), value.type);
    // What is packed is unpacked on the way.
    if (value.form.kind === 'stored' && value.form.storage.packed === null)
      this.builder.steps.push({ kind: 'copy', from: value.form.storage, to: storage });
    else this.builder.write(value, storage);
    return storage;
  }

  /** A buffer that an op may write into. */
  private ownBuffer(name: string): Storage {
    const value = this.value(name);
    const { form } = value;
    if (form.kind !== 'stored') return this.copied(value);
    const { kind } = form.storage.place;
    const own = kind === 'variable' || (kind === 'work' && (this.buffers.has(name) || this.uses.get(name) === 1));
    return own ? form.storage : this.copied(value);
  }

  /** Where a value is kept that must not change any more. */
  private ownStorage(value: Value): Storage {
    const storage = this.builder.written(value);
    return storage.place.kind === 'variable' ? this.copied(value) : storage;
  }

  /** New values of variables, and the optimiser's step: every value is computed before any variable changes. */
  private change(): void {
    const { builder, traced } = this;
    const moves = traced.updates.flatMap(({ variable, node }) => {
      const value = this.value(node);
      const to = this.variable(variable);
      if (to.packed !== null) throw new Error(`${variable} is kept in ${to.packed} and cannot change.`);
      if (value.form.kind === 'stored' && value.form.storage === to) return [];
      return [{ from: this.ownStorage(value), to }];
    });
    if (traced.adam !== null) this.adam(traced.adam);
    for (const { from, to } of moves) builder.steps.push({ kind: 'copy', from, to });
  }

  private adam({ slots, ...names }: TracedAdam): void {
    const scalar = (name: string): Value => this.unchanging(this.value(name), 1);
    const [rate, beta1, beta2, epsilon] = [names.rate, names.beta1, names.beta2, names.epsilon].map(scalar) as [
      Value,
      Value,
      Value,
      Value,
    ];
    const calls = slots.map((slot) => {
      const decay = slot.decay === null ? null : scalar(slot.decay);
      const scalars = new Set<Storage>();
      for (const each of [rate, beta1, beta2, epsilon, ...(decay === null ? [] : [decay])]) readsOf(each, scalars);
      const room = MOST_BOUND - ADAM_WRITES - scalars.size;
      const [parameter, mean, square] = [slot.parameter, slot.mean, slot.square].map((name) => this.variable(name)) as [
        Storage,
        Storage,
        Storage,
      ];
      return { parameter, mean, square, gradient: this.unchanging(this.value(slot.gradient), room), decay };
    });
    for (const call of calls) this.builder.add(adamKernel({ ...call, rate, beta1, beta2, epsilon }));
  }

  /** A value whose formula reads no variable, and so stays what it is while variables change. */
  private unchanging(value: Value, reads: number): Value {
    const changes = [...readsOf(value)].some(({ place }) => place.kind === 'variable');
    if (!changes) return this.builder.readable(value, { cost: 8, reads });
    const storage = this.ownStorage(value);
    return this.builder.stored(storage, value.shape);
  }

  private value(name: string): Value {
    const known = this.values.get(name);
    if (known !== undefined) return known;
    const constant = this.constantOf(name);
    if (constant === null) throw new Error(`${name} is read before it is computed.`);
    const value = constantValue(this.builder, constant);
    this.values.set(name, value);
    return value;
  }

  private constantOf(name: string): Constant | null {
    const node = this.constants.get(name);
    if (node === undefined) return null;
    const parsed = this.parsed.get(node.name) ?? readConstant(node);
    this.parsed.set(node.name, parsed);
    return parsed;
  }

  private numbers(name: string): readonly number[] | null {
    const constant = this.constantOf(name);
    return constant === null ? null : Array.from(constant.data);
  }

  private variable(name: string): Storage {
    const storage = this.variables.get(name);
    if (storage === undefined) throw new Error(`The program has no variable named ${name}.`);
    return storage;
  }

  private described(name: string): { shape: readonly number[]; type: Scalar } {
    const found = this.traced.described.get(name);
    if (found === undefined) throw new Error(`Nothing is known of ${name}.`);
    return { shape: found.shape, type: scalarOf(dtypeNumber(found.dtype)) };
  }

  private outputsOf(name: string): { shape: readonly number[]; type: Scalar }[] {
    const outputs = [this.described(name)];
    while (this.traced.described.has(`${name}:${outputs.length}`))
      outputs.push(this.described(`${name}:${outputs.length}`));
    return outputs;
  }
}

function adamInputs(adam: TracedAdam | null): string[] {
  if (adam === null) return [];
  const slots = adam.slots.flatMap(({ gradient, decay }) => [gradient, ...(decay === null ? [] : [decay])]);
  return [adam.rate, adam.beta1, adam.beta2, adam.epsilon, ...slots];
}
