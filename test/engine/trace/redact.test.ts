import assert from 'node:assert/strict';
import { redact, redactArguments } from '../../../src/engine/trace/redact';
import type { TraceRecord } from '../../../src/engine/trace/record';
import { Trace } from '../../../src/engine/trace/trace';

const secret = 'Xyzzy-42';

describe('no secret reaches a trace', () => {
  for (const argument of [
    `secret,id=s,data=${secret}`,
    `secret,data=${secret},id=s`,
    `secret,id=s,data=${secret},,with,,commas`,
    `{"qom-type":"secret","id":"s","data":"${secret}"}`,
    `{"qom-type":"secret","id":"s","data" : "${secret}\\"${secret}"}`,
    `port=5900,password=${secret},disable-ticketing=off`,
    `user=u,password=${secret}`,
  ]) {
    it(`not from -object or -spice ${argument}`, () => {
      const [shown] = redactArguments([argument]);
      assert.ok(shown !== undefined);
      assert.doesNotMatch(shown, new RegExp(secret));
      assert.match(shown, /\(hidden\)/);
    });
  }

  for (const argument of [
    'secret,id=s,file=/etc/key',
    'port=5900,password-secret=s',
    'localhost:1,password=on',
    'unix:/data=1/vnc.sock,password=off',
    'file=/srv/data.img,format=raw',
    'guest=data',
  ]) {
    it(`and ${argument}, which holds none, is shown as it is`, () => {
      assert.deepEqual(redactArguments([argument]), [argument]);
    });
  }

  for (const record of [
    { type: 'output', instance: 1, text: `a\nqemu: -object secret,data=${secret}: no\nb` },
    { type: 'verdict', outcome: 'stayed', message: `It said: -object secret,data=${secret}: no` },
    { type: 'warning', code: 'X', message: `-spice port=1,password=${secret}` },
  ] as const) {
    it(`not from what QEMU says of its options, as a record of type ${record.type}`, () => {
      const shown = JSON.stringify(redact({ at: 0, ...record }));
      assert.doesNotMatch(shown, new RegExp(secret));
      assert.match(shown, /\(hidden\)/);
    });
  }

  for (const [name, args] of [
    ['set_password', { protocol: 'vnc', password: secret }],
    ['change-vnc-password', { password: secret }],
    ['object-add', { 'qom-type': 'secret', id: 's', data: secret }],
    ['guest-set-user-password', { username: 'u', password: secret, crypted: false }],
    ['human-monitor-command', { 'command-line': `set_password vnc ${secret}` }],
    ['human-monitor-command', { 'command-line': `change vnc password ${secret}` }],
    ['human-monitor-command', { 'command-line': `object_add secret,id=s,data=${secret}` }],
  ] as const) {
    it(`not from ${name} ${JSON.stringify(args)}`, () => {
      const shown = JSON.stringify(redact(command(name, args)));
      assert.doesNotMatch(shown, new RegExp(secret));
      assert.match(shown, /\(hidden\)/);
      // What it was about is still there.
      assert.match(shown, new RegExp(name));
    });
  }

  it('and other commands are shown whole', () => {
    const record = command('human-monitor-command', { 'command-line': 'info status' });
    assert.deepEqual(redact(record), record);
  });

  it('not by way of a listener: what is added is redacted first', () => {
    const trace = new Trace(() => 0);
    const heard: TraceRecord[] = [];
    trace.listen((record) => heard.push(record));
    const argv = ['qemu', '-object', `secret,id=s,data=${secret}`];
    trace.add({ type: 'process', instance: 1, edge: 'start', pid: 1, argv });
    assert.doesNotMatch(JSON.stringify(heard), new RegExp(secret));
  });
});

function command(name: string, args: object): TraceRecord {
  const message = { execute: name, arguments: args, id: '1' };
  const wire = { type: 'qmp', direction: 'sent', kind: 'command', bytes: 1, instance: 1 } as const;
  return { ...wire, at: 0, name, id: '1', message };
}
