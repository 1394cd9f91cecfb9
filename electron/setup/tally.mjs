/** @file Sums a test report into the one line that closes `npm test`. */

/**
 * @param {{ numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests: number,
 *   testResults: { status: string, assertionResults: { status: string }[] }[] } | null} report vitest's JSON
 * @param {number} exitCode vitest's exit status
 * @returns {{ line: string, failed: number }} a file that fails outside any test counts as one failure, and
 *   so does a run that ends badly without naming a failed test
 */
export function tally(report, exitCode) {
  const passed = report?.numPassedTests ?? 0;
  const skipped = (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0);
  const broken = (report?.testResults ?? []).filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  ).length;
  let failed = (report?.numFailedTests ?? 0) + broken;
  if (failed === 0 && (exitCode !== 0 || report === null)) failed = 1;
  return { line: `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`, failed };
}
