/**
 * @file Threads that a GPU runs together can hand values to each other without shared memory. WebGPU does not promise which threads those are, so
 * the GPU is asked once: kernels may only count on it where a thread of a workgroup reaches the one whose number differs in one bit.
 */

/** No thread reaches another. */
export const ALONE = 1;
/** Fewer are not worth a shader of its own. */
const FEWEST = 4;
const MOST = 64;
/** Sizes of workgroups that kernels have. */
const WORKGROUPS = [64, 256];
const GROUPS = 4;

/** WebGPU's numbers for how a buffer is used; its names exist only where it has been loaded. */
const [MAP_READ, COPY_SRC, COPY_DST, STORAGE] = [1, 4, 8, 128];

/** @returns how many threads in a row reach each other in every shader: a power of two; ALONE if it cannot be counted on */
export async function reachableThreads(device: GPUDevice): Promise<number> {
  // Newer than the types of WebGPU that TypeScript has.
  const { adapterInfo } = device as unknown as { adapterInfo?: { subgroupMinSize?: number } };
  const has = (device.features as ReadonlySet<string>).has('subgroups');
  const least = has ? Math.min(MOST, adapterInfo?.subgroupMinSize ?? ALONE) : ALONE;
  if (!(least >= FEWEST) || !Number.isInteger(Math.log2(least))) return ALONE;
  try {
    for (const size of WORKGROUPS) if (!(await holdsFor(device, size, least))) return ALONE;
    return least;
  } catch {
    return ALONE;
  }
}

/** Counts in every thread the neighbours that it does not reach. */
export function checkShader(size: number, least: number): string {
  return `enable subgroups;
@group(0) @binding(0) var<storage, read_write> missed: array<u32>;
@compute @workgroup_size(${size})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
var count: u32 = 0u;
for (var reach: u32 = ${least / 2}u; reach > 0u; reach /= 2u) {
count += select(1u, 0u, subgroupShuffleXor(local, reach) == (local ^ reach));
}
missed[group.x * ${size}u + local] = count;
}
`;
}

async function holdsFor(device: GPUDevice, size: number, least: number): Promise<boolean> {
  device.pushErrorScope('validation');
  const module = device.createShaderModule({ code: checkShader(size, least) });
  const pipeline = device.createComputePipeline({ layout: 'auto', compute: { module, entryPoint: 'main' } });
  const bytes = 4 * size * GROUPS;
  const missed = device.createBuffer({ size: bytes, usage: STORAGE | COPY_SRC });
  const read = device.createBuffer({ size: bytes, usage: MAP_READ | COPY_DST });
  const bindGroup = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: [{ binding: 0, resource: { buffer: missed } }],
  });
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, bindGroup);
  pass.dispatchWorkgroups(GROUPS);
  pass.end();
  encoder.copyBufferToBuffer(missed, 0, read, 0, bytes);
  device.queue.submit([encoder.finish()]);
  try {
    if ((await device.popErrorScope()) !== null) return false;
    await read.mapAsync(MAP_READ);
    return new Uint32Array(read.getMappedRange()).every((count) => count === 0);
  } finally {
    missed.destroy();
    read.destroy();
  }
}
