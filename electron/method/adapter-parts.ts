/** @file Which parts of a model an adapter changes. */
import { AdapterPart, type AdapterConfig, type LoraConfig } from '../contract/model/recipe.ts';

/** The parts in their order; the language model alone if the recipe does not say. */
export function adaptedParts({ layers = ['language'] }: Pick<LoraConfig, 'layers'>): AdapterPart[] {
  return AdapterPart.options.filter((part) => layers.includes(part));
}

/** The same adapter in its one spelling: without `layers` if it is the language model alone, as recipes always were. */
export function plainAdapter(adapter: AdapterConfig): AdapterConfig {
  return adapter.kind === 'lora' ? plainLora(adapter) : adapter;
}

export function plainLora({ layers, ...adapter }: LoraConfig): LoraConfig {
  const parts = layers === undefined ? [] : adaptedParts({ layers });
  return parts.length === 0 || parts.join() === 'language' ? adapter : { ...adapter, layers: parts };
}

/** Whether image features change as the adapter is trained, so that they cannot be kept. */
export function adaptsPictures(adapter: AdapterConfig): boolean {
  return adapter.kind === 'lora' && adaptedParts(adapter).some((part) => part !== 'language');
}

/** Such as `q_proj, v_proj`, or `q_proj, v_proj of the language model and all linear layers of the merger`. */
export function adaptedLayersText(adapter: LoraConfig): string {
  const parts = adaptedParts(adapter);
  const targets = adapter.targetModules.join(', ');
  const seen = parts.filter((part) => part !== 'language');
  if (seen.length === 0) return targets;
  const linear = `all linear layers of ${seen.map((part) => (part === 'merger' ? 'the merger' : 'the vision tower')).join(' and ')}`;
  return parts.includes('language') ? `${targets} of the language model and ${linear}` : linear;
}
