import { expect, it, vi } from 'vitest';
import type { Progress } from '../../contract/model/primitives.ts';
import { entryOf } from '../runtime/program.ts';
import { compileAhead } from './compile-ahead.ts';

const update = entryOf([], {}, () => ({ outputs: {} }));

it('tells the beginning, little of what is between, and the end', async () => {
  const told: Progress[] = [];
  const compile = vi.fn((_: unknown, tell: (done: number, total: number) => void) => {
    for (let done = 0; done <= 300; done++) tell(done, 300);
    return Promise.resolve();
  });
  await compileAhead({ compile }, [update], (each) => told.push(each));
  expect(compile).toHaveBeenCalledExactlyOnceWith([update], expect.anything());
  expect(told[0]).toEqual({ phase: 'compile programs', done: 0, total: 300 });
  expect(told.at(-1)).toEqual({ phase: 'compile programs', done: 300, total: 300 });
  expect(told.length).toBeLessThan(300);
});

it('does nothing where programs are not compiled, or when they are built', async () => {
  const tell = vi.fn();
  await compileAhead({}, [update], tell);
  expect(tell).not.toHaveBeenCalled();
});
