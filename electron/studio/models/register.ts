/** @file Registers models by folder: reads, checks and hashes them, and leaves them in place. */
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { R1V_PROMPT_TEMPLATE } from '../../method/defaults.ts';
import type { HubOrigin } from '../../contract/model/hub.ts';
import type { ModelLicenceRequest, ModelSummary, RegisterModelRequest } from '../../contract/model/models.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import { loadChatTemplate } from '../../formats/chat-template.ts';
import {
  findNonFinite,
  hashCheckpoint,
  readCheckpoint,
  readCheckpointSettings,
  type Checkpoint,
} from '../../formats/checkpoint.ts';
import { imageToken, loadTokenizer } from '../../formats/tokenizer.ts';
import type { StudioCore } from '../context.ts';
import { licenceGiven } from '../licence-given.ts';
import { findModelLicence } from './model-licence.ts';
import { checkpointFolder } from './paths.ts';

/**
 * Registers the checkpoint in a folder. The same folder with the same bytes keeps its id and name; what it says about
 * its licence is read again.
 * @throws AtelierError CONFLICT for another name or licence of a model that ships with Atelier; BAD_INPUT for a folder or a
 *   stated licence that cannot be used
 */
export async function registerModel(
  studio: Pick<StudioCore, 'store'>,
  { stated, ...request }: RegisterModelRequest & { starter?: boolean; origin?: HubOrigin },
): Promise<ModelSummary> {
  if (stated === undefined) return await register(studio, request);
  licenceWithEvidence(stated);
  const known = await studio.store.models.findByPath(await checkpointFolder(request.path));
  if (known?.starter === true) throw shipped(known, 'licence');
  const { id } = await register(studio, request);
  return await setModelLicence(studio, { modelId: id, ...stated });
}

async function register(
  studio: Pick<StudioCore, 'store'>,
  request: Omit<RegisterModelRequest, 'stated'> & { starter?: boolean; origin?: HubOrigin },
): Promise<ModelSummary> {
  const path = await checkpointFolder(request.path);
  const sha256 = await hashCheckpoint(path);
  const known = await studio.store.models.findByPath(path);
  const starter = request.starter ?? known?.starter ?? false;
  if (known?.starter === true && request.name !== undefined && request.name !== known.name)
    throw shipped(known, 'name');
  if (known?.sha256 === sha256 && (request.name ?? known.name) === known.name) {
    const stated = await readCheckpointSettings(path);
    const { licence, evidence } = await findModelLicence(path, stated.licence);
    const name = starter ? (stated.name ?? known.name) : known.name;
    return await studio.store.models.register({ ...known, name, licence, licenceEvidence: evidence });
  }
  const checkpoint = await readCheckpoint(path);
  try {
    await checkText(path, checkpoint.config.imageTokenId);
    await mustBeFinite(checkpoint);
    const { licence, evidence } = await findModelLicence(path, checkpoint.licence);
    return await studio.store.models.register({
      name: request.name ?? checkpoint.name ?? basename(path),
      path,
      sha256,
      parameters: checkpoint.parameters,
      licence,
      licenceEvidence: evidence,
      promptTemplate: checkpoint.promptTemplate ?? R1V_PROMPT_TEMPLATE,
      description: checkpoint.description,
      starter,
      origin: request.origin ?? null,
    });
  } finally {
    await checkpoint.tensors.close();
  }
}

function shipped({ name }: ModelSummary, what: 'name' | 'licence'): AtelierError {
  const sentence =
    what === 'name'
      ? `"${name}" ships with Atelier, so it is here already and keeps its name.`
      : `"${name}" ships with Atelier, so it keeps the licence that its folder states.`;
  return new AtelierError('CONFLICT', sentence, {
    place: { field: what },
    remedy: 'Copy its folder and add the copy, if you need it to be otherwise.',
  });
}

/**
 * Asks the chat template and the tokenizer for one ordinary question, so that a model whose own programs fail, hang or
 * fill the memory is refused here and not at the start of a run. Later calls have the same limits.
 */
async function checkText(path: string, imageTokenId: number): Promise<void> {
  const [template, tokenizer] = await Promise.all([loadChatTemplate(path), loadTokenizer(path)]);
  imageToken(tokenizer, imageTokenId, path);
  const content =
    template.takes === 'text' ? PROBE : [{ type: 'image' as const }, { type: 'text' as const, text: PROBE }];
  const text = await template.render([{ role: 'user', content }], { addGenerationPrompt: true });
  await tokenizer.encode(text);
}

/** Words, figures, spaces and signs in several scripts: what patterns of tokenizers tell apart. */
const PROBE = `How many? 12 345,67 € – naïve 猫が3匹 Привет\n\n\t<answer>x²</answer> ${'a'.repeat(64)}!`;

/** A single NaN spoils every answer and every step, and nothing in them says where it came from. */
async function mustBeFinite({ tensors, dir }: Pick<Checkpoint, 'tensors' | 'dir'>): Promise<void> {
  const name = await findNonFinite(tensors);
  if (name === null) return;
  throw new AtelierError(
    'BAD_INPUT',
    `${dir}: tensor "${name}" holds a value that is not a finite number (NaN or infinite).`,
    {
      place: { file: dir, field: name },
      remedy: 'Copy or download the weights again. If they are as published, the model itself is damaged.',
    },
  );
}

/**
 * Sets the licence of a model's weights by hand.
 * @throws AtelierError BAD_INPUT for a licence that is not understood or has no evidence, NOT_FOUND for the model, CONFLICT for
 *   one that ships with Atelier
 */
export async function setModelLicence(
  studio: Pick<StudioCore, 'store'>,
  { modelId, licence, evidence }: ModelLicenceRequest,
): Promise<ModelSummary> {
  if (licence === null) return await studio.store.models.setLicence(modelId, null, evidence);
  const model = await studio.store.models.get(modelId);
  if (model.starter) throw shipped(model, 'licence');
  return await studio.store.models.setLicence(modelId, licenceWithEvidence({ licence, evidence }), evidence);
}

function licenceWithEvidence({ licence, evidence }: { licence: string; evidence: string }): string {
  const expression = licenceGiven(licence);
  if (evidence !== '') return expression;
  throw new AtelierError('BAD_INPUT', 'It is not stated what this licence rests on.', {
    place: { field: 'evidence' },
    remedy: 'Name the page, file, letter or contract where you read it.',
  });
}

/** The starter models, by the name of their folder. The second may be missing: nano is enough to begin with. */
const STARTER_MODELS = ['nano', 'apprentice'];

/** Registers the starter models. If nano is missing, or one is damaged, this logs a line and does not fail. */
export async function registerStarterModels(studio: Pick<StudioCore, 'resourcesDir' | 'store' | 'log'>): Promise<void> {
  for (const name of STARTER_MODELS) {
    const path = join(studio.resourcesDir, 'models', name);
    if (name !== 'nano' && !existsSync(join(path, 'model.safetensors'))) continue;
    try {
      await registerModel(studio, { path, starter: true });
    } catch (error) {
      studio.log.logger.warn({ err: error, path }, 'the starter model could not be registered');
    }
  }
}
