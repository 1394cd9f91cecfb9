/** @file A record of hand-offs: which recipes went into which folder, and the hash by which the folder is known again. */
import { z } from 'zod';
import { AtelierError } from '../../contract/errors/errors.ts';
import { ExperimentRequest } from '../../contract/model/experiments.ts';
import { Handoff } from '../../contract/model/handoffs.ts';
import { ExperimentId, HandoffId, type RunId } from '../../contract/model/primitives.ts';
import { Recipe } from '../../contract/model/recipe.ts';
import type { AuditStore } from '../audit/audit.ts';
import { canonicalJson, sha256Hex } from '../connection/canonical.ts';
import type { Database } from '../connection/connection.ts';
import { freeId, randomStem } from '../connection/ids.ts';
import type { ExperimentStore } from '../experiments/experiments.ts';

type HandoffRow = { id: string; body_json: string; run_id: string | null };
type KnownRow = HandoffRow & {
  recipe_sha256: string;
  canonical_json: string;
  parent_id: string | null;
  ordinal: number | null;
};

/** A hand-off with the run that came back from it, or null; `part` if it is one of an experiment's. */
export type KnownHandoff = {
  handoff: Handoff;
  recipe: Recipe;
  runId: RunId | null;
  part: { experimentId: ExperimentId; ordinal: number } | null;
};

/** A hand-off of an experiment, with its runs in the order of `handoff.children`. */
export type KnownExperiment = { handoff: Handoff; experimentId: ExperimentId; parts: KnownHandoff[] };

/** What is stored of a folder when it is in its place. */
export const HandoffRecord = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('run'), handoff: Handoff, recipe: Recipe }),
  z.object({
    kind: z.literal('experiment'),
    handoff: Handoff,
    /** One that is stored, or a new one as it was planned. */
    experiment: z.union([
      z.object({ id: ExperimentId }),
      z.object({ request: ExperimentRequest, name: z.string(), plans: z.array(z.unknown()) }),
    ]),
    parts: z.array(z.object({ ordinal: z.int().nonnegative(), handoff: Handoff, recipe: Recipe })),
  }),
]);
export type HandoffRecord = z.output<typeof HandoffRecord>;

export type HandoffStore = ReturnType<typeof createHandoffStore>;

const KNOWN =
  'SELECT handoff.*, recipe.canonical_json FROM handoff JOIN recipe ON recipe.sha256 = handoff.recipe_sha256';

