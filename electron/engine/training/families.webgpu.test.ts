/** @file The same golden tests with programs compiled for WebGPU, with SwiftShader as the GPU. */
import { it } from 'vitest';
import { useSwiftShader } from '../testing/swiftshader.ts';

if (useSwiftShader()) await import('./families.golden.test.ts');
else it.skip("needs Chromium's SwiftShader and the package webgpu", () => undefined);
