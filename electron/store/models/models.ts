/** @file Registered models: Qwen2-VL checkpoints that stay in their own folders on disk. */
import { AtelierError } from '../../contract/errors/errors.ts';
import { ModelSummary } from '../../contract/model/models.ts';
import type { ModelId } from '../../contract/model/primitives.ts';
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
  prompt_template: string;
  description: string | null;
  starter: number;
};

export type ModelStore = ReturnType<typeof createModelStore>;

export function createModelStore(database: Database, audit: AuditStore) {
  /**
   * Registers the checkpoint at `path`. A repeated call for the same folder with the same bytes returns the same model,
   * with its name and texts updated. If the bytes differ, the folder's model gets a new id, so that runs of the old
   * model still name what they were trained on.
   */
  async function register(model: Omit<ModelSummary, 'id'>): Promise<ModelSummary> {
    return await database.transaction(async () => {
      const known = await findByPath(model.path);
      if (known?.sha256 === model.sha256) {
        await database.run(
          `UPDATE model SET name = ?, parameters = ?, licence = ?, prompt_template = ?, description = ?, starter = ? WHERE id = ?`,
          [
            model.name,
            model.parameters,
            model.licence,
            model.promptTemplate,
            model.description,
            model.starter ? 1 : 0,
            known.id,
          ],
        );
        return { ...model, id: known.id };
      }
      if (known !== undefined) {
        await database.run('UPDATE model SET replaced_at = ? WHERE id = ?', [new Date().toISOString(), known.id]);
      }
      const id = await freeId(database, 'model', `model-${model.sha256.slice(0, 8)}`);
      await database.run(
        `INSERT INTO model (id, name, path, sha256, parameters, licence, prompt_template, description, starter, registered_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        [
          id,
          model.name,
          model.path,
          model.sha256,
          model.parameters,
          model.licence,
          model.promptTemplate,
          model.description,
          model.starter ? 1 : 0,
          new Date().toISOString(),
        ],
      );
      await audit.append('model.registered', { modelId: id, sha256: model.sha256 });
      return ModelSummary.parse({ ...model, id });
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

  /** Models in use: the starter first, then by name. Omits folders whose bytes were replaced. */
  async function list(): Promise<ModelSummary[]> {
    const rows = await database.all<ModelRow>(
      'SELECT * FROM model WHERE replaced_at IS NULL ORDER BY starter DESC, name, id',
    );
    return rows.map(toModel);
  }

  return { register, find, get, findByPath, list };
}

function toModel(row: ModelRow): ModelSummary {
  return ModelSummary.parse({
    id: row.id,
    name: row.name,
    path: row.path,
    sha256: row.sha256,
    parameters: row.parameters,
    licence: row.licence,
    promptTemplate: row.prompt_template,
    description: row.description,
    starter: row.starter === 1,
  });
}
