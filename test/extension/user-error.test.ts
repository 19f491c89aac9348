import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../../scripts/setup/cache.mjs';
import { SidestepError } from '../../src/engine/errors';
import { asUserError, isCancellation } from '../../src/extension/user-error';
import { HostError } from '../../src/host/errors';
import { CommandLineError } from '../../src/qemu/commandline/errors';
import { QmpError } from '../../src/qemu/qmp/errors';

describe('an error as the extension tells it', () => {
  it('says what happened and what to do about it, with its code', () => {
    const error = new SidestepError('EMULATOR_MISSING', 'There is no emulator.', {
      hint: 'Give its path.',
    });
    const text = 'There is no emulator. Give its path.';
    assert.deepEqual(asUserError(error), { text, code: 'EMULATOR_MISSING' });
  });

  it('says only what happened where there is nothing to do', () => {
    const text = 'The disk is full.';
    assert.deepEqual(asUserError(new SidestepError('X', text)), { text, code: 'X' });
    assert.deepEqual(asUserError(new HostError('NO_SPACE', text)), { text, code: 'NO_SPACE' });
  });

  it('has a hint of its own where the engine speaks of the command line', () => {
    const error = new SidestepError('STILL_RUNNING', 'It runs.', { hint: '`sidestep destroy`.' });
    assert.equal(asUserError(error, () => 'Destroy it.').text, 'It runs. Destroy it.');
  });

  it('knows the line of a launch script', () => {
    const error = new CommandLineError('TRUNCATED', 'A quote is open', { line: 7 });
    assert.deepEqual(asUserError(error), { text: 'A quote is open.', code: 'TRUNCATED', line: 7 });
  });

  it('knows the line of known_hosts that a host is refused for', () => {
    const place = { path: '/root/.ssh/known_hosts', line: 7 };
    const error = new HostError('SSH_HOST_KEY_CHANGED', 'Changed.', 'me@a:22', { place });
    assert.deepEqual(asUserError(error).knownHosts, place);
  });

  it('knows where the guest is, and the trace', () => {
    const error = new SidestepError('TIMEOUT', 'Too long.', { outcome: 'stayed', trace: '/t' });
    const { outcome, trace } = asUserError(error);
    assert.deepEqual([outcome, trace], ['stayed', '/t']);
  });

  it('says what QEMU did not do, which is no fault of ours', () => {
    const error = new QmpError('CLOSED', 'QEMU (instance 5) did not answer "stop"');
    const text = 'QEMU (instance 5) did not answer "stop".';
    assert.deepEqual(asUserError(error), { text, code: 'CLOSED' });
  });

  it('is a fault of ours if nobody has meant it for a user', () => {
    const { code, text } = asUserError(new TypeError('x is not a function'));
    assert.deepEqual([code, text], ['INTERNAL', 'x is not a function']);
  });

  it('is none if the user has cancelled', () => {
    assert.ok(isCancellation(new SidestepError('CANCELLED', '')));
    assert.ok(isCancellation(new HostError('CANCELLED', '')));
    assert.ok(isCancellation(new QmpError('CANCELLED', '')));
    assert.ok(!isCancellation(new SidestepError('TIMEOUT', '')));
    assert.ok(!isCancellation(new Error('CANCELLED')));
  });

  it('names no command of the terminal', () => {
    const hints = readFileSync(join(repository, 'src/extension/hints.ts'), 'utf8');
    const missing = [...codesWithTerminalHints()].filter((code) => !hints.includes(`  ${code}:`));
    assert.deepEqual(missing, []);
  });
});

/** Codes whose hint names an option or a command of `sidestep`. */
function codesWithTerminalHints(): Set<string> {
  const engine = join(repository, 'src/engine');
  const files = readdirSync(engine, { recursive: true, encoding: 'utf8' });
  const codes = files
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => {
      const text = readFileSync(join(engine, name), 'utf8');
      return text.split(/new SidestepError\(/).slice(1);
    })
    .flatMap((error) => {
      const hint = /hint:\s*[`'"](.*)/.exec(error)?.[1] ?? '';
      const code = /['"]([A-Z_]+)['"]/.exec(error)?.[1] ?? '';
      return /`sidestep |--[a-z]/.test(hint) ? [code] : [];
    });
  assert.ok(codes.length > 10, 'the search finds the hints');
  return new Set(codes);
}
