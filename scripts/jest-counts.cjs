'use strict';

const { writeFileSync } = require('node:fs');

/** Writes what was counted for scripts/test.mjs; a suite that can't run is one failure. */
class CountsReporter {
  onRunComplete(_contexts, results) {
    const counts = {
      passed: results.numPassedTests,
      failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
      skipped: results.numPendingTests + results.numTodoTests,
    };
    writeFileSync(process.env.PLURA_TEST_COUNTS, JSON.stringify(counts));
  }
}

module.exports = CountsReporter;
