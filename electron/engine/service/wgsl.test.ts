/** @file The same whole jobs with programs compiled for WebGPU, with SwiftShader as the GPU. */
import { it } from 'vitest';
import { useCompiledSwiftShader } from '../testing/swiftshader.ts';

if (useCompiledSwiftShader()) await import('./webgpu.test.ts');
else it.skip("needs Chromium's SwiftShader and the package webgpu", () => undefined);
