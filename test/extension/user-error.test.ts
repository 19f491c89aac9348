import assert from 'node:assert/strict';
import { SidestepError } from '../../src/engine/errors';
import { asUserError } from '../../src/extension/user-error';
import { HostError } from '../../src/host/errors';
import { CommandLineError } from '../../src/qemu/commandline/errors';

describe('an error as the extension tells it', () => {
  it('says what happened and what to do about it', () => {
    const error = new SidestepError('EMULATOR_MISSING', 'There is no emulator.', {
      hint: 'Give its path.',
    });
    assert.deepEqual(asUserError(error), { text: 'There is no emulator. Give its path.' });
  });

  it('says only what happened where there is nothing to do', () => {
    const text = 'The disk is full.';
    assert.deepEqual(asUserError(new SidestepError('X', text)), { text });
    assert.deepEqual(asUserError(new HostError('NO_SPACE', text)), { text });
  });

  it('knows the line of a launch script', () => {
    const error = new CommandLineError('TRUNCATED', 'A quote is open', { line: 7 });
    assert.deepEqual(asUserError(error), { text: 'A quote is open.', line: 7 });
  });

  it('leaves a fault of ours to VS Code, which logs it', () => {
    assert.equal(asUserError(new TypeError('x is not a function')), undefined);
  });
});
