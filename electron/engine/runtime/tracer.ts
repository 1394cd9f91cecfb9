/**
 * @file Records a plain tfjs function as graph nodes. Every tfjs-node kernel, forward or backward, ends in
 * `executeSingleOutput` or `executeMultipleOutputs`. Both are replaced during the trace: an op becomes a node, and its
 * result a phantom of the shape that shape-rules.ts gives (an op without a rule runs once, on zeros).
 *
 * Variables may be stored as bfloat16, a type that tfjs does not have. The traced function sees them as float32. The graph
 * computes matrix products with them in bfloat16 (float32 sums inside), casting the other factor down and the result up.
 * Every other op gets the value cast to float32. Those stored in NF4 can only be multiplied, by ops of our own.
 */
import { createHash } from 'node:crypto';
import type { DataId, Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import type { NativeBackend, OpAttribute } from './native-api.ts';
import { isPhantom, makePhantom, phantomTensor, withZeros, zeroValues } from './phantoms.ts';
import {
  DT_BFLOAT16,
  DT_BOOL,
  DT_FLOAT,
  DT_INT32,
  DT_INT64,
  DT_UINT8,
  shapeProto,
  type AttrValue,
  type NodeDef,
} from './graph-def.ts';
import { inferOutputs, type OpInput } from './shape-rules.ts';

/** Ops whose type attribute tfjs-node leaves to eager inference. A graph node must state it. */
const LEFT_TO_INFERENCE = new Set(['ExpandDims']);

/** Ops that only move values: applied to bfloat16, they give bfloat16. */
const MOVES = new Set(['Reshape', 'Transpose', 'GatherV2']);
const PRODUCTS = new Set(['MatMul', 'BatchMatMulV2']);
const OUTPUT_PRODUCT = 'AtelierOutputProduct';
/** Our own ops (engine/native) that multiply two matrices in bfloat16 and give float32. */
const OWN_PRODUCTS = new Set([OUTPUT_PRODUCT, 'AtelierScores', 'AtelierScoresAndDirections']);
/** Our own ops on a matrix in NF4, which they take as codes and scales. */
const NF4_PRODUCTS = new Set(['AtelierNf4Product', 'AtelierNf4Gradient']);

/**
 * Up to so many rows, a product with a bfloat16 weight is our own op's, where there is one: it reads the weight once, as it is. The
 * result is rounded to bfloat16 as that of TensorFlow's kernel is. Sums are formed in another order, so 1 to 4 in 10,000 values are a step apart.
 */
const MOST_OWN_ROWS = 64;
/**
 * Elsewhere, between these numbers of rows, such a product is computed transposed. Measured on 2 cores with 16 rows,
 * 1536 → 8960: 1.3 ms instead of 1.7 ms. With fewer rows memory is the limit, and with more there is no difference.
 */
const FEWEST_TURNED_ROWS = 9;
const MOST_TURNED_ROWS = 64;

/**
 * A larger constant is data, and data is fed: the graph would hold it several times over, and a graph of more than 2 GiB
 * cannot be written. The largest real constant is one number for each word of a vocabulary.
 */
const MOST_CONSTANT_BYTES = 16 * 1024 * 1024;

/** What tfjs-node passes for an int64 input: an object that holds one value. */
interface Int64Input {
  valueArray: Int32Array;
}

/** A loop of the graph: TensorFlow's control flow runs its nodes once for each iteration. */
interface Loop {
  name: string;
  /** Nodes of the surrounding graph by the name under which the loop sees them. */
  entered: Map<string, string>;
  /** How many nodes there were before it: only later ones can be in it. */
  start: number;
}

/** A loop as a compiler sees it that has no control flow of TensorFlow's. Names of nodes throughout. */
export interface TracedLoop {
  name: string;
  count: number;
  /** What the first iteration is given: the index first. */
  initial: readonly string[];
  /** The same as an iteration sees it. */
  values: readonly string[];
  /** What an iteration leaves for the next. */
  results: readonly string[];
  /** What the last one gave, without the index. */
  exits: readonly string[];
  /** Its nodes lie between these places of the list. */
  start: number;
  end: number;
}

/** What a node gives. */
export interface Described {
  shape: readonly number[];
  dtype: string;
}

/** A node that stands for a variable; `bfloat16` if its value is stored so. */
export interface StateNode {
  name: string;
  bfloat16: boolean;
  /** Of a matrix in NF4: the node of its scales. Its own is that of its codes. */
  scales?: string;
}

export class Tracer {
  readonly nodes: NodeDef[] = [];
  private readonly native: NativeBackend;
  private readonly prefix: string;
  private readonly names = new Map<DataId, string>();
  /** Bytes of every node's outputs, by `node` or `node:index`, for graph-memory.ts. */
  readonly bytes = new Map<string, number>();
  private named = 0;
  private readonly constants = new Map<string, string>();
  /** Nodes with a bfloat16 value, by the name of the float32 node that the rest of the graph sees. */
  private readonly bfloat16 = new Map<string, string>();
  /** The scales of nodes with the codes of a matrix in NF4. */
  private readonly scales = new Map<string, string>();
  /** What a reshaped value was before, by its node. */
  private readonly reshaped = new Map<string, string>();
  /** bfloat16 casts that exist already, by what was cast. */
  private readonly casts = new Map<string, string>();
  /** Loops that are being recorded, the innermost last. */
  private readonly loops: Loop[] = [];
  private loopCount = 0;
  /** The loop of every node that is in one. */
  private readonly loopOf = new Map<string, Loop>();
  /** TensorFlow's number for the type of every node that is not float32. */
  private readonly types = new Map<string, number>();
  /** By the last node of each loop: what the loop reads all the time, and so keeps in memory. */
  readonly heldUntil = new Map<string, readonly string[]>();
  /** Shape and type of every node's outputs, by `node` or `node:index`. */
  readonly described = new Map<string, Described>();
  readonly tracedLoops: TracedLoop[] = [];
  /** Finds the node of a tensor that is state of the program. */
  private readonly lookup: (dataId: DataId) => StateNode | undefined;

  constructor(native: NativeBackend, prefix: string, lookup: (dataId: DataId) => StateNode | undefined) {
    this.native = native;
    this.prefix = prefix;
    this.lookup = lookup;
  }

  /** Declares that `tensor` is the output `name` of a node that the caller adds itself. */
  bind(tensor: TensorInfo, name: string): void {
    this.names.set(tensor.dataId, name);
    this.describe(name, tensor);
    const loop = this.loops.at(-1);
    if (loop !== undefined) this.loopOf.set(name, loop);
  }

  private describe(name: string, { shape, dtype }: TensorInfo): void {
    this.bytes.set(name, bytesOfShape(shape));
    this.described.set(name, { shape, dtype });
    const type = dtypeNumber(dtype);
    if (type !== DT_FLOAT) this.types.set(name, type);
  }

  /** Adds a node to the loop that is being recorded, or to the graph. */
  private emit(node: NodeDef): void {
    this.nodes.push(node);
    const loop = this.loops.at(-1);
    if (loop !== undefined) this.loopOf.set(node.name, loop);
  }

  /** Runs `fn` and records its ops. Results are phantoms. Not reentrant. Always restores the backend. */
  record<T>(fn: () => T): T {
    const { native } = this;
    const single = native.executeSingleOutput;
    const multiple = native.executeMultipleOutputs;
    const read = native.readSync;
    const keep = (op: string, attributes: OpAttribute[], inputs: TensorInfo[], executed: () => Tensor[]): Tensor[] => {
      const inferred = this.inferred(op, attributes, inputs);
      if (inferred === null) native.refuseToRun?.(op);
      const outputs = inferred ?? withZeros(native, inputs, executed);
      this.add(op, attributes, inputs, outputs);
      for (const output of outputs) makePhantom(native, output.dataId);
      return outputs;
    };
    native.executeSingleOutput = (op, attributes, inputs) => {
      const [output] = keep(op, attributes, inputs, () => [single.call(native, op, attributes, inputs)]);
      if (output === undefined) throw new Error(`${op} gave no tensor.`);
      return output;
    };
    native.executeMultipleOutputs = (op, attributes, inputs, count) =>
      keep(op, attributes, inputs, () => multiple.call(native, op, attributes, inputs, count));
    native.readSync = (dataId) =>
      isPhantom(native, dataId) ? zeroValues(native.tensorMap.get(dataId), native) : read.call(native, dataId);
    native.repeat = (count, initial, body) => this.repeat(count, initial, body);
    native.keptInBfloat16 = (tensor) => this.bfloat16.has(this.nameOf(tensor));
    native.keptInNf4 = (tensor) => this.scales.has(this.nameOf(tensor));
    try {
      return fn();
    } finally {
      delete native.repeat;
      delete native.keptInBfloat16;
      delete native.keptInNf4;
      native.executeSingleOutput = single;
      native.executeMultipleOutputs = multiple;
      native.readSync = read;
    }
  }

  /** The graph name (`node:index`) of a tensor: recorded, state, or a constant made on the spot. */
  nameOf(tensor: TensorInfo): string {
    const known = this.names.get(tensor.dataId);
    if (known !== undefined) return this.seenFromLoop(known);
    const state = this.lookup(tensor.dataId);
    if (state === undefined) return this.constant(tensor);
    const name = state.bfloat16 ? this.widened(state.name) : state.name;
    this.names.set(tensor.dataId, name);
    this.describe(name, tensor);
    if (state.scales !== undefined) {
      this.types.set(name, DT_UINT8);
      this.scales.set(name, state.scales);
    }
    return this.seenFromLoop(name);
  }

  /**
   * A while loop of TensorFlow's graph: Enter, Merge, Switch, the body, NextIteration and Exit for each carried value. One
   * iteration at a time, so the results of one are freed before the next begins.
   */
  private repeat(
    count: number,
    initial: readonly Tensor[],
    body: (index: Tensor, carried: Tensor[]) => readonly Tensor[],
  ): Tensor[] {
    const { native } = this;
    this.loopCount++;
    const loop: Loop = {
      name: `${this.prefix}/loop${String(this.loopCount)}`,
      entered: new Map(),
      start: this.nodes.length,
    };
    const place = (part: string, index: number): string => `${loop.name}/${part}${String(index)}`;
    const before = [this.constantNode(DT_INT32, [], bytesOf(Int32Array.of(0))), ...initial.map((x) => this.nameOf(x))];
    const types = [DT_INT32, ...initial.map(({ dtype }) => dtypeNumber(dtype))].map((type) => ({ type }));
    const condition = `${loop.name}/condition`;

    this.loops.push(loop);
    before.forEach((name, i) => {
      const T = types[i] ?? { type: DT_FLOAT };
      this.nodes.push(enterNode(place('enter', i), name, T, loop.name, false), {
        name: place('merge', i),
        op: 'Merge',
        input: [place('enter', i), place('next', i)],
        attr: { T, N: { i: 2 } },
      });
    });
    const limit = this.constantNode(DT_INT32, [], bytesOf(Int32Array.of(count)));
    const step = this.constantNode(DT_INT32, [], bytesOf(Int32Array.of(1)));
    this.nodes.push(
      { name: `${condition}/less`, op: 'Less', input: [place('merge', 0), limit], attr: { T: { type: DT_INT32 } } },
      { name: condition, op: 'LoopCond', input: [`${condition}/less`], attr: {} },
    );
    const inside = [phantomTensor(native, [], 'int32'), ...initial.map((x) => phantomTensor(native, x.shape, x.dtype))];
    inside.forEach((tensor, i) => {
      const T = types[i] ?? { type: DT_FLOAT };
      this.nodes.push(
        { name: place('switch', i), op: 'Switch', input: [place('merge', i), condition], attr: { T } },
        { name: place('value', i), op: 'Identity', input: [`${place('switch', i)}:1`], attr: { T } },
      );
      this.bind(tensor, place('value', i));
    });
    const [index, ...carried] = inside as [Tensor, ...Tensor[]];
    const results = body(index, carried);
    const after = `${loop.name}/counted`;
    this.nodes.push({
      name: after,
      op: 'AddV2',
      input: [place('value', 0), step],
      attr: { T: { type: DT_INT32 } },
    });
    const ends = [after, ...carried.map((tensor, i) => this.nameOf(sameShape(results[i], tensor, loop.name)))];
    ends.forEach((name, i) => {
      this.nodes.push({
        name: place('next', i),
        op: 'NextIteration',
        input: [name],
        attr: { T: types[i] ?? { type: DT_FLOAT } },
      });
    });
    this.loops.pop();

    const last = initial.map((x, at) => {
      const name = place('exit', at + 1);
      this.nodes.push({
        name,
        op: 'Exit',
        input: [place('switch', at + 1)],
        attr: { T: types[at + 1] ?? { type: DT_FLOAT } },
      });
      const tensor = phantomTensor(native, x.shape, x.dtype);
      this.bind(tensor, name);
      return tensor;
    });
    this.tracedLoops.push({
      name: loop.name,
      count,
      initial: before,
      values: before.map((_, i) => place('value', i)),
      results: ends,
      exits: initial.map((_, i) => place('exit', i + 1)),
      start: loop.start,
      end: this.nodes.length,
    });
    const read = this.readInside(loop);
    this.heldUntil.set(place('exit', initial.length), read);
    this.delayBuffers(before, read);
    return last;
  }

  /**
   * Nodes of the surrounding graph that the loop reads. A weight kept in bfloat16 enters also as the float32 value that it stands
   * for, which products do not read. Nothing may wait for that one: it is never computed, but would count as needed memory.
   */
  private readInside(loop: Loop): string[] {
    const inputs = new Set(this.nodes.slice(loop.start).flatMap(({ input }) => input));
    return [...loop.entered].filter(([, inside]) => inputs.has(inside)).map(([outside]) => outside);
  }

  /**
   * Allocates the buffers that a loop fills when it can begin, and not before. `Empty` depends on nothing, so TensorFlow
   * would run all of them at once when a call begins: those of all layers of a tower together.
   */
  private delayBuffers(initial: readonly string[], read: readonly string[]): void {
    const outside = this.loops.at(-1);
    for (const node of this.nodes) {
      if (node.op !== 'Empty' || !initial.includes(node.name) || this.loopOf.get(node.name) !== outside) continue;
      for (const name of read) node.input.push(`^${name.replace(/:\d+$/, '')}`);
    }
  }

  /** The name of a node as the innermost loop sees it: a node of the surrounding graph enters the loop once. */
  private seenFromLoop(name: string): string {
    const owner = this.loopOf.get(name);
    const from = owner === undefined ? 0 : this.loops.indexOf(owner) + 1;
    if (owner !== undefined && from === 0)
      throw new Error(`${name} is used after its loop, which returned other tensors.`);
    return this.loops.slice(from).reduce((outer, loop) => this.enter(outer, loop), name);
  }

  private enter(outer: string, loop: Loop): string {
    const known = loop.entered.get(outer);
    if (known !== undefined) return known;
    const name = `${loop.name}/of${String(loop.entered.size)}`;
    loop.entered.set(outer, name);
    this.loopOf.set(name, loop);
    const narrow = this.bfloat16.get(outer);
    if (narrow !== undefined) this.bfloat16.set(name, this.enter(narrow, loop));
    const scales = this.scales.get(outer);
    if (scales !== undefined) {
      this.types.set(name, DT_UINT8);
      this.scales.set(name, this.enter(scales, loop));
    }
    this.nodes.push(enterNode(name, outer, { type: this.types.get(outer) ?? DT_FLOAT }, loop.name, true));
    this.bytes.set(name, this.bytes.get(outer) ?? 0);
    const described = this.described.get(outer);
    if (described !== undefined) this.described.set(name, described);
    return name;
  }

  /** The results of an op as phantoms; null if their shapes are not known without running it. */
  private inferred(op: string, attributes: OpAttribute[], inputs: TensorInfo[]): Tensor[] | null {
    const described = inferOutputs({
      op,
      attributes: Object.fromEntries(attributes.map(({ name, value }) => [name, value])),
      inputs: inputs.map((tensor) => this.opInput(tensor)),
    });
    return described?.map(({ shape, dtype }) => phantomTensor(this.native, shape, dtype)) ?? null;
  }

  private opInput(tensor: TensorInfo | Int64Input): OpInput {
    if (isInt64(tensor)) return { shape: [], dtype: 'int32', values: () => [...tensor.valueArray] };
    const { shape, dtype, dataId } = tensor;
    const values = (): number[] | null =>
      isPhantom(this.native, dataId) ? null : Array.from(this.native.readSync(dataId) as Int32Array);
    return { shape, dtype, values };
  }

  private add(op: string, attributes: OpAttribute[], inputs: TensorInfo[], outputs: Tensor[]): void {
    if (this.isUnchanged(op, inputs, outputs)) return;
    const name = this.freshName();
    const given = inputs.map((tensor) => (isInt64(tensor) ? this.int64Constant(tensor) : this.nameOf(tensor)));
    const input = this.withScales(op, given);
    if (op === 'Reshape') this.skipReshape(name, input);
    const attr: Record<string, AttrValue> = {};
    for (const attribute of attributes) attr[attribute.name] = this.attrValue(attribute);
    const [first] = inputs;
    if (LEFT_TO_INFERENCE.has(op) && first !== undefined) attr['T'] = { type: dtypeNumber(first.dtype) };
    const twoDimensional = op === 'BatchMatMulV2' && inputs.every((tensor) => tensor.shape.length === 2);
    const node = twoDimensional ? plainProduct({ name, op, input, attr }) : { name, op, input, attr };
    const bytes = 4 * (outputs[0]?.size ?? 0);
    const rows = outputs[0]?.shape[0] ?? 0;
    if (!this.isOfWeight(node) || rows > MOST_OWN_ROWS) this.push(node, bytes);
    else if (this.native.scoring === true) this.pushOwn(node, bytes);
    else if (rows >= FEWEST_TURNED_ROWS && rows <= MOST_TURNED_ROWS) this.pushTurned(node, bytes);
    else this.push(node, bytes);
    outputs.forEach((output, index) => {
      const own = index === 0 ? name : `${name}:${String(index)}`;
      this.bind(output, own);
    });
  }

  /** Whether an op gives its first input as it is. The graph does without it then, and takes less time to prepare. */
  private isUnchanged(op: string, [first]: TensorInfo[], [output]: Tensor[]): boolean {
    if ((op !== 'Reshape' && op !== 'Cast') || first === undefined || output === undefined || isInt64(first))
      return false;
    if (first.dtype !== output.dtype || first.shape.join() !== output.shape.join()) return false;
    // An op of its own may give what comes from outside of a loop to the next iteration.
    if (this.loops.length > 0) return false;
    this.names.set(output.dataId, this.nameOf(first));
    return true;
  }

  /** A reshaped value may as well be reshaped from what it was before. */
  private skipReshape(name: string, input: string[]): void {
    const [from = ''] = input;
    if (this.loops.length > 0 || this.bfloat16.has(from)) return;
    const source = this.reshaped.get(from) ?? from;
    input[0] = source;
    this.reshaped.set(name, source);
  }

  /** Adds a node. A node on bfloat16 values computes in bfloat16, and its result is cast up under its own name. */
  private push(node: NodeDef, bytes: number): void {
    if (OWN_PRODUCTS.has(node.op)) {
      const [hidden = '', table = '', ...others] = node.input;
      this.emit({ ...node, input: [this.narrowed(hidden), this.narrowed(table), ...others] });
      return;
    }
    const moves = MOVES.has(node.op) && this.bfloat16.has(node.input[0] ?? '');
    const multiplies = PRODUCTS.has(node.op) && node.input.some((name) => this.bfloat16.has(name));
    if (!moves && !multiplies) {
      this.emit(node);
      return;
    }
    const inner = `${node.name}/bfloat16`;
    const input = node.input.map((name, index) => (multiplies || index === 0 ? this.narrowed(name) : name));
    const type = { type: DT_BFLOAT16 };
    const attr = node.op === 'GatherV2' ? { ...node.attr, Tparams: type } : { ...node.attr, T: type };
    this.emit({ ...node, name: inner, input, attr });
    this.bytes.set(inner, bytes / 2);
    this.types.set(inner, DT_BFLOAT16);
    this.emit(castNode(node.name, inner, DT_BFLOAT16, DT_FLOAT));
    if (moves && node.op !== 'GatherV2') this.bfloat16.set(node.name, inner);
  }

  /** Whether a product is x Wᵀ with a bfloat16 weight laid out [out, in]. */
  private isOfWeight({ op, input, attr }: NodeDef): boolean {
    const [x = '', weight = ''] = input;
    const turns = op === 'MatMul' && attr['transpose_a']?.b === false && attr['transpose_b']?.b === true;
    return turns && this.bfloat16.has(weight) && !this.bfloat16.has(x);
  }

  /** x Wᵀ by our own op, rounded to bfloat16 as TensorFlow's kernel does with more rows. */
  private pushOwn(node: NodeDef, bytes: number): void {
    const exact = `${node.name}/exact`;
    const inner = `${node.name}/bfloat16`;
    this.push({ ...node, name: exact, op: OUTPUT_PRODUCT, attr: {} }, bytes);
    this.emit(castNode(inner, exact, DT_FLOAT, DT_BFLOAT16));
    this.emit(castNode(node.name, inner, DT_BFLOAT16, DT_FLOAT));
    this.bytes.set(exact, bytes);
    this.bytes.set(inner, bytes / 2);
  }

  /** x Wᵀ as (W xᵀ)ᵀ: the kernel repacks its second factor for each product, and with few rows x is much smaller than W. */
  private pushTurned(node: NodeDef, bytes: number): void {
    const [x = '', weight = ''] = node.input;
    const product = `${node.name}/turned`;
    const inner = `${node.name}/bfloat16`;
    const type = { type: DT_BFLOAT16 };
    const order = this.constantNode(DT_INT32, [2], bytesOf(Int32Array.of(1, 0)));
    const turned = [this.narrowed(weight), this.narrowed(x)];
    this.emit({ ...node, name: product, input: turned, attr: { ...node.attr, T: type } });
    this.emit({ name: inner, op: 'Transpose', input: [product, order], attr: { T: type, Tperm: { type: DT_INT32 } } });
    this.emit(castNode(node.name, inner, DT_BFLOAT16, DT_FLOAT));
    this.bytes.set(product, bytes / 2);
    this.bytes.set(inner, bytes / 2);
  }

  /** The inputs of a node, with the scales behind the codes of a matrix in NF4. */
  private withScales(op: string, input: string[]): string[] {
    const kept = input.find((name) => this.scales.has(name));
    if (kept === undefined) return input;
    if (NF4_PRODUCTS.has(op)) return [...input, this.scales.get(kept)!];
    throw new Error(`${kept} is kept in NF4 and can only be multiplied, but ${op} reads it.`);
  }

  private freshName(): string {
    this.named++;
    return `${this.prefix}/n${String(this.named)}`;
  }

  /** The bfloat16 value of a float32 node: the one it was made from, or a cast. */
  private narrowed(name: string): string {
    const known = this.bfloat16.get(name) ?? this.casts.get(name);
    if (known !== undefined) return known;
    const cast = this.freshName();
    this.emit(castNode(cast, name, DT_FLOAT, DT_BFLOAT16));
    this.types.set(cast, DT_BFLOAT16);
    this.bytes.set(cast, (this.bytes.get(name) ?? 0) / 2);
    this.casts.set(name, cast);
    return cast;
  }

  /** A float32 node for a variable in bfloat16. It runs only if an op other than a product needs it. */
  private widened(name: string): string {
    const cast = this.freshName();
    this.types.set(name, DT_BFLOAT16);
    this.nodes.push(castNode(cast, name, DT_BFLOAT16, DT_FLOAT));
    this.bfloat16.set(cast, name);
    return cast;
  }

  private attrValue({ name, type, value }: OpAttribute): AttrValue {
    const { binding } = this.native;
    switch (type) {
      case binding.TF_ATTR_STRING:
        return { s: Buffer.from(value as string) };
      case binding.TF_ATTR_INT:
        return Array.isArray(value) ? { list: { i: value as number[] } } : { i: value as number };
      case binding.TF_ATTR_FLOAT:
        return Array.isArray(value) ? { list: { f: value as number[] } } : { f: value as number };
      case binding.TF_ATTR_BOOL:
        return Array.isArray(value) ? { list: { b: value as boolean[] } } : { b: value as boolean };
      case binding.TF_ATTR_TYPE:
        return Array.isArray(value) ? { list: { type: value as number[] } } : { type: value as number };
      case binding.TF_ATTR_SHAPE:
        return { shape: shapeProto(value as number[]) };
      default:
        throw new Error(`Attribute ${name} has the unknown type ${String(type)}.`);
    }
  }

  private constant(tensor: TensorInfo): string {
    const bytes = bytesOf(this.native.readSync(tensor.dataId));
    return this.constantNode(dtypeNumber(tensor.dtype), tensor.shape, bytes);
  }

  private int64Constant(input: Int64Input): string {
    return this.constantNode(DT_INT64, [], bytesOf(BigInt64Array.of(BigInt(input.valueArray[0] ?? 0))));
  }

  private constantNode(dtype: number, shape: readonly number[], content: Uint8Array): string {
    if (content.length > MOST_CONSTANT_BYTES)
      throw new Error(
        `${this.prefix} has a constant of shape [${shape.join(', ')}] and ${String(content.length)} bytes. Feed it as an input, or compute it in the graph.`,
      );
    const key = `${String(dtype)} ${shape.join(',')} ${createHash('sha256').update(content).digest('base64')}`;
    const known = this.constants.get(key);
    if (known !== undefined) return this.seenFromLoop(known);
    const name = `${this.prefix}/c${String(this.constants.size)}`;
    this.nodes.push({
      name,
      op: 'Const',
      input: [],
      attr: {
        dtype: { type: dtype },
        value: { tensor: { dtype, tensor_shape: shapeProto(shape), tensor_content: content } },
      },
    });
    this.constants.set(key, name);
    if (dtype !== DT_FLOAT) this.types.set(name, dtype);
    return this.seenFromLoop(name);
  }
}

function enterNode(name: string, input: string, T: AttrValue, loop: string, constant: boolean): NodeDef {
  const attr = { T, frame_name: { s: Buffer.from(loop) }, is_constant: { b: constant }, parallel_iterations: { i: 1 } };
  return { name, op: 'Enter', input: [input], attr };
}

function sameShape(result: Tensor | undefined, carried: Tensor, loop: string): Tensor {
  if (result?.shape.join() !== carried.shape.join() || result.dtype !== carried.dtype)
    throw new Error(`${loop} carries ${carried.dtype}[${carried.shape.join()}] and was given something else.`);
  return result;
}

function castNode(name: string, input: string, from: number, to: number): NodeDef {
  return {
    name,
    op: 'Cast',
    input: [input],
    attr: { SrcT: { type: from }, DstT: { type: to }, Truncate: { b: false } },
  };
}

/** A batch product of two plain matrices as a plain product, for which TensorFlow has better kernels. */
function plainProduct({ name, input, attr }: NodeDef): NodeDef {
  const { T = { type: DT_FLOAT }, adj_x = { b: false }, adj_y = { b: false } } = attr;
  return { name, op: 'MatMul', input, attr: { T, transpose_a: adj_x, transpose_b: adj_y } };
}

function bytesOfShape(shape: readonly number[]): number {
  return 4 * shape.reduce((product, dimension) => product * dimension, 1);
}

/** TensorFlow's number for a tfjs dtype. */
export function dtypeNumber(dtype: string): number {
  if (dtype === 'float32') return DT_FLOAT;
  if (dtype === 'int32') return DT_INT32;
  if (dtype === 'bool') return DT_BOOL;
  throw new Error(`Tensors of type ${dtype} cannot enter a program.`);
}

function isInt64(input: TensorInfo | Int64Input): input is Int64Input {
  return 'valueArray' in input;
}

function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}
