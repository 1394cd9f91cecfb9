/**
 * @file Writes a TensorFlow graph as a SavedModel file. Only the fields that a program needs are in the
 * schema; numbers and names are those of tensorflow/core/{framework,protobuf}/*.proto.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import protobuf from 'protobufjs';

export const DT_FLOAT = 1;
export const DT_INT32 = 3;
export const DT_INT64 = 9;
export const DT_BOOL = 10;
export const DT_BFLOAT16 = 14;
export const DT_UINT8 = 4;

/** GraphDef producer version: old enough for every TensorFlow 2, new enough for the ops in use. */
const GRAPH_PRODUCER = 1395;

const SCHEMA = `
syntax = "proto3";
message Dim { int64 size = 1; }
message Shape { repeated Dim dim = 2; }
message TensorProto { int32 dtype = 1; Shape tensor_shape = 2; bytes tensor_content = 4; }
message ListValue { repeated bytes s = 2; repeated int64 i = 3; repeated float f = 4; repeated bool b = 5; repeated int32 type = 6; repeated Shape shape = 7; }
message AttrValue { oneof value { ListValue list = 1; bytes s = 2; int64 i = 3; float f = 4; bool b = 5; int32 type = 6; Shape shape = 7; TensorProto tensor = 8; } }
message NodeDef { string name = 1; string op = 2; repeated string input = 3; string device = 4; map<string, AttrValue> attr = 5; }
message VersionDef { int32 producer = 1; int32 min_consumer = 2; }
message GraphDef { repeated NodeDef node = 1; VersionDef versions = 4; }
message MetaInfoDef { repeated string tags = 4; string tensorflow_version = 5; }
message MetaGraphDef { MetaInfoDef meta_info_def = 1; GraphDef graph_def = 2; }
message RewriterConfig {
  int32 memory_optimization = 4;
  int32 meta_optimizer_iterations = 12;
  bool disable_tfg_optimizer = 32;
}
message GraphOptions { RewriterConfig rewrite_options = 10; }
message ConfigProto { GraphOptions graph_options = 10; }
message SavedModel { int64 saved_model_schema_version = 1; repeated MetaGraphDef meta_graphs = 2; }
`;

const { root } = protobuf.parse(SCHEMA, { keepCase: true });
const SavedModelMessage = root.lookupType('SavedModel');
const GraphDefMessage = root.lookupType('GraphDef');
const ConfigMessage = root.lookupType('ConfigProto');

const NO_MEMORY_OPTIMISATION = 1;
const ONE_ITERATION = 1;

export interface ShapeProto {
  dim: { size: number }[];
}

export interface AttrValue {
  list?: { s?: Uint8Array[]; i?: number[]; f?: number[]; b?: boolean[]; type?: number[]; shape?: ShapeProto[] };
  s?: Uint8Array;
  i?: number;
  f?: number;
  b?: boolean;
  type?: number;
  shape?: ShapeProto;
  tensor?: { dtype: number; tensor_shape: ShapeProto; tensor_content: Uint8Array };
}

export interface NodeDef {
  name: string;
  op: string;
  input: string[];
  attr: Record<string, AttrValue>;
}

/** TensorShapeProto of a static shape. */
export function shapeProto(shape: readonly number[]): ShapeProto {
  return { dim: shape.map((size) => ({ size })) };
}

function graphDef(nodes: NodeDef[]): object {
  return { node: nodes, versions: { producer: GRAPH_PRODUCER, min_consumer: 12 } };
}

/** A GraphDef of the nodes. */
export function graphBytes(nodes: NodeDef[]): Uint8Array {
  return GraphDefMessage.encode(GraphDefMessage.create(graphDef(nodes))).finish();
}

/**
 * A ConfigProto. TensorFlow's optimiser prepares a graph in half of its usual time if it goes over it once instead of twice, and leaves out
 * what moves values between devices and what infers the shapes that our graphs state.
 */
export function configBytes(): Uint8Array {
  const rewrite_options = {
    memory_optimization: NO_MEMORY_OPTIMISATION,
    meta_optimizer_iterations: ONE_ITERATION,
    disable_tfg_optimizer: true,
  };
  return ConfigMessage.encode(ConfigMessage.create({ graph_options: { rewrite_options } })).finish();
}

/** Writes `directory/saved_model.pb` holding the nodes under the tag `serve`. */
export async function writeSavedModel(directory: string, nodes: NodeDef[]): Promise<void> {
  const message = SavedModelMessage.create({
    saved_model_schema_version: 1,
    meta_graphs: [
      {
        meta_info_def: { tags: ['serve'], tensorflow_version: '2.21.0' },
        graph_def: graphDef(nodes),
      },
    ],
  });
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'saved_model.pb'), SavedModelMessage.encode(message).finish());
}

export function constNode(name: string, type: number, shape: readonly number[], data: Int32Array): NodeDef {
  const content = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const tensor = { dtype: type, tensor_shape: shapeProto(shape), tensor_content: content };
  return { name, op: 'Const', input: [], attr: { dtype: { type }, value: { tensor } } };
}

/** The binding can only fetch tensors, so a constant with control inputs stands for "these have run". */
export function doneNode(name: string, after: string[]): NodeDef {
  return {
    name,
    op: 'Const',
    input: after.map((node) => `^${node}`),
    attr: constNode(name, DT_INT32, [], new Int32Array(1)).attr,
  };
}
