/** @file The files of an export for llama.cpp and Ollama: written and read back by the engine, with a Modelfile. */
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GgufWeights } from '../../../contract/model/exports.ts';
import type { ModelSummary } from '../../../contract/model/models.ts';
import type { Recipe } from '../../../contract/model/recipe.ts';
import { readCheckpointSettings } from '../../../formats/checkpoint.ts';
import { ggufFileNames } from '../../../formats/gguf/gguf-model.ts';
import { loadChatTemplate, withSystem } from '../../../formats/chat-template.ts';
import { askedAs } from '../../../method/mixture.ts';
import { fillTemplate } from '../../../method/prompt-template.ts';
import { PICTURE_MARK, QUESTION_MARK } from '../../../provenance/documents/use-programs.ts';
import { USE_FILE } from '../../../reporting/use-commands.ts';
import { stableJson } from '../../../provenance/signing/canonical-json.ts';
import { pixelLimitsOf } from '../../models/detail.ts';
import { filesFromEngine, type EngineContext } from './engine-files.ts';
import type { ExportFacts } from './facts.ts';
import type { Digests } from './folder.ts';

export const GGUF_CHECK = 'gguf-check.json';
export const MODELFILE = 'Modelfile';

/** Where the system prompt stands. */
const SYSTEM = 'ATELIER-SYSTEM';
/** What a picture leaves in the text. llama.cpp and Ollama put their own marks there. */
const PICTURE = /<\|vision_start\|><\|image_pad\|><\|vision_end\|>|<image>/g;

interface GgufInput {
  folder: string;
  facts: ExportFacts;
  licence: string | null;
  ggufWeights: GgufWeights;
  context: EngineContext;
  digests: Digests;
}

/** The GGUF files, what was found when they were read back, and how Ollama starts them. */
export async function writeGgufFiles(
  { folder, facts, licence, ggufWeights, context, digests }: GgufInput,
  metadata: Record<string, string>,
): Promise<void> {
  const { recipe, model, checkpoint } = facts;
  const isAdapter = recipe.adapter.kind === 'lora';
  const job = {
    // A checkpoint of all weights is a whole model, with the files of its base beside the weights.
    modelPath: isAdapter ? model.path : checkpoint.path,
    adapterPath: isAdapter ? checkpoint.path : null,
    folder,
    weights: ggufWeights,
    name: recipe.name,
    licence,
    metadata,
    ...(recipe.maxPixels === undefined ? {} : { maxPixels: recipe.maxPixels }),
  };
  const { check } = await filesFromEngine(context, digests, (engine) => engine.gguf(job, context.signal));
  await writeFile(join(folder, GGUF_CHECK), stableJson(check));
  await writeFile(join(folder, MODELFILE), await modelfile(facts, ggufWeights));
  await mkdir(join(folder, 'use'));
  await writeFile(join(folder, USE_FILE.conversation), await conversation(facts));
}

type Conversing = {
  recipe: Pick<Recipe, 'promptTemplate' | 'systemPrompt' | 'mixture'>;
  model: Pick<ModelSummary, 'path'>;
};

/** A conversation as in training, as the base model's chat template renders it. */
async function rendered(
  { recipe, model }: Conversing,
  systemPrompt: string | undefined,
  promptTemplate = askedAs(recipe).promptTemplate,
): Promise<string> {
  const template = await loadChatTemplate(model.path);
  const text = fillTemplate(promptTemplate, QUESTION_MARK);
  const messages = withSystem(systemPrompt, {
    role: 'user',
    content: template.takes === 'text' ? text : [{ type: 'image' }, { type: 'text', text }],
  });
  return await template.render(messages, { addGenerationPrompt: true });
}

/**
 * The conversation for llama.cpp, with marks for picture and question, and the run's limits of a picture in tokens. llama.cpp has
 * limits of its own for Qwen's families, whatever the file says; pictures in tiles have none in tokens.
 */
export async function conversation(
  facts: Conversing & { recipe: Pick<Recipe, 'maxPixels'>; model: Pick<ModelSummary, 'path'> },
): Promise<string> {
  const textFor = async (template?: string): Promise<string> =>
    (await rendered(facts, facts.recipe.systemPrompt, template)).replaceAll(PICTURE, PICTURE_MARK);
  const texts = new Map<string, string>();
  for (const { name, promptTemplate } of askedAs(facts.recipe).each) texts.set(name, await textFor(promptTemplate));
  const { minPixels, maxPixels, pixelsPerToken, tiles } = pixelLimitsOf(await readCheckpointSettings(facts.model.path));
  const tokens = (pixels: number): number | null =>
    tiles === undefined ? Math.max(1, Math.floor(pixels / pixelsPerToken)) : null;
  return stableJson({
    text: await textFor(),
    ...(texts.size === 0 ? {} : { texts: Object.fromEntries(texts) }),
    'image-min-tokens': tokens(minPixels),
    'image-max-tokens': tokens(facts.recipe.maxPixels ?? maxPixels),
  });
}

/** A Modelfile for `ollama create`: both files, and a conversation as in training. */
export async function modelfile(facts: Conversing, weights: GgufWeights): Promise<string> {
  const names = ggufFileNames(weights);
  const { systemPrompt } = facts.recipe;
  const system = quotable(systemPrompt);
  const shown = (await rendered(facts, system === undefined ? systemPrompt : SYSTEM))
    .replaceAll(PICTURE, '')
    .replaceAll('{{', '{{"{{"}}')
    .replace(SYSTEM, '{{ .System }}')
    .replaceAll(QUESTION_MARK, '{{ .Prompt }}');
  return [
    `FROM ./${names.model}`,
    `FROM ./${names.mmproj}`,
    `TEMPLATE """${shown}{{ .Response }}"""`,
    ...(system === undefined ? [] : [`SYSTEM """${system}"""`]),
    'PARAMETER temperature 0',
    '',
  ].join('\n');
}

/** A text that SYSTEM can hold: there is no way to write its quotes. Any other stays part of the template. */
function quotable(text: string | undefined): string | undefined {
  return text === undefined || text.includes('"""') || text.endsWith('"') ? undefined : text;
}

/** Bytes that the GGUF files will take, at most: from the sizes of the weights, whatever they are stored as. */
export async function ggufBytes({ model }: Pick<ExportFacts, 'model'>, weights: GgufWeights): Promise<number> {
  const names = (await readdir(model.path)).filter((name) => name.endsWith('.safetensors'));
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(model.path, name))).size));
  // Norms, biases and convolutions stay in float32; they are a few percent.
  return sizes.reduce((sum, size) => sum + size, 0) * (weights === 'f16' || weights === 'bf16' ? 1.1 : 1);
}
