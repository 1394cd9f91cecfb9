/** @file `--layers`: the parts of the model whose linear layers an adapter changes. */
import { AtelierError } from '../contract/errors/errors.ts';
import { AdapterConfig, AdapterPart } from '../contract/model/recipe.ts';
import { DEFAULT_ADAPTER } from '../method/defaults.ts';
import type { Arguments } from './arguments.ts';

export const LAYERS_OPTION = [
  '--layers <parts>',
  `Parts that an adapter changes, separated by commas: ${AdapterPart.options.join(', ')} (default: language)`,
  'repeatable',
] as const;

/**
 * @param adapter what the recipe has otherwise; absent = the default
 * @throws AtelierError BAD_INPUT for another part, or where there is no adapter
 */
export function layersOption(args: Arguments, adapter: unknown): { adapter?: AdapterConfig } {
  const typed = args.all('layers');
  if (typed.length === 0) return {};
  const words = typed
    .join(',')
    .split(',')
    .map((word) => word.trim());
  const layers = words.map((word) => {
    const part = AdapterPart.safeParse(word);
    if (part.success) return part.data;
    throw refused(`--layers does not take "${word}".`, `Choose from ${AdapterPart.options.join(', ')}.`);
  });
  const given = AdapterConfig.safeParse(adapter ?? DEFAULT_ADAPTER);
  // What is wrong with it is said by the contract.
  if (!given.success) return {};
  if (given.data.kind === 'full')
    throw refused('--layers is for an adapter, and this recipe trains all weights.', 'Leave --layers out.');
  return { adapter: { ...given.data, layers: [...new Set(layers)] } };
}

function refused(message: string, remedy: string): AtelierError {
  return new AtelierError('BAD_INPUT', message, { place: { field: '--layers' }, remedy });
}
