/** @file A GPU is named with its limits, and a driver that hangs, crashes or lies costs nothing but a sentence. */
import { describe, expect, it } from 'vitest';
import { ARC } from '../../testing/gpu-adapter.ts';
import { swiftShaderEnvironment } from '../../testing/swiftshader.ts';
import { PROBE_SOURCE } from './probe-program.ts';
import { adapterName, probeGpu, webGpuPackage, type FoundAdapter } from './probe.ts';

const software = swiftShaderEnvironment();
const env = { ...process.env, ...software };

/** The probe on a machine with two GPUs, of which the system prefers the second. */
const TWO_GPUS = PROBE_SOURCE.replace(
  'await import(address)',
  `(${(() => {
    const names = ['AMD Radeon 780M (RADV)', 'NVIDIA GeForce RTX 4070'];
    const limits = {
      maxBufferSize: 2 ** 32,
      maxStorageBufferBindingSize: 2 ** 31,
      maxStorageBuffersPerShaderStage: 8,
      maxComputeInvocationsPerWorkgroup: 256,
      maxComputeWorkgroupStorageSize: 16_384,
    };
    const create = ([option = '']: string[]) => ({
      requestAdapter: () => {
        const name = option === '' ? names[1] : names.find((each) => option === `adapter=${each}`);
        const listed = names.map((each) => `name: '${each}'`).join('\n');
        if (name === undefined) return Promise.reject(new Error(`There is none of that name:\n${listed}`));
        const info = { vendor: '', architecture: '', device: name, description: '', isFallbackAdapter: false };
        return Promise.resolve({ limits, info });
      },
    });
    return { create };
  }).toString()})()`,
);

/** What a driver with these adapters would make the process print. */
function saying(adapter: FoundAdapter | null, names: string[]): string {
  const answer = { names, name: null, adapter };
  return `console.log(${JSON.stringify(JSON.stringify(answer))})`;
}

describe.skipIf(webGpuPackage() === null)('asking for a GPU', () => {
  it.skipIf(software === null)('names SwiftShader, as software, with its limits', async () => {
    const found = await probeGpu({ env });
    expect(found.refusal).toBeNull();
    expect(found.adapter).toMatchObject({ vendor: 'google', software: true });
    expect(found.adapter?.maxStorageBufferBindingSize).toBeGreaterThanOrEqual(128 * 1024 ** 2);
    expect(found.names.join()).toMatch(/swiftshader/i);
  });

  it.skipIf(software === null)('finds an adapter by a part of its name, in any case', async () => {
    const found = await probeGpu({ env: { ...env, ATELIER_GPU: 'swiftSHADER' } });
    expect(found).toMatchObject({ refusal: null, name: expect.stringMatching(/SwiftShader/) });
  });

  it.skipIf(software === null)('names the adapters there are if the one asked for is not among them', async () => {
    const { adapter, refusal } = await probeGpu({ env: { ...env, ATELIER_GPU: 'Radeon' } });
    expect(adapter).toBeNull();
    expect(refusal?.sentence).toMatch(/^No GPU has "Radeon" in its name; this machine has .*SwiftShader/);
    expect(refusal?.remedy).toContain('ATELIER_GPU');
  });

  it.each([
    ['', 'NVIDIA GeForce RTX 4070'],
    ['rtx 4070', 'NVIDIA GeForce RTX 4070'],
    ['radeon', 'AMD Radeon 780M (RADV)'],
  ])('chooses between two GPUs by the name "%s"', async (wanted, name) => {
    const found = await probeGpu({ source: TWO_GPUS, env: { ...process.env, ATELIER_GPU: wanted } });
    expect(found).toMatchObject({ refusal: null, name: wanted === '' ? null : name });
    expect(adapterName(found)).toBe(name);
    expect(found.names).toEqual(['AMD Radeon 780M (RADV)', 'NVIDIA GeForce RTX 4070']);
  });

  it('names both of two GPUs if neither is the one asked for', async () => {
    const { adapter, refusal } = await probeGpu({ source: TWO_GPUS, env: { ...process.env, ATELIER_GPU: 'Arc' } });
    expect(adapter).toBeNull();
    expect(refusal?.sentence).toBe(
      'No GPU has "Arc" in its name; this machine has AMD Radeon 780M (RADV), NVIDIA GeForce RTX 4070.',
    );
  });

  it('calls an adapter what the system calls it', () => {
    const device = 'nvidia-geforce-rtx-4070-ti-super';
    const names = ['AMD Radeon 780M (RADV)', 'NVIDIA GeForce RTX 4070 Ti SUPER'];
    expect(adapterName({ adapter: { ...ARC, device }, names })).toBe(names[1]);
    expect(adapterName({ adapter: { ...ARC, device: '0x73bf' }, names: ['AMD Radeon RX 6800'] })).toBe(
      'AMD Radeon RX 6800',
    );
    expect(adapterName({ adapter: { ...ARC, description: 'Mesa 24' }, names })).toBe('Mesa 24');
  });

  it('says that there is none', async () => {
    const { refusal } = await probeGpu({ source: saying(null, []) });
    expect(refusal?.sentence).toBe('WebGPU found no GPU.');
    expect(refusal?.remedy).toMatch(/driver/);
  });

  it('names the limit that is too low', async () => {
    const low = { ...ARC, maxStorageBuffersPerShaderStage: 4 };
    const { refusal } = await probeGpu({ source: saying(low, ['Arc A770']) });
    expect(refusal?.sentence).toBe('The limit maxStorageBuffersPerShaderStage of Arc A770 is 4; Atelier needs 8.');
  });

  it('gives up a driver that hangs', async () => {
    const { refusal } = await probeGpu({ source: 'setInterval(() => undefined, 1000)', timeoutMs: 500 });
    expect(refusal?.sentence).toBe('The graphics driver did not answer within 0.5 seconds.');
  });

  it.skipIf(process.platform === 'win32')('survives a driver that crashes', async () => {
    const { refusal } = await probeGpu({ source: "process.kill(process.pid, 'SIGSEGV'); setInterval(() => 0, 99)" });
    expect(refusal?.sentence).toBe('The graphics driver ended the process that asked it (SIGSEGV).');
  });

  it('does not believe nonsense', async () => {
    for (const source of ["console.log('vkCreateInstance failed')", "console.log('{}')"])
      expect((await probeGpu({ source })).refusal?.sentence).toContain('makes no sense');
  });
});
