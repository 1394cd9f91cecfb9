/**
 * @file Compiles a program for native TensorFlow: traces each entry point, writes all of them with the variables
 * into one graph, and opens that graph as a session.
 */
import { setTimeout } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs-core';
import type { DataId } from '@tensorflow/tfjs-core';
import { NF4_BLOCK } from '../../formats/nf4.ts';
import type { NativeBackend } from './native-api.ts';
import { peakBytes, type TracedGraph } from './graph-memory.ts';
import { phantomTensor } from './phantoms.ts';
import { changeNodes } from './changes.ts';
import {
  DT_BFLOAT16,
  DT_FLOAT,
  DT_INT32,
  DT_UINT8,
  doneNode,
  constNode,
  shapeProto,
  type NodeDef,
} from './graph-def.ts';
import { partsOfNf4 } from './own-ops.ts';
import {
  bytesOfVariable,
  checkBytes,
  checkFeed,
  checkValue,
  namedEntries,
  isReadable,
  MOST_WHOLE_BYTES,
  sizeOf,
  wholeValue,
  type DType,
  type Entry,
  type FeedData,
  type FeedsOf,
  type Outputs,
  type Program,
  type ProgramSpec,
  type ReadableBytes,
  type Specs,
  type TensorSpec,
  type Tensors,
  type VariableRole,
  type VariableSpec,
} from './program.ts';
import { openSession, type FedValue, type Session } from './session.ts';
import { Tracer, dtypeNumber } from './tracer.ts';

const BFLOAT16_BYTES = 2;
/** Behind the name of a variable in NF4: the variable with its scales. */
const SCALES = '/scales';
/** TensorFlow's number for uint8; the binding exports no name for it. */
const TF_UINT8 = DT_UINT8;

/**
 * A dimension that the graph leaves open. TensorFlow's optimiser makes a stand-in of the stated shape for everything that is
 * fed: for the weights of a model, as much memory again.
 */
const ANY_SIZE = -1;

/** Fetched once, in a new program. */
const ALL_ZEROS = 'zeros';

const WAIT_MS = 5;

interface TracedEntry extends TracedGraph {
  compiled: CompiledEntry;
}

interface CompiledEntry {
  name: string;
  inputs: Specs;
  outputs: { name: string; node: string }[];
  /** Fetched so that the assignments run. Its value is not used. */
  done: string | null;
}

export async function compileProgram(native: NativeBackend, spec: ProgramSpec): Promise<Program> {
  const nodes: NodeDef[] = Object.entries(spec.variables).flatMap(([name, variable]) => variableNodes(name, variable));
  const entries = new Map<unknown, CompiledEntry>();
  const all = measured.get(spec) ?? traceEntries(native, spec);
  measured.delete(spec);
  for (const { entry, traced } of all) {
    nodes.push(...traced.nodes);
    entries.set(entry, traced.compiled);
  }
  const zeroed = Object.entries(spec.variables).filter(([, variable]) => variable.initial === 'zeros');
  nodes.push(...zeroNodes(zeroed));
  return new CompiledProgram(native, spec, entries, await openSession(native, nodes), zeroed.length > 0);
}

/** The traces of programs whose memory was estimated, for whoever compiles them. */
const measured = new WeakMap<ProgramSpec, Traced[]>();

/** What a program needs, measured on its graphs: nothing is computed, and nothing is allocated. */
export interface ProgramMemory {
  /** Bytes of all variables of a role. */
  variables: Partial<Record<VariableRole, number>>;
  /** Peak bytes of the results of a call, feeds included, for the largest variant of each kind of entry point. */
  calls: Record<string, number>;
  /** Kinds of entry points that compute in blocks: loops of the graph, which fill buffers. */
  looped: readonly string[];
  /** Bytes of the largest variable that is read from a file. */
  largestWeight: number;
  /** Nodes of all graphs. */
  nodes: number;
  /** Nodes of the graphs that may be added later. */
  laterNodes: number;
}

