import { describe, expect, it } from 'vitest';
import { LEARNING_TASKS } from '../method/learning-tasks.ts';
import { Arguments } from './arguments.ts';
import type { CommandContext } from './command.ts';
import { isMixedTask, lookUpData } from './data-option.ts';

const KNOWN = ['photos', 'drawings', 'a=b'].map((name, index) => ({ id: `ds-${String(index)}`, name }));

function context(options: Record<string, string[]>): CommandContext {
  const args = new Arguments(new Map(Object.entries(options)), '/nowhere');
  const client = { datasets: { list: () => Promise.resolve(KNOWN) } };
  return { args, client: () => Promise.resolve(client) } as unknown as CommandContext;
}

async function namedData(...asked: Parameters<typeof lookUpData>): Promise<unknown> {
  return (await lookUpData(...asked)).add();
}

describe('--dataset', () => {
  it('names one dataset as it always did, whatever its name holds', async () => {
    expect(await namedData(context({ dataset: ['a=b'] }), {})).toEqual({ datasetId: 'ds-2' });
    expect(await namedData(context({}), { dataset: 'photos' })).toEqual({ datasetId: 'ds-0' });
  });

  it('mixes several by weight, 1 where none is given, each with its task', async () => {
    const mixed = context({ dataset: ['photos=2', 'drawings'], task: ['count,tags'] });
    expect(isMixedTask(mixed)).toBe(true);
    const { rewards, promptTemplate } = LEARNING_TASKS.tags;
    expect(await namedData(mixed, {})).toEqual({
      datasetId: 'ds-0',
      mixture: [
        { datasetId: 'ds-0', weight: 2, rewards: LEARNING_TASKS.count.rewards },
        { datasetId: 'ds-1', weight: 1, rewards, promptTemplate },
      ],
    });
  });

  it('says that what follows the last "=" was read as a weight, if there is no such name', async () => {
    await expect(namedData(context({ dataset: ['nothing=2', 'photos=1'] }), {})).rejects.toMatchObject({
      code: 'NOT_FOUND',
      remedy: '"=2" was read as a weight. If it belongs to the name, add one: `--dataset nothing=2=1`.',
    });
    await expect(namedData(context({ dataset: ['nothing', 'photos=1'] }), {})).rejects.not.toMatchObject({
      remedy: expect.stringContaining('read as a weight') as string,
    });
  });

  it('wins over a file, whose mixture is found by id or name', async () => {
    const mixture = [
      { dataset: 'drawings', weight: 3 },
      { datasetId: 'ds-0' as never, weight: 1 },
    ];
    expect(await namedData(context({}), { mixture })).toEqual({
      datasetId: 'ds-1',
      mixture: [
        { datasetId: 'ds-1', weight: 3 },
        { datasetId: 'ds-0', weight: 1 },
      ],
    });
    expect(await namedData(context({ dataset: ['photos'] }), { mixture })).toEqual({ datasetId: 'ds-0' });
  });

  it.each([
    [{ dataset: ['photos=0', 'drawings'] }, '--dataset photos=0 has a weight that is not a number above 0.'],
    [{ dataset: ['photos=two', 'drawings'] }, '--dataset photos=two has a weight that is not a number above 0.'],
    [{ dataset: ['photos', 'drawings'], task: ['count,tags,order'] }, '--task does not take "count,tags,order" here.'],
    [{ dataset: ['photos', 'sketches'] }, 'There is no dataset "sketches": no id or name, and no file or folder'],
  ])('refuses %o', async (options, message) => {
    await expect(namedData(context(options as Record<string, string[]>), {})).rejects.toThrow(message);
  });
});
