/** @file What the screens call the settings of a recipe, and the values that have names. */
import { messages } from '../../messages/index.ts';
import { terms, type TermText } from '../../messages/terms.ts';

const text = messages.train;

type Names = Readonly<Record<string, string>>;

/** Settings whose path does not end in a term, or in another one. */
const LABELS: Names = {
  method: text.method,
  modelSha256: text.summary.model,
  datasetSha256: text.summary.data,
  promptTemplate: text.template,
  systemPrompt: text.system,
  'adapter.kind': terms.adapterKind.label,
  'adapter.r': terms.loraRank.label,
  'adapter.layers': terms.adaptedParts.label,
  'klSchedule.kind': text.schedule,
  'grpo.maskTruncatedCompletions': text.maskTruncated,
  'grpo.useBiasCorrectionKl': text.biasCorrection,
  maxPixels: messages.detail.title,
  attribution: text.attribution,
  loadBestModelAtEnd: text.loadBest,
};

const TERMS: Readonly<Record<string, TermText>> = terms;

/** Undefined for a setting that no screen shows. */
export function settingName(path: string): string | undefined {
  const [first = '', ...rest] = path.split('.');
  const key = rest.join('.');
  if (first === 'rewards') return `${terms.rewardWeight.label}: ${text.reward(key).label}`;
  if (first === 'mixture') return `${terms.mixtureWeight.label}: ${key}`;
  return LABELS[path] ?? TERMS[path.split('.').at(-1) ?? '']?.label;
}

const YES_NO: Names = { true: messages.compare.yes, false: messages.compare.no };

const VALUES: Readonly<Record<string, Names>> = {
  method: text.methods,
  'adapter.kind': { lora: text.adapterLora, full: text.adapterFull },
  'klSchedule.kind': Object.fromEntries(Object.entries(text.schedules).map(([kind, { label }]) => [kind, label])),
  'grpo.lossType': text.lossTypes,
  'grpo.scaleRewards': text.scales,
  'grpo.maskTruncatedCompletions': YES_NO,
  'grpo.useBiasCorrectionKl': YES_NO,
  'optimiser.lrScheduler': text.lrSchedulers,
  frozenWeights: text.frozenNames,
  loadBestModelAtEnd: YES_NO,
};

/** A value as the screens write it; as the recipe does where it has no name. */
export function settingValue(path: string, value: string): string {
  if (path === 'adapter.layers') {
    const names: Names = text.partNames;
    return value
      .split(', ')
      .map((part) => names[part] ?? part)
      .join(', ');
  }
  return VALUES[path]?.[value] ?? value;
}