/** Estimates a program's memory without building it. A spec that is compiled afterwards is not traced again. */
export function programMemory(native: NativeBackend, spec: ProgramSpec): ProgramMemory {
  const calls: Record<string, number> = {};
  const looped = new Set<string>();
  let largestWeight = 0;
  let nodes = Object.entries(spec.variables).reduce((sum, [name, each]) => sum + variableNodes(name, each).length, 0);
  let laterNodes = 0;
  const all = traceEntries(native, spec);
  measured.set(spec, all);
  for (const { kind, traced } of all) {
    calls[kind] = Math.max(calls[kind] ?? 0, peakBytes(traced));
    if (traced.heldUntil !== undefined && traced.heldUntil.size > 0) looped.add(kind);
    nodes += traced.nodes.length;
    laterNodes += traced.nodes.length * (spec.later?.[kind] ?? 0);
  }
  const variables: ProgramMemory['variables'] = {};
  for (const { role, shape, dtype } of Object.values(spec.variables)) {
    const bytes = bytesOfVariable({ shape, dtype });
    // The system drops what is mapped, if it must.
    const mapped = native.weightsFolder !== undefined && neverChanges({ dtype });
    if (!mapped) variables[role] = (variables[role] ?? 0) + bytes;
    if (role === 'weight') largestWeight = Math.max(largestWeight, bytesWhileRead(native, { shape, dtype }, bytes));
  }
  return { variables, calls, looped: [...looped], largestWeight, nodes, laterNodes };
}

/** Bytes outside of its variable while a weight is read. One that is kept in NF4 is rounded from float32. */
function bytesWhileRead(
  native: NativeBackend,
  { shape, dtype }: Pick<VariableSpec, 'shape' | 'dtype'>,
  bytes: number,
): number {
  if (dtype === 'nf4') return bytes + 4 * sizeOf(shape);
  const inPieces =
    dtype === 'bfloat16' && native.weightsFolder === undefined && native.sessions?.emptyTensor !== undefined;
  return inPieces ? Math.min(bytes, MOST_WHOLE_BYTES) : bytes;
}

interface Traced {
  kind: string;
  entry: Entry;
  traced: TracedEntry;
}

function traceEntries(native: NativeBackend, spec: ProgramSpec): Traced[] {
  const state = exampleState(native, spec);
  try {
    return namedEntries(spec.entries).map(({ kind, name, entry }) => ({
      kind,
      entry,
      traced: traceEntry(native, name, entry, spec, state),
    }));
  } finally {
    tf.dispose(Object.values(state));
  }
}

/** Tensors that stand for the variables while tracing. Only their shapes matter. */
function exampleState(native: NativeBackend, spec: ProgramSpec): Tensors {
  const state: Tensors = {};
  for (const [name, { shape, dtype }] of Object.entries(spec.variables))
    state[name] = phantomTensor(native, shape, dtype === 'int32' ? dtype : 'float32');
  return state;
}

function traceEntry(native: NativeBackend, name: string, entry: Entry, spec: ProgramSpec, state: Tensors): TracedEntry {
  const stateNames = new Map<DataId, string>(Object.entries(state).map(([key, tensor]) => [tensor.dataId, key]));
  const reads: NodeDef[] = [];
  const tracer = new Tracer(native, name, (dataId) => {
    const variable = stateNames.get(dataId);
    if (variable === undefined) return undefined;
    const node = `${name}/read/${variable}`;
    const dtype = spec.variables[variable]?.dtype ?? 'float32';
    const read = (part: string, type: number): string => {
      const attr = { dtype: { type } };
      reads.push({ name: node + part, op: 'ReadVariableOp', input: [`var/${variable}${part}`], attr });
      return node + part;
    };
    const own = read('', storedType(dtype));
    if (dtype === 'nf4') return { name: own, bfloat16: false, scales: read(SCALES, DT_FLOAT) };
    return { name: own, bfloat16: dtype === 'bfloat16' };
  });
  const ends: NodeDef[] = [];
  const compiled: CompiledEntry = { name, inputs: entry.inputs, outputs: [], done: null };
  const placeholders: NodeDef[] = [];
  const kept: string[] = [];

  tf.tidy(() => {
    const inputs: Tensors = {};
    for (const [key, spec] of Object.entries(entry.inputs)) {
      if (spec === undefined) continue;
      const { shape, dtype } = spec;
      const tensor = phantomTensor(native, shape, dtype);
      const node = `${name}/in/${key}`;
      inputs[key] = tensor;
      tracer.bind(tensor, node);
      placeholders.push(placeholder(node, { shape, dtype }));
    }
    const result = tracer.record(() => entry.run(inputs, state));
    for (const [key, tensor] of Object.entries(result.outputs)) {
      if (tensor === undefined) continue;
      const node = `${name}/out/${key}`;
      kept.push(tracer.nameOf(tensor));
      ends.push({
        name: node,
        op: 'Identity',
        input: [tracer.nameOf(tensor)],
        attr: { T: { type: dtypeNumber(tensor.dtype) } },
      });
      compiled.outputs.push({ name: key, node });
    }
    const changes = changeNodes(name, result, spec, tracer);
    kept.push(...changes.kept);
    if (changes.done !== null) {
      ends.push(...changes.nodes);
      compiled.done = changes.done;
    }
  });
  return {
    nodes: [...placeholders, ...reads, ...tracer.nodes, ...ends],
    compiled,
    bytes: tracer.bytes,
    kept,
    heldUntil: tracer.heldUntil,
  };
}

