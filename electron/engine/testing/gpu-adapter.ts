/** @file For tests: a graphics card with ample limits, as its driver describes it. */
import type { FoundAdapter } from '../runtime/webgpu/probe.ts';

export const ARC: FoundAdapter = {
  vendor: 'intel',
  architecture: 'xe',
  device: 'Arc A770',
  description: '',
  software: false,
  maxBufferSize: 2 ** 32,
  maxStorageBufferBindingSize: 2 ** 31,
  maxStorageBuffersPerShaderStage: 10,
  maxComputeInvocationsPerWorkgroup: 1024,
  maxComputeWorkgroupStorageSize: 32_768,
};
