import { expect, it } from 'vitest';
import { DatasetId } from '../../contract/model/primitives.ts';
import { USE_FILE } from '../../reporting/use-commands.ts';
import { askAsLines } from './export.ts';

it('says how to ask as another dataset of a mixture, and nothing where all are asked alike', () => {
  const part = (name: string, weight: number, promptTemplate: string) => ({
    datasetId: DatasetId.parse(`ds-${name}`),
    datasetSha256: 'a'.repeat(64),
    name,
    weight,
    promptTemplate,
  });
  const promptTemplate = 'Say {question}';
  const mixture = [part('few', 1, 'Answer {question}'), part('many', 2, promptTemplate)];
  const files = [{ name: USE_FILE.transformers }];
  expect(askAsLines({ promptTemplate, mixture }, files)).toEqual([
    'This asks as for "many", the heaviest dataset. Add --ask-as NAME to ask as for another one of "many", "few".',
  ]);
  expect(askAsLines({ promptTemplate, mixture }, [])).toEqual([]);
  expect(askAsLines({ promptTemplate }, files)).toEqual([]);
});
