/** Rules of a decision, held against each combination of what it may rest on. */
import assert from 'node:assert/strict';

export interface DecisionTable<Decision, Evidence> {
  /** A test that it holds wherever it is to, which is somewhere. */
  readonly always: (
    rule: string,
    when: (decision: Decision, evidence: Evidence) => boolean,
    holds: (evidence: Evidence, decision: Decision) => boolean,
  ) => void;
  readonly is: (...wanted: readonly Decision[]) => (decision: Decision) => boolean;
}

/**
 * For the suite that it is called in.
 * @param all each decision with its evidence; asked for once the tests run
 */
export function decisionTable<Decision, Evidence>(
  all: () => Iterable<readonly [Decision, Evidence]>,
): DecisionTable<Decision, Evidence> {
  let table: readonly (readonly [Decision, Evidence])[] = [];
  before(() => {
    table = [...all()];
  });
  after(() => {
    table = [];
  });
  return {
    always(rule, when, holds) {
      it(rule, () => {
        let met = 0;
        for (const [decision, evidence] of table) {
          if (!when(decision, evidence)) continue;
          met++;
          if (!holds(evidence, decision))
            assert.fail(`${String(decision)}: ${JSON.stringify(evidence, undefined, 1)}`);
        }
        assert.ok(met > 0, 'nothing came under the rule');
      });
    },
    is:
      (...wanted) =>
      (decision) =>
        wanted.includes(decision),
  };
}
