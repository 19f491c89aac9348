import assert from 'node:assert/strict';
import { formatDestination, parseDestination } from '../../../src/host/ssh/config/destination';
import { hostError } from '../workbench';

describe('SSH destinations', () => {
  for (const [text, expected] of [
    ['dev', { host: 'dev' }],
    ['dev.example.org', { host: 'dev.example.org' }],
    ['me@dev', { host: 'dev', user: 'me' }],
    ['me@corp@dev', { host: 'dev', user: 'me@corp' }],
    ['me@dev:2222', { host: 'dev', user: 'me', port: 2222 }],
    ['ssh://dev', { host: 'dev' }],
    ['ssh://me@dev:2222', { host: 'dev', user: 'me', port: 2222 }],
    ['ssh://me@dev/', { host: 'dev', user: 'me' }],
    ['2001:db8::1', { host: '2001:db8::1' }],
    ['ssh://[2001:db8::1]:22', { host: '2001:db8::1', port: 22 }],
    ['me@[fe80::1%eth0]', { host: 'fe80::1%eth0', user: 'me' }],
  ] as const) {
    it(`reads ${text}`, () => {
      assert.deepEqual(parseDestination(text), expected);
    });
  }

  for (const text of [
    '',
    '-oProxyCommand=reboot',
    'me@-oProxyCommand=reboot',
    '-l@dev',
    'ssh://-x',
    '@dev',
    'me@',
    'dev:',
    'dev:0',
    'dev:65536',
    'dev:22x',
    'dev dev',
    '$(reboot)',
    'dev;reboot',
    'me`id`@dev',
    'dev\nHost other',
    'dev\u202e',
    'ssh://dev/path',
    '*',
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(() => parseDestination(text), hostError('SSH_CONFIG', text));
    });
  }

  it('are written as OpenSSH does', () => {
    assert.equal(formatDestination('me', 'dev', 22), 'me@dev:22');
    assert.equal(formatDestination('me', '::1', 22), 'me@[::1]:22');
  });
});
