/** @file Threads may hand values to each other only where the GPU has shown that it reaches the right ones. */
import { beforeAll, describe, expect, it } from 'vitest';
import { useSwiftShader } from '../../testing/swiftshader.ts';
import { loadRuntime, type Runtime } from '../backend.ts';
import { ALONE, checkShader, reachableThreads } from './subgroups.ts';

const here = useSwiftShader();
let runtime: Runtime;

beforeAll(async () => {
  if (here) runtime = await loadRuntime();
});

describe.skipIf(!here)('threads that hand values to each other', () => {
  it('are as many as the GPU says, if it keeps its word', async () => {
    const { device, programs } = runtime.gpu!;
    expect(programs.together).toBe(4);
    expect(await reachableThreads(device)).toBe(4);
    // SwiftShader runs four together: one that promises eight is found out.
    const boasting = new Proxy(device, {
      get: (target, name) => {
        if (name === 'adapterInfo') return { subgroupMinSize: 8 };
        const value = Reflect.get(target, name) as unknown;
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
    expect(await reachableThreads(boasting)).toBe(ALONE);
  });

  it('are none without the feature, with too few of them, or if the GPU refuses', async () => {
    const of = (has: boolean, subgroupMinSize?: number): GPUDevice =>
      ({ features: new Set(has ? ['subgroups'] : []), adapterInfo: { subgroupMinSize } }) as unknown as GPUDevice;
    for (const device of [of(false, 32), of(true), of(true, 2), of(true, 12), of(true, 32)])
      expect(await reachableThreads(device)).toBe(ALONE);
  });
});

it('are asked for every distance', () => {
  expect(checkShader(64, 8)).toContain('for (var reach: u32 = 4u; reach > 0u; reach /= 2u)');
});
