/** @file The same whole jobs op by op on WebGPU, with SwiftShader as the GPU (`npm run test:gpu-ops`). */
import { it } from 'vitest';
import { useSwiftShaderOpByOp } from '../testing/swiftshader.ts';

if (useSwiftShaderOpByOp()) await import('./webgpu.test.ts');
else it.skip("needs Chromium's SwiftShader and the package webgpu", () => undefined);