/** A handle, a way to set it from a feed, and a way to read it. */
function variableNodes(name: string, { shape, dtype }: VariableSpec): NodeDef[] {
  if (dtype === 'nf4') return nf4Nodes(name, shape);
  const type = storedType(dtype);
  return [
    handleNode(name, shape, type),
    ...valueNodes(`set/${name}/value`, { shape: shape.map(() => ANY_SIZE), dtype }),
    assignNode(name, type),
    doneNode(`set/${name}`, [`set/${name}/assign`]),
    { name: `get/${name}`, op: 'ReadVariableOp', input: [`var/${name}`], attr: { dtype: { type } } },
  ];
}

/** The same for a matrix in NF4, which is two variables: codes [out, in / 2] and scales [out, in / 64]. */
function nf4Nodes(name: string, shape: readonly number[]): NodeDef[] {
  const scales = name + SCALES;
  const open = shape.map(() => ANY_SIZE);
  return [
    handleNode(name, codesShape(shape), DT_UINT8),
    handleNode(scales, scalesShape(shape), DT_FLOAT),
    placeholderOf(`set/${name}/value`, open, DT_UINT8),
    placeholderOf(`set/${scales}/value`, open, DT_FLOAT),
    assignNode(name, DT_UINT8),
    assignNode(scales, DT_FLOAT),
    doneNode(`set/${name}`, [`set/${name}/assign`, `set/${scales}/assign`]),
  ];
}

function codesShape(shape: readonly number[]): number[] {
  const [out = 0, input = 0] = shape;
  return [out, input / 2];
}

function scalesShape(shape: readonly number[]): number[] {
  const [out = 0, input = 0] = shape;
  return [out, input / NF4_BLOCK];
}

function handleNode(name: string, shape: readonly number[], type: number): NodeDef {
  const attr = {
    dtype: { type },
    shape: { shape: shapeProto(shape) },
    shared_name: { s: Buffer.from(name) },
    container: { s: Buffer.from('') },
  };
  return { name: `var/${name}`, op: 'VarHandleOp', input: [], attr };
}

function assignNode(name: string, type: number): NodeDef {
  const input = [`var/${name}`, `set/${name}/value`];
  return { name: `set/${name}/assign`, op: 'AssignVariableOp', input, attr: { dtype: { type } } };
}

/**
 * One node after which the given variables are zeros. A session prepares itself for every new set of fetched nodes, so
 * hundreds of variables are filled in one call. `Empty` is a stateful op. `Fill` would not do: TensorFlow merges equal
 * nodes, so two variables of one shape would share memory, and caches are written in place.
 */
function zeroNodes(variables: [string, VariableSpec][]): NodeDef[] {
  if (variables.length === 0) return [];
  const nodes = variables.flatMap(([name, { shape, dtype }]): NodeDef[] => {
    const type = { type: storedType(dtype) };
    const dims = constNode(`zero/${name}/shape`, DT_INT32, [shape.length], Int32Array.from(shape));
    const empty = `zero/${name}/empty`;
    return [
      dims,
      { name: empty, op: 'Empty', input: [dims.name], attr: { dtype: type, init: { b: true } } },
      { name: `zero/${name}`, op: 'AssignVariableOp', input: [`var/${name}`, empty], attr: { dtype: type } },
    ];
  });
  return [
    ...nodes,
    doneNode(
      ALL_ZEROS,
      variables.map(([name]) => `zero/${name}`),
    ),
  ];
}

/**
 * The node that a variable is set from. The binding accepts no bfloat16 arrays, so those come as bytes and are
 * reinterpreted without a copy.
 */
function valueNodes(
  name: string,
  { shape, dtype }: { shape: readonly number[]; dtype: DType | 'bfloat16' },
): NodeDef[] {
  if (dtype !== 'bfloat16') return [placeholder(name, { shape, dtype })];
  const bytes = `${name}/bytes`;
  const types = { T: { type: DT_UINT8 }, type: { type: DT_BFLOAT16 } };
  return [
    placeholderOf(bytes, [...shape, BFLOAT16_BYTES], DT_UINT8),
    { name, op: 'Bitcast', input: [bytes], attr: types },
  ];
}

