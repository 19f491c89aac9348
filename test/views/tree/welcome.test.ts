import assert from 'node:assert/strict';
import { SidestepError } from '../../../src/engine/errors';
import { welcomeFor } from '../../../src/views/tree/welcome';
import { connected, localHost, sshHost } from './fixture';

const notLinux = { state: 'failed', error: new SidestepError('NOT_LINUX', 'A Mac.') } as const;
const failed = { state: 'failed', error: new SidestepError('STATE_TOO_NEW', 'Newer.') } as const;
const away = { state: 'disconnected' } as const;

describe('the welcome in place of the tree', () => {
  for (const [what, hosts, isTrusted, expected] of [
    ['this machine, connected', [localHost(connected)], true, 'none'],
    ['this machine, disconnected', [localHost(away)], true, 'disconnected'],
    ['this machine, of which the state cannot be read', [localHost(failed)], true, 'none'],
    ['this machine, which runs no VMs', [localHost(notLinux)], true, 'noHost'],
    ['another host, not connected', [localHost(notLinux), sshHost(away)], true, 'none'],
    ['a workspace that is not trusted', [localHost(connected), sshHost()], false, 'untrusted'],
  ] as const) {
    it(`is "${expected}" for ${what}`, () => {
      assert.equal(welcomeFor(hosts, isTrusted), expected);
    });
  }
});
