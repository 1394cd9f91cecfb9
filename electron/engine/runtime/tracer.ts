/**
 * @file Records a plain tfjs function as graph nodes while it runs once on example inputs. Every tfjs-node kernel,
 * forward or backward, ends in `executeSingleOutput` or `executeMultipleOutputs`; both are watched during
 * the trace. Shapes come from the real execution, so no shape rules are needed.
 */
import type { DataId, Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import type { NativeBackend, OpAttribute } from './backend.ts';
import { isPhantom, makePhantom, withZeros, zeroValues } from './phantoms.ts';
import { DT_BOOL, DT_FLOAT, DT_INT32, DT_INT64, shapeProto, type AttrValue, type NodeDef } from './graph-def.ts';

/** Ops whose type attribute tfjs-node leaves to eager inference; a graph node must state it. */
const LEFT_TO_INFERENCE = new Set(['ExpandDims']);

/** What tfjs-node passes for an int64 input: an object that holds one value. */
interface Int64Input {
  valueArray: Int32Array;
}

export class Tracer {
  readonly nodes: NodeDef[] = [];
  private readonly native: NativeBackend;
  private readonly prefix: string;
  private readonly names = new Map<DataId, string>();
  private readonly constants = new Map<string, string>();
  /** Called when an unseen tensor turns out to be state of the program; returns its node name. */
  private readonly lookup: (dataId: DataId) => string | undefined;

  constructor(native: NativeBackend, prefix: string, lookup: (dataId: DataId) => string | undefined) {
    this.native = native;
    this.prefix = prefix;
    this.lookup = lookup;
  }

  /** Declares that `tensor` is the output `name` of a node that the caller adds itself. */
  bind(tensor: TensorInfo, name: string): void {
    this.names.set(tensor.dataId, name);
  }

  /** Runs `fn` with recording on; results are phantoms. Not reentrant; restores the backend whatever happens. */
  record<T>(fn: () => T): T {
    const { native } = this;
    const single = native.executeSingleOutput;
    const multiple = native.executeMultipleOutputs;
    const read = native.readSync;
    const keep = (op: string, attributes: OpAttribute[], inputs: TensorInfo[], outputs: Tensor[]): void => {
      this.add(op, attributes, inputs, outputs);
      for (const output of outputs) makePhantom(native, output.dataId);
    };
    native.executeSingleOutput = (op, attributes, inputs) => {
      const output = withZeros(native, inputs, () => single.call(native, op, attributes, inputs));
      keep(op, attributes, inputs, [output]);
      return output;
    };
    native.executeMultipleOutputs = (op, attributes, inputs, count) => {
      const outputs = withZeros(native, inputs, () => multiple.call(native, op, attributes, inputs, count));
      keep(op, attributes, inputs, outputs);
      return outputs;
    };
    native.readSync = (dataId) =>
      isPhantom(native, dataId) ? zeroValues(native.tensorMap.get(dataId), native) : read.call(native, dataId);
    try {
      return fn();
    } finally {
      native.executeSingleOutput = single;
      native.executeMultipleOutputs = multiple;
      native.readSync = read;
    }
  }

  /** The graph name (`node:index`) of a tensor: recorded, state, or a constant made on the spot. */
  nameOf(tensor: TensorInfo): string {
    const known = this.names.get(tensor.dataId) ?? this.lookup(tensor.dataId);
    if (known !== undefined) {
      this.names.set(tensor.dataId, known);
      return known;
    }
    const name = this.constant(tensor);
    this.names.set(tensor.dataId, name);
    return name;
  }

  private add(op: string, attributes: OpAttribute[], inputs: TensorInfo[], outputs: Tensor[]): void {
    const name = `${this.prefix}/n${String(this.nodes.length)}`;
    const input = inputs.map((tensor) => (isInt64(tensor) ? this.int64Constant(tensor) : this.nameOf(tensor)));
    const attr: Record<string, AttrValue> = {};
    for (const attribute of attributes) attr[attribute.name] = this.attrValue(attribute);
    const [first] = inputs;
    if (LEFT_TO_INFERENCE.has(op) && first !== undefined) attr['T'] = { type: dtypeNumber(first.dtype) };
    this.nodes.push({ name, op, input, attr });
    outputs.forEach((output, index) => this.names.set(output.dataId, index === 0 ? name : `${name}:${String(index)}`));
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
    const key = `${String(dtype)} ${shape.join(',')} ${Buffer.from(content).toString('base64')}`;
    const known = this.constants.get(key);
    if (known !== undefined) return known;
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
    return name;
  }
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
