/** @file Sums up a test report in the line that closes `npm test`, and names the tests that never finished or needed two tries. */

/**
 * @param {{ numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests: number,
 *   testResults: { status: string, assertionResults: { status: string }[] }[] } | null} report vitest's JSON
 * @param {number} exitCode vitest's exit status
 * @returns {{ line: string, failed: number }} a file that fails outside any test counts as one failure, as does a run
 *   that fails without naming a failed test
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

/**
 * Tests that were running or waiting when their process ended; vitest itself does not name them.
 * @param {{ testResults: { name: string, assertionResults: { status: string, fullName: string }[] }[] } | null} report
 *   vitest's JSON, in which tests that were left out by name are `skipped`, not `pending`
 * @returns {string[]} one sentence per file
 */
export function unfinished(report) {
  return (report?.testResults ?? []).flatMap(({ name, assertionResults }) => {
    const first = assertionResults.find(({ status }) => status === 'pending');
    return first === undefined ? [] : [`The process of ${name} ended in the middle of “${first.fullName}”.`];
  });
}

/**
 * Tests that passed at their second try only. They count as passed, but must not go unseen.
 * @param {{ testResults: { name: string, assertionResults: { status: string, fullName: string, failureMessages?: string[] }[] }[] } | null} report
 *   vitest's JSON, which keeps the errors of the first try
 * @returns {string[]} one sentence per test, with the first line of what went wrong
 */
export function secondTries(report) {
  return (report?.testResults ?? []).flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status, failureMessages }) => status === 'passed' && (failureMessages?.length ?? 0) > 0)
      .map(
        ({ fullName, failureMessages }) =>
          `“${fullName}” in ${name} passed at its second try only. The first: ${failureMessages?.[0]?.split('\n')[0] ?? ''}`,
      ),
  );
}
