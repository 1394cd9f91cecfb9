/**
 * @file Compiles a program for native TensorFlow: traces each entry point, writes all of them with the variables
 * into one graph, and opens that graph as a session.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { DataId, Tensor } from '@tensorflow/tfjs-core';
import type { NativeBackend } from './backend.ts';
import { phantomTensor } from './phantoms.ts';
import { shapeProto, writeSavedModel, type NodeDef } from './graph-def.ts';
import {
  checkFeed,
  type Entry,
  type FeedData,
  type Program,
  type ProgramSpec,
  type TensorSpec,
  type Tensors,
} from './program.ts';
import { Tracer, dtypeNumber } from './tracer.ts';

interface CompiledEntry {
  inputs: Record<string, TensorSpec>;
  outputs: { name: string; node: string }[];
  /** Fetched so that the assignments run; its value is not used. */
  done: string | null;
}

export async function compileProgram(native: NativeBackend, spec: ProgramSpec): Promise<Program> {
  const nodes: NodeDef[] = Object.entries(spec.variables).flatMap(([name, variable]) => variableNodes(name, variable));
  const entries: Record<string, CompiledEntry> = {};
  const state = exampleState(native, spec);
  try {
    for (const [name, entry] of Object.entries(spec.entries)) {
      const traced = traceEntry(native, name, entry, spec, state);
      nodes.push(...traced.nodes);
      entries[name] = traced.compiled;
    }
  } finally {
    tf.dispose(Object.values(state));
  }
  return new CompiledProgram(native, spec, entries, await openSession(native, nodes));
}

/** Tensors that stand for the variables while tracing. Values do not matter, shapes do. */
function exampleState(native: NativeBackend, spec: ProgramSpec): Tensors {
  const state: Tensors = {};
  for (const [name, { shape, dtype }] of Object.entries(spec.variables))
    state[name] = phantomTensor(native, shape, dtype);
  return state;
}

function traceEntry(
  native: NativeBackend,
  name: string,
  entry: Entry,
  spec: ProgramSpec,
  state: Tensors,
): { nodes: NodeDef[]; compiled: CompiledEntry } {
  const stateNames = new Map<DataId, string>(Object.entries(state).map(([key, tensor]) => [tensor.dataId, key]));
  const reads: NodeDef[] = [];
  const tracer = new Tracer(native, name, (dataId) => {
    const variable = stateNames.get(dataId);
    if (variable === undefined) return undefined;
    const node = `${name}/read/${variable}`;
    reads.push({
      name: node,
      op: 'ReadVariableOp',
      input: [`var/${variable}`],
      attr: { dtype: { type: dtypeNumber(spec.variables[variable]?.dtype ?? 'float32') } },
    });
    return node;
  });
  const ends: NodeDef[] = [];
  const compiled: CompiledEntry = { inputs: entry.inputs, outputs: [], done: null };
  const placeholders: NodeDef[] = [];

  tf.tidy(() => {
    const inputs: Tensors = {};
    for (const [key, { shape, dtype }] of Object.entries(entry.inputs)) {
      const tensor = phantomTensor(native, shape, dtype);
      const node = `${name}/in/${key}`;
      inputs[key] = tensor;
      tracer.bind(tensor, node);
      placeholders.push(placeholder(node, { shape, dtype }));
    }
    const result = tracer.record(() => entry.run(inputs, state));
    for (const [key, tensor] of Object.entries(result.outputs)) {
      const node = `${name}/out/${key}`;
      ends.push({
        name: node,
        op: 'Identity',
        input: [tracer.nameOf(tensor)],
        attr: { T: { type: dtypeNumber(tensor.dtype) } },
      });
      compiled.outputs.push({ name: key, node });
    }
    const updates = Object.entries(result.updates ?? {});
    if (updates.length > 0) {
      ends.push(...assignments(name, updates, spec, tracer));
      compiled.done = `${name}/done`;
    }
  });
  return { nodes: [...placeholders, ...reads, ...tracer.nodes, ...ends], compiled };
}

function assignments(entry: string, updates: [string, Tensor][], spec: ProgramSpec, tracer: Tracer): NodeDef[] {
  const nodes: NodeDef[] = [];
  const values = updates.map(([variable, tensor]) => {
    const declared = spec.variables[variable];
    if (declared === undefined) throw new Error(`Entry point ${entry} updates ${variable}, which is no variable.`);
    if (declared.shape.join() !== tensor.shape.join()) {
      throw new Error(
        `Entry point ${entry} gives ${variable} the shape [${tensor.shape.join(', ')}], not [${declared.shape.join(', ')}].`,
      );
    }
    return { variable, dtype: dtypeNumber(declared.dtype), value: tracer.nameOf(tensor) };
  });
  // Every new value is computed before any variable changes: an entry must not see half of its own update.
  const barrier = `${entry}/barrier`;
  nodes.push({
    name: barrier,
    op: 'NoOp',
    input: values.map(({ value }) => `^${value.split(':')[0] ?? value}`),
    attr: {},
  });
  for (const { variable, dtype, value } of values) {
    nodes.push({
      name: `${entry}/assign/${variable}`,
      op: 'AssignVariableOp',
      input: [`var/${variable}`, value, `^${barrier}`],
      attr: { dtype: { type: dtype } },
    });
  }
  nodes.push(
    doneNode(
      `${entry}/done`,
      values.map(({ variable }) => `${entry}/assign/${variable}`),
    ),
  );
  return nodes;
}

