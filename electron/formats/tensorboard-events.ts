/**
 * @file Event files as TensorBoard reads them: TFRecords of `Event` messages with scalars. Field numbers are those of
 * tensorflow/core/util/event.proto and tensorflow/core/framework/summary.proto.
 */
import protobuf from 'protobufjs';

const SCHEMA = `
syntax = "proto3";
message Value { string tag = 1; optional float simple_value = 2; }
message Summary { repeated Value value = 1; }
message Event { double wall_time = 1; int64 step = 2; string file_version = 3; Summary summary = 5; }
`;

const EventMessage = protobuf.parse(SCHEMA, { keepCase: true }).root.lookupType('Event');

/** TensorBoard looks for this text in the name of a file. */
export const EVENT_FILE_MARK = 'tfevents';

/** The scalars of one step. */
export interface ScalarEvent {
  /** Seconds since 1970, with fractions. */
  wallTimeSeconds: number;
  step: number;
  /** Value by tag; stored in float32, as TensorBoard keeps scalars. */
  values: ReadonlyMap<string, number>;
}

/** A whole event file. The first record says which version of the format follows. */
export function eventFile(createdAtSeconds: number, events: Iterable<ScalarEvent>): Buffer {
  const parts = record({ wall_time: createdAtSeconds, file_version: 'brain.Event:2' });
  for (const { wallTimeSeconds, step, values } of events) {
    const value = [...values].map(([tag, simple]) => ({ tag, simple_value: simple }));
    parts.push(...record({ wall_time: wallTimeSeconds, step, summary: { value } }));
  }
  return Buffer.concat(parts);
}

/** A TFRecord: length, its checksum, the message, its checksum; all little-endian. */
function record(event: Record<string, unknown>): Buffer[] {
  const message = EventMessage.encode(EventMessage.create(event)).finish();
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(message.length));
  return [length, maskedChecksum(length), Buffer.from(message), maskedChecksum(message)];
}

/** CRC-32C, rotated and shifted as TFRecord asks, so that checksums of checksums stay meaningful. */
function maskedChecksum(bytes: Uint8Array): Buffer {
  const crc = crc32c(bytes);
  const masked = (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
  const four = Buffer.alloc(4);
  four.writeUInt32LE(masked);
  return four;
}

/** Castagnoli's polynomial, reflected (RFC 3720, section 12.1). */
const TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let crc = index;
  for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc;
});

function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
