/** @file Registered models: checkpoints that stay in their own folders on disk. */
import { AtelierError } from '../../contract/errors/errors.ts';
import { ModelSummary } from '../../contract/model/models.ts';
import { ModelId } from '../../contract/model/primitives.ts';
import type { AuditStore } from '../audit/audit.ts';
import type { Database } from '../connection/connection.ts';
import { freeId } from '../connection/ids.ts';

type ModelRow = {
  id: string;
  name: string;
  path: string;
  sha256: string;
  parameters: number;
  licence: string | null;
  licence_evidence_json: string;
  licence_stated_json: string | null;
  prompt_template: string;
  description: string | null;
  starter: number;
  origin_json: string | null;
};

/** A model before it has an id. Nobody has set its licence yet. Without an origin, one that is known stays. */
export type NewModel = Omit<ModelSummary, 'id' | 'licenceEvidence' | 'licenceStated' | 'origin'> &
  Partial<Pick<ModelSummary, 'licenceEvidence' | 'origin'>>;

export type ModelStore = ReturnType<typeof createModelStore>;

export function createModelStore(database: Database, audit: AuditStore) {
  /**
   * Registers the checkpoint at `path`. A repeated call for the same folder with the same bytes returns the same model,
   * with its name, texts and licence updated. If the bytes differ, the folder's model gets a new id, so that runs of the
   * old model still name what they were trained on. A licence that a person set stays for the same bytes. A model that
   * was removed is back on the list.
   */
  async function register(model: NewModel): Promise<ModelSummary> {
    return await database.transaction(async () => {
      const known = await findByPath(model.path);
      if (known !== undefined) await restore(known.id);
      const originJson = (model.origin ?? null) === null ? null : JSON.stringify(model.origin);
      if (known?.sha256 === model.sha256) {
        const licence = known.licenceStated?.licence ?? model.licence;
        await database.run(
          `UPDATE model SET name = ?, parameters = ?, licence = ?, licence_found = ?, licence_evidence_json = ?,
             prompt_template = ?, description = ?, starter = ?, origin_json = ifnull(?, origin_json) WHERE id = ?`,
          [
            model.name,
            model.parameters,
            licence,
            model.licence,
            JSON.stringify(model.licenceEvidence ?? []),
            model.promptTemplate,
            model.description,
            model.starter ? 1 : 0,
            originJson,
            known.id,
          ],
        );
        if (known.origin === null) await recordOrigin(known.id, model);
        if (licence !== known.licence)
          await audit.append('model.licence', { modelId: known.id, licence, from: 'its folder' });
        return await get(known.id);
      }
      if (known !== undefined) {
        await database.run('UPDATE model SET replaced_at = ? WHERE id = ?', [new Date().toISOString(), known.id]);
      }
      const id = await freeId(database, 'model', `model-${model.sha256.slice(0, 8)}`);
      await database.run(
        `INSERT INTO model (id, name, path, sha256, parameters, licence, licence_found, licence_evidence_json, prompt_template,
           description, starter, origin_json, registered_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        [
          id,
          model.name,
          model.path,
          model.sha256,
          model.parameters,
          model.licence,
          model.licence,
          JSON.stringify(model.licenceEvidence ?? []),
          model.promptTemplate,
          model.description,
          model.starter ? 1 : 0,
          originJson,
          new Date().toISOString(),
        ],
      );
      await audit.append('model.registered', { modelId: id, sha256: model.sha256 });
      await recordOrigin(id, model);
      return await get(ModelId.parse(id));
    });
  }

  /** Notes where a model was downloaded, with the licence that its files stated then. */
  async function recordOrigin(modelId: string, { origin, licence, sha256 }: NewModel): Promise<void> {
    if (origin === undefined || origin === null) return;
    const { name, revision, endpoint, cardSha256 } = origin;
    await audit.append('model.downloaded', { modelId, sha256, name, revision, endpoint, licence, cardSha256 });
  }

  /**
   * Sets the licence that counts, or (null) lets the folder's statements count again.
   * @param licence SPDX expression
   */
  async function setLicence(modelId: ModelId, licence: string | null, evidence: string): Promise<ModelSummary> {
    return await database.transaction(async () => {
      await get(modelId);
      const stated =
        licence === null ? null : JSON.stringify({ licence, evidence, statedAt: new Date().toISOString() });
      await database.run(
        'UPDATE model SET licence = ifnull(?2, licence_found), licence_stated_json = ?3 WHERE id = ?1',
        [modelId, licence, stated],
      );
      const model = await get(modelId);
      const from = licence === null ? 'its folder' : 'a person';
      await audit.append('model.licence', {
        modelId,
        licence: model.licence,
        from,
        ...(evidence === '' ? {} : { evidence }),
      });
      return model;
    });
  }

  async function find(modelId: ModelId): Promise<ModelSummary | undefined> {
    const row = await database.get<ModelRow>('SELECT * FROM model WHERE id = ?', [modelId]);
    return row === undefined ? undefined : toModel(row);
  }

  async function get(modelId: ModelId): Promise<ModelSummary> {
    const model = await find(modelId);
    if (model !== undefined) return model;
    throw new AtelierError('NOT_FOUND', `There is no model with the id "${modelId}".`, {
      place: { field: 'modelId' },
      remedy: 'Register the folder of the checkpoint first, or take an id from the list of models.',
    });
  }

  async function findByPath(path: string): Promise<ModelSummary | undefined> {
    const row = await database.get<ModelRow>('SELECT * FROM model WHERE path = ? AND replaced_at IS NULL', [path]);
    return row === undefined ? undefined : toModel(row);
  }

  /**
   * Takes a model off the list. Its row and its folder stay, because runs and exports refer to them.
   * @throws AtelierError CONFLICT for the starter model, and while a run or an evaluation of the model has not ended
   */
  async function remove(modelId: ModelId): Promise<ModelSummary> {
    return await database.transaction(async () => {
      const model = await get(modelId);
      const { name } = model;
      if (model.starter) {
        throw new AtelierError('CONFLICT', `"${name}" ships with Atelier, so it cannot be removed.`, {
          place: { field: 'modelId' },
          remedy: 'Only models that you added can be removed.',
        });
      }
      const user = await database.get<{ title: string }>(
        `SELECT name AS title FROM run WHERE model_id = ?1 AND status IN ('queued', 'running')
         UNION ALL SELECT title FROM queue_entry WHERE request_json ->> '$.modelId' = ?1
         UNION ALL SELECT name FROM experiment WHERE model_id = ?1 AND status IN ('queued', 'running') LIMIT 1`,
        [modelId],
      );
      if (user !== undefined) {
        throw new AtelierError('CONFLICT', `The model "${name}" is needed by "${user.title}", which has not ended.`, {
          place: { field: 'modelId' },
          remedy: 'Stop it or wait for its end, then remove the model.',
        });
      }
      const { changes } = await database.run('UPDATE model SET removed_at = ? WHERE id = ? AND removed_at IS NULL', [
        new Date().toISOString(),
        modelId,
      ]);
      if (changes > 0) await audit.append('model.removed', { modelId });
      return model;
    });
  }

  async function restore(modelId: ModelId): Promise<ModelSummary> {
    return await database.transaction(async () => {
      const model = await get(modelId);
      const { changes } = await database.run(
        'UPDATE model SET removed_at = NULL WHERE id = ? AND removed_at IS NOT NULL',
        [modelId],
      );
      if (changes > 0) await audit.append('model.restored', { modelId });
      return model;
    });
  }

  /** Models in use: the starters first, of these nano, then by name. Omits those that were removed, or whose bytes were replaced. */
  async function list(): Promise<ModelSummary[]> {
    const rows = await database.all<ModelRow>(
      `SELECT * FROM model WHERE replaced_at IS NULL AND removed_at IS NULL
       ORDER BY starter DESC, starter AND path LIKE '%nano' DESC, name, id`,
    );
    return rows.map(toModel);
  }

  return { register, setLicence, remove, restore, find, get, findByPath, list };
}

function toModel(row: ModelRow): ModelSummary {
  return ModelSummary.parse({
    id: row.id,
    name: row.name,
    path: row.path,
    sha256: row.sha256,
    parameters: row.parameters,
    licence: row.licence,
    licenceEvidence: JSON.parse(row.licence_evidence_json) as unknown,
    licenceStated: row.licence_stated_json === null ? null : (JSON.parse(row.licence_stated_json) as unknown),
    promptTemplate: row.prompt_template,
    description: row.description,
    starter: row.starter === 1,
    origin: row.origin_json === null ? null : (JSON.parse(row.origin_json) as unknown),
  });
}
