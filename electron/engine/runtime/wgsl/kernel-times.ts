/**
 * @file Measures by the GPU's own clock what each kind of kernel takes. Only for measurements: every kernel then gets a pass of its own, so a step as
 * a whole takes longer.
 */

/** As in counts.ts, and what it took. */
export interface KernelTime {
  dispatches: number;
  bytes: number;
  /** Of matrix products. */
  operations: number;
  seconds: number;
}

/** Kernels in one piece of work. */
interface Piece {
  set: GPUQuerySet;
  kernels: Measured[];
}

type Measured = { label: string } & Pick<KernelTime, 'bytes' | 'operations'>;

/** WebGPU's numbers for how a buffer is used. */
const [MAP_READ, COPY_SRC, COPY_DST, QUERY_RESOLVE] = [1, 4, 8, 512];
const BYTES_OF_TIME = 8;

export class KernelTimes {
  /** By kind of kernel, in the order in which they first ran. */
  readonly byLabel = new Map<string, KernelTime>();
  private readonly device: GPUDevice;
  private readonly most: number;
  private open: Piece | null = null;
  private readonly waiting: (Piece & { resolved: GPUBuffer; read: GPUBuffer })[] = [];

  /** @param most kernels in a piece of work @returns null if the GPU has no clock */
  static on(device: GPUDevice, most: number): KernelTimes | null {
    return device.features.has('timestamp-query') ? new KernelTimes(device, most) : null;
  }

  private constructor(device: GPUDevice, most: number) {
    this.device = device;
    this.most = most;
  }

  /** A pass for one kernel. */
  pass(encoder: GPUCommandEncoder, kernel: Measured): GPUComputePassEncoder {
    this.open ??= { set: this.device.createQuerySet({ type: 'timestamp', count: 2 * this.most }), kernels: [] };
    const { set, kernels } = this.open;
    const at = 2 * (kernels.push(kernel) - 1);
    const timestampWrites = { querySet: set, beginningOfPassWriteIndex: at, endOfPassWriteIndex: at + 1 };
    return encoder.beginComputePass({ timestampWrites });
  }

  /** The piece of work ends here. */
  end(encoder: GPUCommandEncoder): void {
    if (this.open === null) return;
    const size = 2 * this.open.kernels.length * BYTES_OF_TIME;
    const resolved = this.device.createBuffer({ size, usage: QUERY_RESOLVE | COPY_SRC });
    const read = this.device.createBuffer({ size, usage: MAP_READ | COPY_DST });
    encoder.resolveQuerySet(this.open.set, 0, size / BYTES_OF_TIME, resolved, 0);
    encoder.copyBufferToBuffer(resolved, 0, read, 0, size);
    this.waiting.push({ ...this.open, resolved, read });
    this.open = null;
  }

  /** Adds up what has been measured: call it when the work is done. */
  async collect(): Promise<void> {
    for (const { set, kernels, resolved, read } of this.waiting.splice(0)) {
      await read.mapAsync(MAP_READ);
      const times = new BigUint64Array(read.getMappedRange());
      kernels.forEach((kernel, at) => {
        const [begin = 0n, end = 0n] = times.subarray(2 * at);
        this.add(kernel, Number(end - begin) / 1e9);
      });
      read.unmap();
      set.destroy();
      resolved.destroy();
      read.destroy();
    }
  }

  private add({ label, bytes, operations }: Measured, seconds: number): void {
    const sum = this.byLabel.get(label) ?? { dispatches: 0, bytes: 0, operations: 0, seconds: 0 };
    sum.dispatches += 1;
    sum.bytes += bytes;
    sum.operations += operations;
    // A driver may set its clock back.
    sum.seconds += Math.max(0, seconds);
    this.byLabel.set(label, sum);
  }
}
