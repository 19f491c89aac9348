/**
 * Command lines as they are met in the wild, and the plans for them as a user reads them.
 * `UPDATE_GOLDEN=1` writes the texts anew: read the difference before it is committed.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describePlan } from '../../../src/engine/plan/describe';
import { parseLaunchScript } from '../../../src/qemu/commandline/launch-script';
import { planOf } from './fixture';

const folder = join(__dirname, '../../data/plans');

describe('The plan for a command line of real life', () => {
  for (const script of readdirSync(folder).filter((name) => name.endsWith('.sh'))) {
    it(script.replace('.sh', '').replaceAll('-', ' '), () => {
      const launch = parseLaunchScript(readFileSync(join(folder, script), 'utf8'));
      const text = describePlan(planOf(launch.arguments));
      const golden = join(folder, script.replace('.sh', '.txt'));
      if (process.env['UPDATE_GOLDEN'] !== undefined) writeFileSync(golden, text);
      assert.equal(text, readFileSync(golden, 'utf8'));
    });
  }
});