function placeholder(name: string, { shape, dtype }: TensorSpec): NodeDef {
  return placeholderOf(name, shape, dtypeNumber(dtype));
}

function placeholderOf(name: string, shape: readonly number[], type: number): NodeDef {
  return { name, op: 'Placeholder', input: [], attr: { dtype: { type }, shape: { shape: shapeProto(shape) } } };
}

function storedType(dtype: VariableSpec['dtype']): number {
  if (dtype === 'nf4') return DT_UINT8;
  return dtype === 'bfloat16' ? DT_BFLOAT16 : dtypeNumber(dtype);
}

/** Whether a variable keeps the value that it is set to (program.ts). */
function neverChanges(variable: Pick<VariableSpec, 'dtype'> | undefined): boolean {
  return variable?.dtype === 'bfloat16' || variable?.dtype === 'nf4';
}

/** A value that is fed to a node. */
interface Feed {
  node: string;
  shape: readonly number[];
  type: number;
  data: FeedData | Uint8Array | undefined;
}

/** Where and as what the bytes of a variable in bfloat16 are fed. */
function bytesFeed(name: string, { shape }: Pick<VariableSpec, 'shape'>): Omit<Feed, 'data'> {
  return { node: `set/${name}/value/bytes`, shape: [...shape, BFLOAT16_BYTES], type: TF_UINT8 };
}

class CompiledProgram implements Program {
  private readonly native: NativeBackend;
  private readonly spec: ProgramSpec;
  private readonly entries: Map<unknown, CompiledEntry>;
  private readonly session: Session;
  /** Whether the variables that begin as zeros still have to be filled. */
  private unfilled: boolean;
  readonly extend?: NonNullable<Program['extend']>;

  constructor(
    native: NativeBackend,
    spec: ProgramSpec,
    entries: Map<unknown, CompiledEntry>,
    session: Session,
    hasZeros: boolean,
  ) {
    this.native = native;
    this.spec = spec;
    this.entries = entries;
    this.session = session;
    this.unfilled = hasZeros;
    const { extend } = session;
    if (extend !== undefined) {
      this.extend = (added) => {
        const traced = traceEntries(native, { variables: spec.variables, entries: added });
        extend(traced.flatMap(({ traced: { nodes } }) => nodes));
        for (const { entry, traced: own } of traced) entries.set(entry, own.compiled);
      };
    }
  }

  set(values: Record<string, FeedData | Uint8Array>): void {
    for (const [name, data] of Object.entries(values)) checkValue(name, this.spec.variables[name], data);
    const names = Object.keys(values);
    if (names.length === 0) return;
    const feeds = names.flatMap((name) => this.feedsOf(name, values[name]!));
    this.run(
      feeds,
      names.map((name) => `set/${name}`),
    );
  }

  prepare(soon: readonly Entry[], later: readonly Entry[] = []): void {
    const calls = (this.session.pending === null ? soon : [...soon, ...later]).map((entry) => {
      const compiled = this.compiled(entry);
      return { feeds: inputsOf(compiled).map(([name]) => inputNode(compiled, name)), fetches: fetchesOf(compiled) };
    });
    this.session.prepare(calls);
  }

  /** What is prepared beside JavaScript is waited for: a step computes on all cores, and would take turns with it. */
  async compile(_: readonly Entry[], tell: (done: number, total: number) => void): Promise<void> {
    const left = this.session.pending ?? (() => 0);
    const total = left();
    if (total === 0) return;
    for (let now = total; now > 0; now = left()) {
      tell(total - now, total);
      await setTimeout(WAIT_MS);
    }
    tell(total, total);
  }

  async fill(
    names: readonly string[],
    read: (name: string) => Promise<FeedData | Uint8Array | ReadableBytes>,
    meanwhile?: () => void,
  ): Promise<void> {
    const { session } = this;
    const given: FedValue[] = [];
    const feeds: string[] = [];
    try {
      let next = ahead(names, 0, read);
      meanwhile?.();
      for (const [index, name] of names.entries()) {
        const value = (await next)!;
        if (isReadable(value) && session.giveReadable !== null) {
          const variable = this.spec.variables[name];
          checkBytes(name, variable, value.byteLength);
          const { node, shape, type } = bytesFeed(name, variable);
          given.push(await session.giveReadable(type, shape, value));
          feeds.push(node);
          next = ahead(names, index + 1, read);
          continue;
        }
        const data = await wholeValue(value);
        // The disk works on the next value while this one is copied.
        next = ahead(names, index + 1, read);
        checkValue(name, this.spec.variables[name], data);
        const frozen = neverChanges(this.spec.variables[name]);
        for (const { node, shape, type, data: own } of this.feedsOf(name, data)) {
          given.push(frozen ? session.giveFrozen(type, shape, own!) : session.give(type, shape, own!));
          feeds.push(node);
        }
      }
      // The variables take over these tensors' memory, so nothing is held twice.
      const fetches = [...names.map((name) => `set/${name}`), ...(this.unfilled ? [ALL_ZEROS] : [])];
      if (names.length > 0) session.run({ feeds, fetches }, given);
      if (names.length > 0) this.unfilled = false;
    } finally {
      for (const each of given) session.release(each);
    }
  }