export function createHandoffStore(
  database: Database,
  audit: AuditStore,
  experiments: Pick<ExperimentStore, 'create' | 'setStatus'>,
) {
  /** True if the experiment went out as a job. */
  async function hasExperiment(experimentId: ExperimentId): Promise<boolean> {
    const row = await database.get('SELECT 1 FROM handoff_experiment WHERE experiment_id = ?', [experimentId]);
    return row !== undefined;
  }

  /** An id for a hand-off that is about to be made. */
  async function newId(): Promise<HandoffId> {
    return HandoffId.parse(await freeId(database, 'handoff', randomStem('job')));
  }

  /** Records a hand-off: its recipe, or the experiment with each recipe. Null if it was recorded before. */
  async function insert(record: HandoffRecord): Promise<Handoff | null> {
    return await database.transaction(async () => {
      const { handoff } = record;
      const { id, manifestSha256, createdAt } = handoff;
      if ((await byManifest(manifestSha256)) !== null || (await experiment(manifestSha256)) !== null) return null;
      if (record.kind === 'run') {
        await insertRun(handoff, record.recipe, null, null);
        return handoff;
      }
      const experimentId = await experimentOf(record);
      const whole = { ...handoff, experimentId };
      await database.run(
        'INSERT INTO handoff_experiment (id, experiment_id, manifest_sha256, body_json, created_at) VALUES (?, ?, ?, ?, ?)',
        [id, experimentId, manifestSha256, JSON.stringify(whole), createdAt],
      );
      const children = record.parts.length;
      await audit.append('handoff.created', { handoffId: id, experimentId, manifestSha256, children });
      for (const part of record.parts) await insertRun(part.handoff, part.recipe, id, part.ordinal);
      return whole;
    });
  }

  /** The experiment, stored if it is new. It waits for its runs. */
  async function experimentOf({
    experiment: given,
    handoff,
  }: HandoffRecord & { kind: 'experiment' }): Promise<ExperimentId> {
    const id = 'id' in given ? given.id : (await experiments.create(given.request, given.name, given.plans)).id;
    const reason = `Its runs were handed off as ${handoff.id}. Take the job folder back when they have trained.`;
    await experiments.setStatus(id, 'interrupted', reason);
    return id;
  }

  async function insertRun(
    handoff: Handoff,
    recipe: Recipe,
    parentId: HandoffId | null,
    ordinal: number | null,
  ): Promise<void> {
    const canonical = canonicalJson(Recipe.parse(recipe));
    const sha256 = sha256Hex(canonical);
    const { id, createdAt, manifestSha256 } = handoff;
    await database.run(
      'INSERT INTO recipe (sha256, canonical_json, created_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
      [sha256, canonical, createdAt],
    );
    await database.run(
      `INSERT INTO handoff (id, recipe_sha256, manifest_sha256, body_json, created_at, parent_id, ordinal)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
      [id, sha256, manifestSha256, JSON.stringify(Handoff.parse(handoff)), createdAt, parentId, ordinal],
    );
    await audit.append('handoff.created', {
      handoffId: id,
      recipeSha256: sha256,
      datasetSha256: recipe.datasetSha256,
      modelSha256: recipe.modelSha256,
      manifestSha256,
    });
  }

  /** Newest first; an experiment is one. */
  async function list(): Promise<Handoff[]> {
    const rows = await database.all<{ body_json: string }>(
      `SELECT body_json, created_at FROM handoff WHERE parent_id IS NULL
       UNION ALL SELECT body_json, created_at FROM handoff_experiment ORDER BY created_at DESC`,
    );
    return rows.map(({ body_json: body }) => Handoff.parse(JSON.parse(body)));
  }

  /** The hand-off of a run whose `manifest.json` has this hash; null if this store made none. */
  async function byManifest(manifestSha256: string): Promise<KnownHandoff | null> {
    const row = await database.get<KnownRow>(`${KNOWN} WHERE manifest_sha256 = ?`, [manifestSha256]);
    return row === undefined ? null : known(row);
  }

  /** The hand-off of an experiment whose `manifest.json` has this hash; null if this store made none. */
  async function experiment(manifestSha256: string): Promise<KnownExperiment | null> {
    const row = await database.get<{ id: string; body_json: string; experiment_id: string }>(
      'SELECT * FROM handoff_experiment WHERE manifest_sha256 = ?',
      [manifestSha256],
    );
    if (row === undefined) return null;
    const rows = await database.all<KnownRow>(`${KNOWN} WHERE parent_id = ? ORDER BY ordinal`, [row.id]);
    return {
      handoff: Handoff.parse(JSON.parse(row.body_json)),
      experimentId: ExperimentId.parse(row.experiment_id),
      parts: await Promise.all(rows.map((each) => known(each))),
    };
  }

  async function known({
    body_json: body,
    canonical_json: recipe,
    run_id: runId,
    ...row
  }: KnownRow): Promise<KnownHandoff> {
    if (sha256Hex(recipe) !== row.recipe_sha256) {
      throw new AtelierError(
        'VERIFICATION_FAILED',
        `The recipe of ${row.id} is not the one that was handed off: the store was changed outside Atelier.`,
        { remedy: 'Restore the data folder from a backup.' },
      );
    }
    const parent =
      row.parent_id === null
        ? undefined
        : await database.get<{ experiment_id: string }>('SELECT experiment_id FROM handoff_experiment WHERE id = ?', [
            row.parent_id,
          ]);
    return {
      handoff: Handoff.parse(JSON.parse(body)),
      recipe: Recipe.parse(JSON.parse(recipe)),
      runId: runId as RunId | null,
      part:
        parent === undefined || row.ordinal === null
          ? null
          : { experimentId: ExperimentId.parse(parent.experiment_id), ordinal: row.ordinal },
    };
  }

  /** The newest hand-off of a part of an experiment; null if it was never handed off. */
  async function ofPart(experimentId: ExperimentId, ordinal: number): Promise<HandoffId | null> {
    const row = await database.get<{ id: string }>(
      `SELECT parent_id AS id FROM handoff WHERE ordinal = ?
         AND parent_id IN (SELECT id FROM handoff_experiment WHERE experiment_id = ?) ORDER BY created_at DESC LIMIT 1`,
      [ordinal, experimentId],
    );
    return row === undefined ? null : HandoffId.parse(row.id);
  }

  /** Records what came back: the run that holds it, and up to which step. Call it in the transaction that stores it. */
  async function returned(
    handoffId: HandoffId,
    runId: RunId,
    came: { step: number; checkpoints: readonly number[] },
  ): Promise<void> {
    await database.run('UPDATE handoff SET run_id = ? WHERE id = ?', [runId, handoffId]);
    await audit.append('handoff.returned', { handoffId, runId, step: came.step, checkpoints: [...came.checkpoints] });
  }

  /** The hand-off that a run came back from; null for a run of this machine. */
  async function ofRun(runId: RunId): Promise<HandoffId | null> {
    const row = await database.get<{ id: string }>('SELECT id FROM handoff WHERE run_id = ?', [runId]);
    return row === undefined ? null : HandoffId.parse(row.id);
  }

  return { hasExperiment, newId, insert, list, byManifest, experiment, ofPart, returned, ofRun };
}
