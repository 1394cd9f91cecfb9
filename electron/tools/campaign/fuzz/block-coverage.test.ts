/** @file A branch counts once, when an input first takes it. */
import { afterEach, expect, it } from 'vitest';
import { countBlocks, type BlockCoverage } from './block-coverage.ts';

let coverage: BlockCoverage | undefined;
afterEach(() => coverage?.stop());

function word(count: number): string {
  if (count === 1) return 'one';
  if (count > 1_000_000) return ['a', 'great', 'many'].join(' ');
  return 'some';
}

it('notices a branch that no input took before, and only then', () => {
  coverage = countBlocks((url) => url.endsWith('block-coverage.test.ts'));
  word(7);
  coverage.newlyReached();
  // The function above that picks the files has run only now.
  coverage.newlyReached();
  word(7);
  expect(coverage.newlyReached()).toBe(0);
  const before = coverage.reached();
  word(2_000_000);
  expect(coverage.newlyReached()).toBeGreaterThan(0);
  expect(coverage.reached()).toBeGreaterThan(before);
  word(2_000_000);
  expect(coverage.newlyReached()).toBe(0);
});
