/** @file All golden tests of Qwen3.5 with programs compiled for WebGPU, with SwiftShader as the GPU (`npm run test:gpu-ops`). */
import { it } from 'vitest';
import { useSwiftShader } from '../testing/swiftshader.ts';

process.env['ATELIER_TEST_FAMILY'] = 'qwen3-5';
if (useSwiftShader()) await import('./families.golden.test.ts');
else it.skip("needs Chromium's SwiftShader and the package webgpu", () => undefined);