  /** The nodes that a variable is set from, and what each is fed. */
  private feedsOf(name: string, data: FeedData | Uint8Array): Feed[] {
    const { binding } = this.native;
    const { shape = [], dtype } = this.spec.variables[name] ?? {};
    const node = `set/${name}/value`;
    if (dtype === 'nf4') {
      const { codes, scales } = partsOfNf4(data as Uint8Array, sizeOf(shape));
      return [
        { node, shape: codesShape(shape), type: TF_UINT8, data: codes },
        { node: `set/${name}${SCALES}/value`, shape: scalesShape(shape), type: binding.TF_FLOAT, data: scales },
      ];
    }
    if (dtype === 'bfloat16') return [{ ...bytesFeed(name, { shape }), data }];
    return [{ node, shape, type: dtype === 'int32' ? binding.TF_INT32 : binding.TF_FLOAT, data }];
  }

  async get(names: readonly string[]): Promise<Record<string, Float32Array>> {
    if (names.length === 0) return await Promise.resolve({});
    const values = this.run(
      [],
      names.map((name) => `get/${name}`),
    );
    return Object.fromEntries(names.map((name, index) => [name, values[index] as Float32Array]));
  }

  // Asynchronous for its callers' sake: TensorFlow has finished when this returns.
  async call<I extends Specs, O extends string>(entry: Entry<I, O>, feeds: FeedsOf<I>): Promise<Outputs<O>> {
    const compiled = this.compiled(entry);
    const { binding } = this.native;
    const inputs = inputsOf(compiled).map(([name, spec]): Feed => {
      const data = (feeds as Record<string, FeedData | undefined>)[name];
      checkFeed(name, spec, data);
      const type = spec.dtype === 'int32' ? binding.TF_INT32 : binding.TF_FLOAT;
      return { node: inputNode(compiled, name), shape: spec.shape, type, data };
    });
    const values = this.run(inputs, fetchesOf(compiled));
    const outputs: Record<string, FeedData | undefined> = {};
    compiled.outputs.forEach(({ name }, index) => (outputs[name] = values[index]));
    return await Promise.resolve(outputs as Outputs<O>);
  }

  private compiled(entry: unknown): CompiledEntry {
    const compiled = this.entries.get(entry);
    if (compiled === undefined) throw new Error('The entry point belongs to another program.');
    return compiled;
  }

  dispose(): void {
    this.session.close();
  }

  private run(feeds: readonly Feed[], fetches: string[]): FeedData[] {
    if (this.unfilled) this.session.run({ feeds: [], fetches: [ALL_ZEROS] }, []);
    this.unfilled = false;
    const given: FedValue[] = [];
    try {
      for (const { shape, type, data } of feeds) {
        if (data === undefined) throw new Error('A feed is missing.');
        given.push(this.session.give(type, shape, data));
      }
      return this.session.run({ feeds: feeds.map(({ node }) => node), fetches }, given);
    } finally {
      for (const each of given) this.session.release(each);
    }
  }
}

function inputsOf({ inputs }: CompiledEntry): [string, TensorSpec][] {
  return Object.entries(inputs).flatMap(([name, spec]) => (spec === undefined ? [] : [[name, spec]]));
}

/** The node that an input is fed to. */
function inputNode({ name: entry }: CompiledEntry, name: string): string {
  return `${entry}/in/${name}`;
}

function fetchesOf({ outputs, done }: CompiledEntry): string[] {
  const nodes = outputs.map(({ node }) => node);
  return done === null ? nodes : [...nodes, done];
}

/** Begins to read a value, if there is one. A failure is thrown to whoever awaits it. */
function ahead<T>(names: readonly string[], index: number, read: (name: string) => Promise<T>): Promise<T | undefined> {
  const name = names[index];
  const reading = name === undefined ? Promise.resolve(undefined) : read(name);
  reading.catch(() => undefined);
  return reading;
}
