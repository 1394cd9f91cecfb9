/** @file The values of a reward's parameter, read from the contract so that list and schema agree. */
import {
  AccuracyParams,
  FormatParams,
  LanguageParams,
  LengthParams,
  type RewardDescription,
} from '../../../../electron/contract/api/index.ts';

type Param = RewardDescription['params'][number];
export type ParamField =
  { kind: 'choice'; options: readonly string[] } | { kind: 'number' } | { kind: 'switch' } | { kind: 'text' };

const choices: Readonly<Record<string, readonly string[]>> = {
  'accuracy.kind': AccuracyParams.shape.kind.unwrap().options,
  'accuracy.errorRate': AccuracyParams.shape.errorRate.unwrap().options,
  'accuracy.normalise': AccuracyParams.shape.normalise.unwrap().options,
  'accuracy.resemblance': AccuracyParams.shape.resemblance.unwrap().options,
  'format.form': FormatParams.shape.form.unwrap().options,
  'length.of': LengthParams.shape.of.unwrap().options,
  'language.script': LanguageParams.shape.script.unwrap().options,
};

/** The kind of field that asks for a parameter. */
export function fieldOf(reward: string, param: Param): ParamField {
  if (typeof param.default === 'boolean') return { kind: 'switch' };
  if (typeof param.default === 'number') return { kind: 'number' };
  const options = choices[`${reward}.${param.name}`];
  return options === undefined ? { kind: 'text' } : { kind: 'choice', options };
}
