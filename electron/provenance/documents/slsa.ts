/**
 * @file The statement of a training run: in-toto Statement v1 with SLSA provenance v1. A desktop program makes it about
 * itself, so it reaches SLSA Build L1 and no more: nobody else watched the run.
 */
import { z } from 'zod';
import { Recipe, Sha256 } from '../../contract/api/index.ts';
import type { HubLocation } from './bundle-description.ts';
import type { FileDigest } from '../signing/model-signing.ts';

/** Identifies how to read `externalParameters`; a new meaning gets a new number. Not an address to fetch. */
export const BUILD_TYPE = 'https://atelier.invalid/build-types/fine-tune/v1';
const BUILDER_ID = 'https://atelier.invalid/builders/desktop/v1';

const Digest = z.strictObject({ sha256: Sha256 });
const Dependency = z.strictObject({
  name: z.string(),
  uri: z.string(),
  digest: Digest,
  annotations: z.record(z.string(), z.string()).optional(),
});

export const RunStatement = z.strictObject({
  _type: z.literal('https://in-toto.io/Statement/v1'),
  subject: z.array(z.strictObject({ name: z.string(), digest: Digest })).min(1),
  predicateType: z.literal('https://slsa.dev/provenance/v1'),
  predicate: z.strictObject({
    buildDefinition: z.strictObject({
      buildType: z.literal(BUILD_TYPE),
      externalParameters: z.strictObject({ recipe: Recipe }),
      internalParameters: z.strictObject({
        device: z.string().nullable(),
        step: z.int(),
        recipeSha256: Sha256,
        slsaBuildLevel: z.literal(1),
      }),
      resolvedDependencies: z.array(Dependency),
    }),
    runDetails: z.strictObject({
      builder: z.strictObject({ id: z.literal(BUILDER_ID), version: z.record(z.string(), z.string()) }),
      metadata: z.strictObject({
        invocationId: z.string(),
        startedOn: z.iso.datetime().optional(),
        finishedOn: z.iso.datetime().optional(),
      }),
      byproducts: z.array(z.strictObject({ name: z.string(), digest: Digest })),
    }),
  }),
});
export type RunStatement = z.infer<typeof RunStatement>;

export interface RunStatementInput {
  recipe: Recipe;
  recipeSha256: string;
  runId: string;
  step: number;
  device: string | null;
  startedAt: string | null;
  endedAt: string | null;
  atelierVersion: string;
  /** The version of the documents' words and forms. */
  documentsVersion: string;
  /** The weights and their configuration. */
  subject: readonly FileDigest[];
  base: {
    name: string;
    sha256: string;
    licence: string | null;
    files: readonly FileDigest[];
    /** Where the model is published; null if that is not known. */
    hub: HubLocation | null;
  };
  dataset: { name: string; importedAt: string; manifestSha256: string; licences: readonly (string | null)[] };
  /** Other files of the bundle that the run produced: evaluation, ledger. */
  byproducts: readonly FileDigest[];
}

/** The statement about the run's results: every input you gave, every input that was resolved, and every output. */
export function buildRunStatement(input: RunStatementInput): RunStatement {
  const { base, dataset } = input;
  const { startAdapter } = input.recipe;
  const revision = base.hub?.revision ?? null;
  const digestOf = ({ name, sha256 }: FileDigest): { name: string; digest: { sha256: string } } => ({
    name,
    digest: { sha256 },
  });
  const licences = dataset.licences.map((licence) => licence ?? 'unknown').sort();
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: input.subject.map(digestOf),
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType: BUILD_TYPE,
        externalParameters: { recipe: input.recipe },
        internalParameters: {
          device: input.device,
          step: input.step,
          recipeSha256: input.recipeSha256,
          slsaBuildLevel: 1,
        },
        resolvedDependencies: [
          {
            name: 'base-model',
            uri: `atelier:model/${encodeURIComponent(base.name)}`,
            digest: { sha256: base.sha256 },
            annotations: {
              licence: base.licence ?? 'unknown',
              ...(base.hub === null ? {} : { hubId: base.hub.id }),
              ...(revision === null ? {} : { hubRevision: revision }),
            },
          },
          ...base.files.map((file) => ({
            name: `base-model/${file.name}`,
            uri: `atelier:model/${encodeURIComponent(base.name)}/${file.name.split('/').map(encodeURIComponent).join('/')}`,
            digest: { sha256: file.sha256 },
          })),
          ...(startAdapter === undefined
            ? []
            : [
                {
                  name: 'start-adapter',
                  uri: `atelier:adapter/${encodeURIComponent(startAdapter.name)}`,
                  digest: { sha256: startAdapter.sha256 },
                  annotations: {
                    licence: startAdapter.licence ?? 'unknown',
                    author: startAdapter.author ?? 'unknown',
                  },
                },
              ]),
          {
            name: 'dataset',
            uri: `atelier:dataset/${encodeURIComponent(dataset.name)}`,
            digest: { sha256: input.recipe.datasetSha256 },
            annotations: { licences: licences.join('; '), importedAt: dataset.importedAt },
          },
          { name: 'dataset-manifest', uri: 'manifest.jsonl', digest: { sha256: dataset.manifestSha256 } },
        ],
      },
      runDetails: {
        builder: { id: BUILDER_ID, version: { atelier: input.atelierVersion, documents: input.documentsVersion } },
        metadata: {
          invocationId: `atelier:run/${encodeURIComponent(input.runId)}`,
          ...(input.startedAt === null ? {} : { startedOn: input.startedAt }),
          ...(input.endedAt === null ? {} : { finishedOn: input.endedAt }),
        },
        byproducts: input.byproducts.map(digestOf),
      },
    },
  };
}

/** The statement's dependency with this name. */
export function dependencyOf(statement: RunStatement, name: string): z.infer<typeof Dependency> | undefined {
  return statement.predicate.buildDefinition.resolvedDependencies.find((dependency) => dependency.name === name);
}
