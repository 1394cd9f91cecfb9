/** @file The three displays: a line that is redrawn, plain lines, JSON lines. */
import { describe, expect, it } from 'vitest';
import type { DemoDisplay, DisplayOptions } from './display.ts';
import { createDisplay } from './display.ts';

function show(
  options: Partial<DisplayOptions>,
  play: (display: DemoDisplay) => void,
): { stdout: string; stderr: string } {
  const seen = { stdout: '', stderr: '' };
  const display = createDisplay({
    stdout: (text) => (seen.stdout += text),
    stderr: (text) => (seen.stderr += text),
    json: false,
    isTty: false,
    ...options,
  });
  play(display);
  display.close();
  return seen;
}

const train = (display: DemoDisplay): void => {
  display.begin('training', 'Training');
  for (let done = 1; done <= 100; done += 1) {
    display.progress({ done, total: 100, secondsLeft: (100 - done) * 2, note: `reward ${(done / 100).toFixed(2)}` });
  }
  display.end('100 of 100 steps', 200);
  display.result({ ok: true }, 'the table');
};

describe('display', () => {
  it('prints plain lines a tenth apart where nothing can be redrawn', () => {
    const { stdout, stderr } = show({}, train);
    const lines = stderr.trim().split('\n');
    expect(lines).toHaveLength(12);
    expect(lines[1]).toBe('Training: 10/100 · reward 0.10 · 3 min 0 s left');
    expect(lines.at(-1)).toBe('Training: 100 of 100 steps (3 min 20 s)');
    expect(stderr).not.toContain('\x1b');
    expect(stdout).toBe('the table\n');
  });

  it('redraws one line in a terminal and never lets it wrap', () => {
    const { stderr, stdout } = show({ isTty: true, columns: 60 }, train);
    const drawn = stderr.split('\r\x1b[2K').filter((line) => line.startsWith('▸'));
    expect(drawn.length).toBe(101);
    for (const line of drawn) expect(line.length).toBeLessThan(60);
    expect(stderr).toContain('✓ Training');
    expect(stderr.match(/\n/g)).toHaveLength(1);
    expect(stdout).toBe('the table\n');
  });

  it('leaves no half-drawn line when it is closed in the middle', () => {
    const { stderr } = show({ isTty: true }, (display) => display.begin('base', 'Base model'));
    expect(stderr.endsWith('\r\x1b[2K')).toBe(true);
  });

  it('prints one JSON document per line for programs, and nothing else on standard output', () => {
    const { stdout, stderr } = show({ json: true }, (display) => {
      train(display);
      display.note('by the way');
    });
    const documents = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string });
    expect(documents).toHaveLength(103);
    expect(documents[1]).toEqual({
      type: 'progress',
      phase: 'training',
      done: 1,
      total: 100,
      secondsLeft: 198,
      note: 'reward 0.01',
    });
    expect(documents.at(-2)).toMatchObject({ type: 'phase-done', phase: 'training', seconds: 200 });
    expect(documents.at(-1)).toEqual({ type: 'result', result: { ok: true } });
    expect(stderr).toBe('by the way\n');
  });
});
