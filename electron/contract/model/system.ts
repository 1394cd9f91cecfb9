/** @file The machine: what was found, what is missing, and what to do about it. */
import { z } from 'zod';
import { ErrorData } from '../errors/errors.ts';

export const DoctorFinding = z.object({
  name: z.string(),
  /** `unused`: there or not, nothing is lacking without it. */
  status: z.enum(['ok', 'unused', 'degraded', 'missing']),
  value: z.string(),
  remedy: z.string().nullable(),
});
export type DoctorFinding = z.infer<typeof DoctorFinding>;

/** Whether the engine computes on a GPU: where a short trial shows that it is right and faster, always, or never. */
export const GpuUse = z.enum(['automatic', 'always', 'never']);
export type GpuUse = z.infer<typeof GpuUse>;

/** What a short trial on GPU and processor found, for models of one size. */
export const GpuTrial = z.object({
  /** Adapter, driver, how it was measured, and the model's size. */
  key: z.string(),
  adapter: z.string(),
  /** Of the model's weight files, as a power of two. */
  weightBytes: z.number(),
  at: z.string(),
  /** Of a short step of training; null if the trial did not get that far. */
  gpuSeconds: z.number().nullable(),
  processorSeconds: z.number().nullable(),
  chosen: z.enum(['gpu', 'processor']),
  /** Why, as a sentence. */
  reason: z.string(),
});
export type GpuTrial = z.infer<typeof GpuTrial>;

/** What WebGPU finds on this machine, and whether the engine computes on it. */
export const GpuReport = z.object({
  /** The adapter that is used or would be; null if there is none. */
  adapter: z
    .object({
      name: z.string(),
      /** It draws with the processor: right, and slower than TensorFlow. */
      software: z.boolean(),
      largestBufferBytes: z.number(),
      /** The largest tensor that a computation can read. */
      largestTensorBytes: z.number(),
      /** Tells adapters and their drivers apart. */
      key: z.string().optional(),
    })
    .nullable(),
  /** Every adapter, for a choice by name. */
  names: z.array(z.string()),
  used: z.boolean(),
  /** Why it is not used, and what to do about it; null if it is. */
  reason: z.string().nullable(),
  remedy: z.string().nullable(),
  /** What the person has set, and what trials on this adapter found; absent where nobody has looked. */
  use: GpuUse.optional(),
  trials: z.array(GpuTrial).optional(),
});
export type GpuReport = z.infer<typeof GpuReport>;

/** Why our own ops are missing where they could be. */
export const OWN_OPS_NOT_BUILT = 'Set-up has not built them.';
export const OWN_OPS_OUTDATED = 'What set-up built is of another version.';
export const OWN_OPS_DAMAGED = 'The file that set-up built is damaged.';

/** Our own ops for TensorFlow: the vector instructions that they use, or why they are not in use. */
export const OwnOps = z.object({ instructions: z.string().nullable(), reason: z.string().nullable() });
export type OwnOps = z.infer<typeof OwnOps>;

/** What is wanted of the engine and cannot be had. */
export const EngineRefusal = ErrorData.extend({ message: z.string() });
export type EngineRefusal = z.infer<typeof EngineRefusal>;

export const EngineInfo = z.object({
  backend: z.enum(['tensorflow', 'webgpu', 'wasm', 'cpu']),
  version: z.string(),
  device: z.string(),
  threads: z.int(),
  gpu: GpuReport.optional(),
  /** Whether runs can keep frozen weights in 4 bits (NF4). */
  nf4: z.boolean().optional(),
  /** Present if TensorFlow computes. */
  ownOps: OwnOps.optional(),
  /** What the environment asks for and cannot have here: no job is done then. */
  refusal: EngineRefusal.optional(),
});
export type EngineInfo = z.infer<typeof EngineInfo>;

export const SystemStatus = z.object({
  version: z.string(),
  home: z.string(),
  /** Null until the engine has started once in this session. */
  engine: EngineInfo.nullable(),
  memoryTotalBytes: z.number(),
  memoryFreeBytes: z.number(),
  /** `missing`: the engine runs on WebAssembly, which works and is many times slower. */
  tensorflow: z.enum(['here', 'missing']),
  /** Whether `system.setUp` can fetch what is missing: in a checkout, not in a packaged app. */
  canSetUp: z.boolean(),
  /** Atelier makes no network connections by itself; the page shows this. */
  network: z.literal('none'),
});
export type SystemStatus = z.infer<typeof SystemStatus>;

