/** @file Types of rooms.mjs. */

export interface Room {
  name: string;
  /** Relative to the root of the repository. */
  folder: string;
  /** One sentence. */
  does: string;
  /** Names of other rooms. */
  imports: string[];
  /** Subfolder → what it holds. */
  parts?: Record<string, string>;
}

export declare const ROOMS: Room[];
export declare const TEST_ARROWS: { files: string[]; room: string; imports: string[] }[];
export declare const COMMON_ROOMS: string[];
export declare function mayImport(room: Room): string[];
