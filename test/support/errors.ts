import assert from 'node:assert/strict';
import { SidestepError } from '../../src/engine/errors';

/** For `assert.rejects`: an error that a user sees, of this code. */
export function sidestepError(code: string, message = /./): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof SidestepError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    return true;
  };
}
