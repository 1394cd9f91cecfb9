/** @file The machine: what was found, what is missing and what to do about it. */
import { z } from 'zod';

export const DoctorFinding = z.object({
  name: z.string(),
  status: z.enum(['ok', 'degraded', 'missing']),
  value: z.string(),
  remedy: z.string().nullable(),
});
export type DoctorFinding = z.infer<typeof DoctorFinding>;

export const EngineInfo = z.object({
  backend: z.enum(['tensorflow', 'wasm', 'cpu']),
  version: z.string(),
  device: z.string(),
  threads: z.int(),
});
export type EngineInfo = z.infer<typeof EngineInfo>;

export const SystemStatus = z.object({
  version: z.string(),
  home: z.string(),
  /** Null until the engine was started once in this session. */
  engine: EngineInfo.nullable(),
  memoryTotalBytes: z.number(),
  memoryFreeBytes: z.number(),
  /** Atelier makes no network connections; the page shows this. */
  network: z.literal('none'),
});
export type SystemStatus = z.infer<typeof SystemStatus>;

export const AuditEntry = z.object({
  seq: z.int().positive(),
  at: z.string(),
  action: z.string(),
  body: z.record(z.string(), z.unknown()),
  prev: z.string(),
  hash: z.string(),
});
export type AuditEntry = z.infer<typeof AuditEntry>;