/** What set-up does; the last event is `done`. */
export const SetUpEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('progress'), line: z.string() }),
  /** `ok`: TensorFlow is here now, and the next engine uses it. */
  z.object({ type: z.literal('done'), ok: z.boolean() }),
]);
export type SetUpEvent = z.infer<typeof SetUpEvent>;

export const AuditEntry = z.object({
  seq: z.int().positive(),
  at: z.string(),
  action: z.string(),
  body: z.record(z.string(), z.unknown()),
  prev: z.string(),
  hash: z.string(),
});
export type AuditEntry = z.infer<typeof AuditEntry>;

/** A page of the audit log, newest first, and whether the entire log is intact. */
export const AuditLog = z.object({
  total: z.int().nonnegative(),
  intact: z.boolean(),
  /** The first entry that is altered, missing or out of place, with the evidence; null if the log is intact. */
  fault: z.object({ seq: z.int().positive(), reason: z.string() }).nullable(),
  /** The newest signed log head found in this studio's exports; nothing else can reveal a truncated log. */
  signedHead: z.object({ seq: z.int().positive(), path: z.string() }).nullable(),
  entries: z.array(AuditEntry),
});
export type AuditLog = z.infer<typeof AuditLog>;

/** A part of the data folder. Only parts that can be recreated at any time can be cleaned. */
export const StorageComponent = z.object({
  kind: z.enum(['images', 'thumbnails', 'runs', 'models', 'database', 'logs', 'other']),
  path: z.string(),
  files: z.int().nonnegative(),
  sizeBytes: z.number().nonnegative(),
  cleanable: z.boolean(),
});
export type StorageComponent = z.infer<typeof StorageComponent>;

export const StorageReport = z.object({
  home: z.string(),
  totalBytes: z.number(),
  /** Free on the disk that holds the data folder. */
  freeBytes: z.number(),
  parts: z.array(StorageComponent),
});
export type StorageReport = z.infer<typeof StorageReport>;

export const Preferences = z.object({
  /** A run whose engine uses more than this stops with a checkpoint; null = no limit set by Atelier. */
  memoryLimitBytes: z.number().min(1e9).nullable(),
  /** Whether a person may fetch models from a hub. */
  modelDownloads: z.boolean(),
  /** Whether a person may send jobs to a Ray cluster; off by default. With both off, Atelier opens no connection at all. */
  clusterJobs: z.boolean(),
  /** When to compute on a GPU. */
  gpu: GpuUse,
  /** Address of the hub; null = HF_ENDPOINT, or else the public one. */
  hubEndpoint: z.string().max(500).nullable(),
});
export type Preferences = z.infer<typeof Preferences>;

/** The key with which this data folder signs; null until the first export. */
export const SigningKeyInfo = z.object({
  publicKeyPem: z.string(),
  hint: z.string(),
  path: z.string(),
  /**
   * `file`: anyone who can read the file can sign as you. `key-chain`: only this user of this machine, in the desktop
   * app.
   */
  keptBy: z.enum(['file', 'key-chain']).optional(),
});
export type SigningKeyInfo = z.infer<typeof SigningKeyInfo>;

/** What Atelier is made of, for the About dialog; null = not known on this machine. */
export const About = z.object({
  version: z.string(),
  parts: z.array(z.object({ name: z.string(), version: z.string().nullable() })),
});
export type About = z.infer<typeof About>;

/** The licences of every package that ships with Atelier (`npm run licences`). */
export const Licences = z.object({
  packages: z.array(
    z.object({
      name: z.string(),
      version: z.string(),
      /** SPDX expression, as the package states it. */
      licence: z.string(),
      /** Index into `texts`. */
      text: z.int().nonnegative(),
    }),
  ),
  texts: z.array(z.string()),
});
export type Licences = z.infer<typeof Licences>;
