import assert from 'node:assert/strict';
import { freeHostId, parseHosts, settingsEntry } from '../../src/extension/hosts/host-settings';

describe('hosts in the settings', () => {
  it('need a destination only', () => {
    const { hosts, problems } = parseHosts([{ destination: 'devbox' }]);
    assert.deepEqual(hosts, [
      { id: 'devbox', name: 'devbox', destination: 'devbox', sudo: false, stateDir: undefined },
    ]);
    assert.deepEqual(problems, []);
  });

  it('are none where nothing is set', () => {
    for (const nothing of [undefined, null, []])
      assert.deepEqual(parseHosts(nothing), { hosts: [], problems: [] });
  });

  it('are left out one by one where they are wrong, each with its place and the reason', () => {
    const { hosts, problems } = parseHosts([
      7,
      { name: 'no destination' },
      { destination: '-oProxyCommand=reboot' },
      { destination: 'two words' },
      { destination: 'a', stateDir: 'relative' },
      { destination: 'good' },
      { destination: 'good' },
      { destination: 'x', id: 'local' },
    ]);
    assert.deepEqual(
      hosts.map(({ id }) => id),
      ['good'],
    );
    const messages = problems.map(({ message }) => message);
    assert.deepEqual(
      messages.map((message) => message.slice(0, 8)),
      ['entry 1:', 'entry 2:', 'entry 3:', 'entry 4:', 'entry 5:', 'entry 7:', 'entry 8:'],
    );
    assert.match(messages[1] ?? '', /destination/);
    assert.match(messages[4] ?? '', /stateDir must be a full path/);
    assert.match(messages[5] ?? '', /another host has the id "good"/);
  });

  it('that are no list are told as that', () => {
    assert.deepEqual(
      parseHosts({ destination: 'devbox' }).problems.map(({ message }) => message),
      ['it is not a list'],
    );
  });

  it('are written as they are read, without what is the default', () => {
    const entries = [
      { name: 'Devbox', destination: 'me@devbox:2222' },
      {
        id: 'root',
        name: 'As root',
        destination: 'me@devbox:2222',
        sudo: true,
        stateDir: '/srv/s',
      },
    ];
    assert.deepEqual(parseHosts(entries).hosts.map(settingsEntry), entries);
  });

  it('get an id that no other has', () => {
    const { hosts } = parseHosts([{ destination: 'a' }, { destination: 'b', id: 'a (2)' }]);
    assert.equal(freeHostId('b', hosts), 'b');
    assert.equal(freeHostId('a', hosts), 'a (3)');
    assert.equal(freeHostId('local', []), 'local (2)');
  });
});
