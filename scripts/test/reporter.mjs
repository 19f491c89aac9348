/** Mocha's `spec`, and the numbers of tests passed and failed in the file that SIDESTEP_TEST_COUNTS names. */
import Mocha from 'mocha';
import { writeFileSync } from 'node:fs';

/** How long the process may live on after the last test. */
const graceMs = 10_000;

export default class CountingReporter extends Mocha.reporters.Spec {
  /**
   * @param {Mocha.Runner} runner
   * @param {Mocha.MochaOptions} options
   */
  constructor(runner, options) {
    super(runner, options);
    runner.once(Mocha.Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures } = this.stats;
      const counts = process.env['SIDESTEP_TEST_COUNTS'];
      if (counts !== undefined)
        writeFileSync(counts, JSON.stringify({ passed: passes, failed: failures }));
      setTimeout(endStuckProcess, graceMs).unref();
    });
  }
}

/** Something a test has left behind would keep the process alive for ever: that is a failure too. */
function endStuckProcess() {
  const resources = process.getActiveResourcesInfo().join(', ');
  console.error(`All tests are through, but the process cannot end: it still has ${resources}`);
  // Mocha's own handler sets the status by the tests: this one comes after it.
  process.on('exit', () => {
    process.exitCode = 1;
  });
  process.exit();
}
