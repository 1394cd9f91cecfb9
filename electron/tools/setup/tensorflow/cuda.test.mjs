/** @file Which TensorFlow set-up takes, by what the NVIDIA driver says of its cards. */
import { expect, it } from 'vitest';
import { cardsOf, flavoursFor } from './cuda.mjs';

it('reads what nvidia-smi prints, and leaves out what it cannot read', () => {
  const text = 'NVIDIA H200, 9.0\nNVIDIA GeForce RTX 5090, 12.0\nFailed to initialize NVML\n[N/A], [N/A]\n';
  expect(cardsOf(text)).toEqual([
    { name: 'NVIDIA H200', capability: 9 },
    { name: 'NVIDIA GeForce RTX 5090', capability: 12 },
  ]);
});

it('takes CUDA where a card is old enough or says nothing, and sends newer ones to WebGPU', () => {
  const [hopper, blackwell] = cardsOf('NVIDIA H200, 9.0\nNVIDIA GeForce RTX 5090, 12.0');
  expect(flavoursFor(false, [])).toEqual({ flavours: ['cpu'], sentence: null });
  expect(flavoursFor(true, [])).toEqual({ flavours: ['cuda', 'cpu'], sentence: null });
  expect(flavoursFor(true, [blackwell, hopper])).toEqual({ flavours: ['cuda', 'cpu'], sentence: null });
  expect(flavoursFor(true, [blackwell])).toEqual({
    flavours: ['cpu'],
    sentence: expect.stringMatching(/^TensorFlow 2\.21 does not support NVIDIA GeForce RTX 5090 .*12\.0.*webgpu/),
  });
});
