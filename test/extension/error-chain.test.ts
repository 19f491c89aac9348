import assert from 'node:assert/strict';
import { SidestepError } from '../../src/engine/errors';
import { errorChain } from '../../src/extension/error-chain';
import { HostError } from '../../src/host/errors';

describe('an error in the log', () => {
  it('has its causes, their codes, and what QEMU said last', () => {
    const cause = new HostError('PROCESS_GONE', 'QEMU has ended.');
    const error = new SidestepError('START_FAILED', 'It did not start.', {
      cause,
      output: 'no such disk\nbye\n',
    });
    assert.deepEqual(errorChain(error).split('\n'), [
      'SidestepError: It did not start. [START_FAILED]',
      '  | no such disk',
      '  | bye',
      'caused by HostError: QEMU has ended. [PROCESS_GONE]',
    ]);
  });

  it('ends, also where causes go in a circle', () => {
    const error = new Error('one');
    error.cause = error;
    assert.equal(errorChain(error), 'Error: one');
  });

  it('may be anything that was thrown', () => {
    assert.equal(errorChain('text'), 'text');
  });
});
