/** Listening to a libvirt of an ordinary user's own, by that user. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import * as v from 'valibot';
import { readTrace } from '../../src/engine/trace/file';
import { room } from './support/room';
import { UserLibvirt } from './support/user-libvirt';

const Reported = v.object({ trace: v.string() });

describe(`listening to a user's own libvirt: ${room.name}`, () => {
  const libvirt = UserLibvirt.forEachTest();

  const settings = async () =>
    Promise.all(
      ['outputs', 'filters'].map((what) =>
        libvirt.run('virt-admin', '-c', 'libvirtd:///session', `daemon-log-${what}`),
      ),
    );

  it('hears its domain, and leaves its log as it was', async () => {
    const { name } = await libvirt.domain({});
    const before = await settings();
    const listener = spawn(
      'setpriv',
      libvirt.asUser(...libvirt.sidestep('listen', name, '--json')),
    );
    const stdout = text(listener.stdout);
    await once(listener.stderr, 'data');
    assert.notDeepEqual(await settings(), before);
    await libvirt.virsh('suspend', name);
    listener.kill('SIGINT');
    await once(listener, 'exit');
    assert.deepEqual(await settings(), before);
    const { trace } = v.parse(Reported, JSON.parse(await stdout));
    const heard = readTrace(await readFile(trace, 'utf8'), trace).flatMap((record) =>
      record.type === 'qmp' && record.kind === 'event' ? [record.name] : [],
    );
    assert.deepEqual(heard, ['STOP']);
  });
});
