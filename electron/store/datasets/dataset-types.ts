/** @file What a new dataset consists of, and how to query a dataset's samples. */
import type { z } from 'zod';
import type { SampleFilter } from '../../contract/model/curation.ts';
import type { Sample, Source } from '../../contract/model/datasets.ts';
import type { DatasetId, Sha256 as Sha256Schema } from '../../contract/model/primitives.ts';

export type Sha256 = z.infer<typeof Sha256Schema>;

/** What is known about an image's own bytes, as put into the blob store. */
export type ImageRecord = { sha256: Sha256; format: string; sizeBytes: number; width: number; height: number };

/** A sample before its dataset has an id. */
export type NewSample = Omit<Sample, 'id' | 'datasetId' | 'width' | 'height' | 'tags' | FromSignals | RightsOrigin> &
  Partial<Pick<Sample, RightsOrigin>>;
/** Facts stored per image, not per sample. */
type FromSignals = 'signals' | 'verdict' | 'excluded' | 'override';
type RightsOrigin = 'licenceSource' | 'authorsSource';

/** One source of a dataset's images, with the number of samples that use it. */
export type SourceUse = Source & { samples: number };

export type SampleQuery = SampleFilter & { datasetId: DatasetId; offset: number; limit: number };
