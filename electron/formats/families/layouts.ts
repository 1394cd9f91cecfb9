/** @file Which families are written for which programs other than transformers. Pure. */
import { AtelierError } from '../../contract/errors/errors.ts';
import type { FamilyFormat, ProgramLayout } from './config.ts';

const PROGRAMS: Readonly<Record<ProgramLayout, { name: string; converter: string }>> = {
  gguf: { name: 'llama.cpp', converter: 'convert_hf_to_gguf.py' },
  mlx: { name: 'MLX', converter: 'mlx_vlm.convert' },
};

/** @throws AtelierError BAD_INPUT if Atelier does not write the family for that program */
export function refuseLayout({ title, notWritten }: FamilyFormat, layout: ProgramLayout): void {
  if (notWritten?.includes(layout) !== true) return;
  const { name, converter } = PROGRAMS[layout];
  throw new AtelierError(
    'BAD_INPUT',
    `Atelier does not write ${title} for ${name}, where it could not check the result.`,
    {
      place: { field: 'form' },
      remedy: `Export merged safetensors, and convert them with ${converter}.`,
    },
  );
}
