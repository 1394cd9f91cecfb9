/** @file A record of hand-offs: which recipe went into which folder, and the hash by which the folder is known again. */
import { AtelierError } from '../../contract/errors/errors.ts';
import { Handoff } from '../../contract/model/handoffs.ts';
import { HandoffId, type RunId } from '../../contract/model/primitives.ts';
import { Recipe } from '../../contract/model/recipe.ts';
import type { AuditStore } from '../audit/audit.ts';
import { canonicalJson, sha256Hex } from '../connection/canonical.ts';
import type { Database } from '../connection/connection.ts';
import { freeId, randomStem } from '../connection/ids.ts';

type HandoffRow = { id: string; body_json: string; run_id: string | null };

/** A hand-off with the run that came back from it, or null. */
export type KnownHandoff = { handoff: Handoff; recipe: Recipe; runId: RunId | null };

export type HandoffStore = ReturnType<typeof createHandoffStore>;

export function createHandoffStore(database: Database, audit: AuditStore) {
  /** An id for a hand-off that is about to be made. */
  async function newId(): Promise<HandoffId> {
    return HandoffId.parse(await freeId(database, 'handoff', randomStem('job')));
  }

  /** Records a hand-off with its recipe. `place` puts the folder where it belongs; if it fails, nothing is recorded. */
  async function insert(handoff: Handoff, recipe: Recipe, place: () => Promise<void>): Promise<void> {
    await database.transaction(async () => {
      const canonical = canonicalJson(Recipe.parse(recipe));
      const sha256 = sha256Hex(canonical);
      const { id, createdAt, manifestSha256 } = handoff;
      await database.run(
        'INSERT INTO recipe (sha256, canonical_json, created_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
        [sha256, canonical, createdAt],
      );
      await database.run(
        'INSERT INTO handoff (id, recipe_sha256, manifest_sha256, body_json, created_at) VALUES (?, ?, ?, ?, ?)',
        [id, sha256, manifestSha256, JSON.stringify(Handoff.parse(handoff)), createdAt],
      );
      await audit.append('handoff.created', {
        handoffId: id,
        recipeSha256: sha256,
        datasetSha256: recipe.datasetSha256,
        modelSha256: recipe.modelSha256,
        manifestSha256,
      });
      await place();
    });
  }

  /** Newest first. */
  async function list(): Promise<Handoff[]> {
    const rows = await database.all<HandoffRow>('SELECT * FROM handoff ORDER BY created_at DESC, rowid DESC');
    return rows.map(({ body_json: body }) => Handoff.parse(JSON.parse(body)));
  }

  /** The hand-off whose `manifest.json` has this hash; null if this store made none. */
  async function byManifest(manifestSha256: string): Promise<KnownHandoff | null> {
    const row = await database.get<HandoffRow & { recipe_sha256: string; canonical_json: string }>(
      `SELECT handoff.*, recipe.canonical_json FROM handoff JOIN recipe ON recipe.sha256 = handoff.recipe_sha256
        WHERE manifest_sha256 = ?`,
      [manifestSha256],
    );
    if (row === undefined) return null;
    if (sha256Hex(row.canonical_json) !== row.recipe_sha256) {
      throw new AtelierError(
        'VERIFICATION_FAILED',
        `The recipe of ${row.id} is not the one that was handed off: the store was changed outside Atelier.`,
        { remedy: 'Restore the data folder from a backup.' },
      );
    }
    return {
      handoff: Handoff.parse(JSON.parse(row.body_json)),
      recipe: Recipe.parse(JSON.parse(row.canonical_json)),
      runId: row.run_id as RunId | null,
    };
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

  return { newId, insert, list, byManifest, returned, ofRun };
}
