/** @file Whether a backup may help against an error of opening the studio. It loads nothing of the studio. */
export { isDamagedStore } from '../../store/connection/store-errors.ts';
