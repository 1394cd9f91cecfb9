/** @file Whether this machine's NVIDIA cards are ones that TensorFlow computes on. */
import { existsSync } from 'node:fs';
import { run } from '../command.mjs';
import { which } from '../packages/debian.mjs';
import { say } from '../say.mjs';

/** TensorFlow 2.21 has no kernels for cards of this compute capability (RTX 50 and newer). */
export const TOO_NEW = 12;

const ASK_MS = 20_000;

/** What nvidia-smi prints, as [{ name, capability }]; unreadable lines are left out. */
export function cardsOf(text) {
  return text.split('\n').flatMap((line) => {
    const [, name, capability] = /^\s*(.+?)\s*,\s*(\d+\.\d+)\s*$/.exec(line) ?? [];
    return name === undefined ? [] : [{ name, capability: Number(capability) }];
  });
}

/**
 * The flavours of TensorFlow to try, best first, with a sentence if a card is left out.
 * @param {{ name: string, capability: number }[]} cards those that told; none = take CUDA's word for it
 */
export function flavoursFor(hasDriver, cards) {
  if (!hasDriver) return { flavours: ['cpu'], sentence: null };
  if (cards.length === 0 || cards.some(({ capability }) => capability < TOO_NEW))
    return { flavours: ['cuda', 'cpu'], sentence: null };
  const [{ name, capability }] = cards;
  return {
    flavours: ['cpu'],
    sentence: `TensorFlow 2.21 does not support ${name} (compute capability ${capability.toFixed(1)}). To compute on it, use WebGPU: ATELIER_BACKEND=webgpu (docs/gpu.md).`,
  };
}

/** Asks the driver. */
export async function tensorFlowFlavours() {
  const tool = which('nvidia-smi');
  const hasDriver = existsSync('/proc/driver/nvidia/version') || tool !== null;
  const cards = tool === null ? [] : await askCards(tool);
  const { flavours, sentence } = flavoursFor(hasDriver, cards);
  if (sentence !== null) say(`  ${sentence}`);
  return flavours;
}

async function askCards(tool) {
  const { code, output } = await run(tool, ['--query-gpu=name,compute_cap', '--format=csv,noheader'], {
    timeoutMs: ASK_MS,
  });
  return code === 0 ? cardsOf(output) : [];
}
