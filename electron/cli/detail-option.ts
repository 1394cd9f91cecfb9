/** @file `--detail`: how much of each picture the model sees, as a level or an exact number of pixels. */
import { AtelierError } from '../contract/errors/errors.ts';
import { DetailLevel, type Detail } from '../contract/model/detail.ts';
import type { Arguments } from './arguments.ts';

export const DETAIL_OPTION = [
  '--detail <level>',
  `How much of each picture the model sees: ${DetailLevel.options.join(', ')}, or the largest number of pixels (default: as the dataset says, else high)`,
] as const;

/** What `--detail` says; undefined without it. @throws AtelierError BAD_INPUT */
export function detailOption(args: Arguments, name = 'detail'): Detail | undefined {
  const value = args.text(name);
  return value === undefined ? undefined : detailOf(value, `--${name}`);
}

/** A level or a number of pixels as written in a terminal. @throws AtelierError BAD_INPUT naming `field` */
export function detailOf(value: string, field: string): Detail {
  const level = DetailLevel.safeParse(value);
  if (level.success) return level.data;
  const pixels = Number(value.replaceAll(',', ''));
  if (Number.isInteger(pixels) && pixels > 0) return pixels;
  throw new AtelierError('BAD_INPUT', `"${value}" is neither a level of detail nor a number of pixels.`, {
    place: { field },
    remedy: `Use one of ${DetailLevel.options.join(', ')}, or a number of pixels such as 401408.`,
  });
}
