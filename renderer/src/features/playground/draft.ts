/** @file What stands in the form, kept in this browser or window so that a reload loses nothing. */
import { z } from 'zod';
import { DatasetId, PlaygroundImage, RunId, ModelId, Task } from '../../../../electron/contract/api/index.ts';

const Who = z.object({
  modelId: ModelId,
  runId: RunId.optional(),
  step: z.int().optional(),
  datasetId: DatasetId.optional(),
});

const Draft = z.object({
  question: z.string(),
  rightAnswer: z.string(),
  task: Task,
  images: z.array(PlaygroundImage),
  first: Who.optional(),
  second: Who.optional(),
  /** The question in the history whose answers are shown. */
  entryId: z.string().optional(),
});
export type Draft = z.infer<typeof Draft>;

const KEY = 'atelier.playground';
type Storage = Pick<globalThis.Storage, 'getItem' | 'setItem'>;

/** Null if there is none, or none that can be read. */
export function readDraft(storage: Storage = localStorage): Draft | null {
  try {
    return Draft.parse(JSON.parse(storage.getItem(KEY) ?? 'null'));
  } catch {
    return null;
  }
}

export function writeDraft(draft: Draft, storage: Storage = localStorage): void {
  storage.setItem(KEY, JSON.stringify(draft));
}
