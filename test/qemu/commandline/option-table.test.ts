import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { isKnownOption, takesValue } from '../../../src/qemu/commandline/option-table';
import { qemu100, qemu72 } from '../../support/emulators';

function run(emulator: string, argv: readonly string[]) {
  const { stdout, stderr, error } = spawnSync(emulator, argv, {
    encoding: 'utf8',
    timeout: 20_000,
  });
  if (error !== undefined) throw error;
  return { stdout, stderr };
}

/** The names in the option column of `-help`: `-h or -help`, `-fda/-fdb file`, `--preconfig`. */
function listedOptions(help: string): string[] {
  const lines = help.matchAll(/^--?([\w-]+)(?: or -([\w-]+)|\/-([\w-]+))?/gm);
  const names = [...lines].flatMap(([, ...found]) => found as (string | undefined)[]);
  return [...new Set(names)].filter((name) => name !== undefined);
}

for (const emulator of [qemu72, qemu100]) {
  describe(`option table, against ${emulator}`, () => {
    let listed: string[];
    before(() => {
      listed = listedOptions(run(emulator, ['-help']).stdout);
    });

    it('knows every option that -help lists', () => {
      assert.ok(listed.length > 100, `-help lists ${listed.length}`);
      assert.deepEqual(
        listed.filter((name) => !isKnownOption(name)),
        [],
      );
    });

    it('knows which of them take a value', () => {
      // QEMU looks up all options before it acts on any, and names the first that it does not know.
      // A word that is wrongly thought to be a value shows up as such an option; so does the value
      // of the -name that a wrongly valueless option has taken for its own.
      const argv = listed.flatMap((name) =>
        takesValue(name)
          ? [`-${name}`, `-not-the-value-of-${name}`]
          : [`-${name}`, '-name', `-not-swallowed-by-${name}`],
      );
      const { stderr } = run(emulator, [...argv, '-end-of-the-table']);
      assert.match(stderr, /: -end-of-the-table: invalid option\n$/);
    });
  });
}
