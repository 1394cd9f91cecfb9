/** Writes the rewards as one JavaScript file. */
export function buildJudge(outFile: string): Promise<void>;

/** For the build of the studio: writes the file when everything else is written. */
export function judgeBundle(outFile: string): { name: string; apply: 'build'; closeBundle: () => Promise<void> };