/** A handle, a way to set it from a feed, and a way to read it. */
function variableNodes(name: string, { shape, dtype }: TensorSpec): NodeDef[] {
  const type = dtypeNumber(dtype);
  return [
    {
      name: `var/${name}`,
      op: 'VarHandleOp',
      input: [],
      attr: {
        dtype: { type },
        shape: { shape: shapeProto(shape) },
        shared_name: { s: Buffer.from(name) },
        container: { s: Buffer.from('') },
      },
    },
    placeholder(`set/${name}/value`, { shape, dtype }),
    {
      name: `set/${name}/assign`,
      op: 'AssignVariableOp',
      input: [`var/${name}`, `set/${name}/value`],
      attr: { dtype: { type } },
    },
    doneNode(`set/${name}`, [`set/${name}/assign`]),
    { name: `get/${name}`, op: 'ReadVariableOp', input: [`var/${name}`], attr: { dtype: { type } } },
  ];
}

function placeholder(name: string, { shape, dtype }: TensorSpec): NodeDef {
  return {
    name,
    op: 'Placeholder',
    input: [],
    attr: { dtype: { type: dtypeNumber(dtype) }, shape: { shape: shapeProto(shape) } },
  };
}

/** The binding can only fetch tensors, so a constant with control inputs stands for "these have run". */
function doneNode(name: string, after: string[]): NodeDef {
  return {
    name,
    op: 'Const',
    input: after.map((node) => `^${node}`),
    attr: {
      dtype: { type: dtypeNumber('int32') },
      value: {
        tensor: { dtype: dtypeNumber('int32'), tensor_shape: shapeProto([]), tensor_content: new Uint8Array(4) },
      },
    },
  };
}

async function openSession(native: NativeBackend, nodes: NodeDef[]): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'atelier-program-'));
  try {
    await writeSavedModel(directory, nodes);
    return native.binding.loadSavedModel(directory, 'serve');
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

class CompiledProgram implements Program {
  private readonly native: NativeBackend;
  private readonly spec: ProgramSpec;
  private readonly entries: Record<string, CompiledEntry>;
  private readonly session: number;

  constructor(native: NativeBackend, spec: ProgramSpec, entries: Record<string, CompiledEntry>, session: number) {
    this.native = native;
    this.spec = spec;
    this.entries = entries;
    this.session = session;
  }

  set(values: Record<string, FeedData>): void {
    for (const [name, data] of Object.entries(values)) checkFeed(name, this.spec.variables[name], data);
    const names = Object.keys(values);
    if (names.length === 0) return;
    const feeds = names.map((name) => ({
      node: `set/${name}/value`,
      spec: this.spec.variables[name],
      data: values[name],
    }));
    for (const tensor of this.run(
      feeds,
      names.map((name) => `set/${name}`),
    ))
      tensor.dispose();
  }

  get(names: readonly string[]): Record<string, Float32Array> {
    if (names.length === 0) return {};
    const tensors = this.run(
      [],
      names.map((name) => `get/${name}`),
    );
    return Object.fromEntries(names.map((name, index) => [name, readAndDispose(tensors[index]) as Float32Array]));
  }

  call(entryName: string, feeds: Record<string, FeedData>): Record<string, FeedData> {
    const entry = this.entries[entryName];
    if (entry === undefined) throw new Error(`The program has no entry point named ${entryName}.`);
    const inputs = Object.entries(entry.inputs).map(([name, spec]) => {
      checkFeed(name, spec, feeds[name]);
      return { node: `${entryName}/in/${name}`, spec, data: feeds[name] };
    });
    const fetches = entry.outputs.map(({ node }) => node);
    if (entry.done !== null) fetches.push(entry.done);
    const tensors = this.run(inputs, fetches);
    const outputs: Record<string, FeedData> = {};
    entry.outputs.forEach(({ name }, index) => (outputs[name] = readAndDispose(tensors[index])));
    if (entry.done !== null) tensors.at(-1)?.dispose();
    return outputs;
  }

  dispose(): void {
    this.native.binding.deleteSavedModel(this.session);
  }

  private run(
    feeds: { node: string; spec: TensorSpec | undefined; data: FeedData | undefined }[],
    fetches: string[],
  ): Tensor[] {
    const { binding } = this.native;
    const ids: number[] = [];
    try {
      for (const { spec, data } of feeds) {
        if (spec === undefined || data === undefined) throw new Error('A feed is missing.');
        ids.push(
          binding.createTensor([...spec.shape], spec.dtype === 'float32' ? binding.TF_FLOAT : binding.TF_INT32, data),
        );
      }
      const names = feeds.map(({ node }) => `${node}:0`).join(',');
      const results = binding.runSavedModel(this.session, ids, names, fetches.map((node) => `${node}:0`).join(','));
      return results.map((metadata) => this.native.createOutputTensor(metadata));
    } finally {
      for (const id of ids) binding.deleteTensor(id);
    }
  }
}

function readAndDispose(tensor: Tensor | undefined): FeedData {
  if (tensor === undefined) throw new Error('The program returned fewer outputs than it declares.');
  const data = tensor.dataSync();
  tensor.dispose();
  if (data instanceof Float32Array || data instanceof Int32Array) return data;
  return Int32Array.from(data);
}
