/** @file The shape of tfjs-node's native addon and of its kernel backend, as far as programs use them. */
import type { DataId, Tensor, TensorInfo } from '@tensorflow/tfjs-core';

/** An attribute as tfjs-node hands it to the binding; `type` is one of the binding's TF_ATTR_* numbers. */
export interface OpAttribute {
  name: string;
  type: number;
  value: unknown;
}

export interface TensorMetadata {
  id: number;
  shape: number[];
  dtype: number;
}

/** What tfjs-node keeps for a tensor: a native id, or values that are not written yet. */
export interface StoredTensor {
  shape: number[];
  dtype: number;
  id: number | null;
  values: ArrayBufferView | null;
  refCount: number;
}

/** The part of tfjs-node's N-API addon that programs use. */
export interface NativeBinding {
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  readonly TF_BOOL: number;
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_SHAPE: number;
  readonly TF_Version: string;
  createTensor(shape: number[], dtype: number, values: ArrayBufferView): number;
  deleteTensor(id: number): void;
  /** A copy of a tensor's values. Knows no 8-bit and no 16-bit types. */
  tensorDataSync(id: number): Float32Array | Int32Array;
  executeOp(op: string, attributes: OpAttribute[], inputs: number[], outputs: number): TensorMetadata[];
  loadSavedModel(directory: string, tags: string): number;
  deleteSavedModel(id: number): void;
  runSavedModel(id: number, tensorIds: number[], inputNames: string, outputNames: string): TensorMetadata[];
  isUsingGpuDevice(): boolean;
}

/** Sessions of our own addon (engine/native/session.cc). Sessions and tensors are handles; names are `node:0`. */
export interface NativeSessions {
  openSession(graph: Uint8Array, config: Uint8Array): unknown;
  /** @param folder copies into a file there that is mapped into memory, and that nothing may change; absent = into memory */
  tensorOf(type: number, shape: readonly number[], values: ArrayBufferView, folder?: string): unknown;
  /** Absent in an addon of an earlier version. */
  emptyTensor?: (type: number, shape: readonly number[]) => unknown;
  /** @param offset in bytes */
  writeTensor?: (tensor: unknown, offset: number, values: ArrayBufferView) => void;
  releaseTensor(tensor: unknown): void;
  /** @param graph bytes of a GraphDef with the nodes to add */
  extendSession(session: unknown, graph: Uint8Array): void;
  /** @returns copies; null for what is neither float32 nor int32 */
  runSession(
    session: unknown,
    names: readonly string[],
    tensors: readonly unknown[],
    fetches: readonly string[],
  ): (Float32Array | Int32Array | null)[];
  /** On a thread of its own. @param calls names and fetches of each */
  prepareSession(session: unknown, calls: readonly [names: readonly string[], fetches: readonly string[]][]): void;
  /** How many of these calls are not prepared yet. */
  pendingCalls(session: unknown): number;
  closeSession(session: unknown): void;
}

/** tfjs-node's kernel backend: every kernel ends in one of the two execute methods. */
export interface NativeBackend {
  binding: NativeBinding;
  tensorMap: { get(dataId: DataId): StoredTensor; set(dataId: DataId, value: StoredTensor): void };
  executeSingleOutput(op: string, attributes: OpAttribute[], inputs: TensorInfo[]): Tensor;
  executeMultipleOutputs(op: string, attributes: OpAttribute[], inputs: TensorInfo[], count: number): Tensor[];
  createOutputTensor(metadata: TensorMetadata): Tensor;
  getInputTensorIds(inputs: TensorInfo[]): number[];
  readSync(dataId: DataId): ArrayBufferView;
  /** Present where ops can be recorded and not run: throws for an op whose shapes only running it would tell. */
  refuseToRun?: (op: string) => never;
  /** Whether graphs may have the ops that own-ops.ts registers. */
  ownOps?: boolean;
  /** Whether those also score and draw tokens (training/own-ops.ts). */
  scoring?: boolean;
  /** Whether what is recorded is compiled for a GPU, which has ops of its own (model/gpu-ops.ts). */
  gpuOps?: boolean;
  /** Present if sessions are opened by our own addon. */
  sessions?: NativeSessions;
  /** Where frozen weights lie that are mapped from the disk; absent = they are in memory. */
  weightsFolder?: string;
  /** Present while a trace is being recorded: a loop of the graph (`repeat` in model/blocks.ts). */
  repeat?: RecordLoop;
  /** Present while a trace is being recorded: whether a tensor is a variable kept in bfloat16. */
  keptInBfloat16?: (tensor: TensorInfo) => boolean;
  /** Present while a trace is being recorded: whether a tensor is a variable kept in NF4. */
  keptInNf4?: (tensor: TensorInfo) => boolean;
}

/** Records `count` runs of `body`, one after another. @returns what the last run gave */
export type RecordLoop = (
  count: number,
  initial: readonly Tensor[],
  body: (index: Tensor, carried: Tensor[]) => readonly Tensor[],
) => Tensor[];
