/** @file The same with programs compiled for WebGPU, with SwiftShader as the GPU. */
import { it } from 'vitest';
import { useSwiftShader } from '../testing/swiftshader.ts';

if (useSwiftShader()) await import('./delta-rule.test.ts');
else it.skip("needs Chromium's SwiftShader and the package webgpu", () => undefined);
