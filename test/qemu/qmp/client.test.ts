import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { QmpClient, type QmpEvent, type TappedMessage } from '../../../src/qemu/qmp/client';
import type { QmpError } from '../../../src/qemu/qmp/errors';
import { FakeMonitor, event, greeting, now, openOn } from './fake-monitor';

class MonitorWithDescriptors extends FakeMonitor {
  readonly carried: (readonly number[])[] = [];
  writeWithDescriptors(data: string, descriptors: readonly number[]): void {
    this.carried.push(descriptors);
    this.record(data);
  }
}

const withCode = (code: QmpError['code'], message?: RegExp) => (error: QmpError) => {
  assert.equal(error.name, 'QmpError');
  assert.equal(error.code, code);
  if (message) assert.match(error.message, message);
  return true;
};

describe('QMP client', () => {
  let monitor: FakeMonitor;
  beforeEach(() => {
    monitor = new FakeMonitor();
  });
  afterEach(() => {
    monitor.destroy();
  });

  describe('open', () => {
    it('knows the version and enables oob where it is offered', async () => {
      const client = await openOn(monitor);
      assert.deepEqual(client.greeting, {
        version: '10.0.13',
        package: 'Debian 1:10.0.13',
        capabilities: ['oob'],
      });
      assert.deepEqual(monitor.commands, [
        { execute: 'qmp_capabilities', arguments: { enable: ['oob'] }, id: 'sidestep-1' },
      ]);
      assert.equal(client.isOpen, true);
    });

    it('enables nothing on a monitor that offers nothing', async () => {
      const opening = QmpClient.open(monitor, { now });
      monitor.say({ QMP: { ...greeting.QMP, capabilities: [] } });
      await monitor.sent(1);
      assert.deepEqual(monitor.commands, [{ execute: 'qmp_capabilities', id: 'sidestep-1' }]);
      monitor.say({ return: {}, id: 'sidestep-1' });
      const client = await opening;
      void client.execute('migrate-pause', undefined, { oob: true });
      await monitor.sent(2);
      assert.equal(monitor.commands[1]?.execute, 'migrate-pause');
    });

    it('tells a monitor that never greets as busy, and lets go of it', async () => {
      await assert.rejects(
        QmpClient.open(monitor, { now, greetingTimeoutMs: 20, origin: 'source' }),
        withCode('MONITOR_BUSY', /^QEMU \(source\) did not greet within 20 ms\. .*another client/),
      );
      assert.equal(monitor.destroyed, true);
    });

    it('tells what is no QMP', async () => {
      const opening = QmpClient.open(monitor, { now });
      monitor.push('QEMU 7.2.22 monitor - type "help" for more information\r\n(qemu) ');
      await assert.rejects(opening, withCode('NOT_QMP', /QEMU 7\.2\.22 monitor/));
      assert.equal(monitor.destroyed, true);
    });

    it('tells JSON of another protocol', async () => {
      const opening = QmpClient.open(monitor, { now });
      monitor.say({ jsonrpc: '2.0' });
      await assert.rejects(opening, withCode('NOT_QMP', /jsonrpc/));
    });

    it('tells a connection that ends before the greeting', async () => {
      const opening = QmpClient.open(monitor, { now });
      monitor.push(null);
      await assert.rejects(opening, withCode('CLOSED', /did not greet: QEMU closed the monitor/));
    });

    it('tells a connection that was over before', async () => {
      monitor.destroy();
      await once(monitor, 'close');
      await assert.rejects(QmpClient.open(monitor, { now }), withCode('CLOSED'));
    });

    it('can be cancelled', async () => {
      const abort = new AbortController();
      const opening = QmpClient.open(monitor, { now, signal: abort.signal });
      abort.abort();
      await assert.rejects(opening, withCode('CANCELLED'));
      assert.equal(monitor.destroyed, true);
    });

    it('needs no answer to its capabilities: commands follow at once', async () => {
      const opening = QmpClient.open(monitor, { now });
      monitor.say(greeting);
      const client = await opening;
      const status = client.execute('query-status');
      await monitor.sent(2);
      monitor.say({ return: {}, id: 'sidestep-1' });
      monitor.say({ return: { running: true }, id: 'sidestep-2' });
      assert.deepEqual(await status, { running: true });
    });

    it('ends the connection when QEMU refuses its capabilities', async () => {
      const opening = QmpClient.open(monitor, { now });
      monitor.say(greeting);
      const client = await opening;
      const status = client.execute('query-status');
      monitor.say({ error: { class: 'GenericError', desc: 'no' }, id: 'sidestep-1' });
      await assert.rejects(status, withCode('COMMAND_FAILED', /qmp_capabilities/));
      assert.equal(client.isOpen, false);
    });

    it('waits without limit for a greeting if told to', async () => {
      assert.ok(await openOn(monitor, { greetingTimeoutMs: Infinity }));
    });

    it('loses no event that comes along with the end of negotiation', async () => {
      const heard: string[] = [];
      await openOn(monitor, { onEvent: ({ name }) => heard.push(name) }, event('STOP'));
      assert.deepEqual(heard, ['STOP']);
    });
  });

  describe('commands', () => {
    it('sends those of one tick in one write', async () => {
      const client = await openOn(monitor);
      void client.execute('query-status');
      void client.execute('migrate-set-parameters', { 'downtime-limit': 5 });
      await monitor.sent(3);
      assert.equal(monitor.writes.length, 2);
      assert.deepEqual(monitor.commands.slice(1), [
        { execute: 'query-status', id: 'sidestep-2' },
        {
          execute: 'migrate-set-parameters',
          arguments: { 'downtime-limit': 5 },
          id: 'sidestep-3',
        },
      ]);
    });

    it('finds the command of each reply, in any order', async () => {
      const client = await openOn(monitor, { idPrefix: 'x' });
      const replies = Promise.all([client.execute('a'), client.execute('b'), client.execute('c')]);
      await monitor.sent(4);
      monitor.say({ return: 3, id: 'x4' }, { return: 1, id: 'x2' }, { return: 2, id: 'x3' });
      assert.deepEqual(await replies, [1, 2, 3]);
    });

    it('sends oob commands out of band', async () => {
      const client = await openOn(monitor);
      void client.execute('migrate-pause', undefined, { oob: true });
      await monitor.sent(2);
      assert.deepEqual(monitor.commands[1], { 'exec-oob': 'migrate-pause', id: 'sidestep-2' });
    });

    it("keeps QEMU's error class and words, and names the caller in the stack", async () => {
      const client = await openOn(monitor);
      function theCaller(): Promise<unknown> {
        return client.execute('nonsense');
      }
      const reply = theCaller();
      await monitor.sent(2);
      const desc = 'The command nonsense has not been found';
      monitor.say({ error: { class: 'CommandNotFound', desc }, id: monitor.idOf('nonsense') });
      await assert.rejects(reply, (error: QmpError) => {
        assert.equal(error.code, 'COMMAND_FAILED');
        assert.equal(error.errorClass, 'CommandNotFound');
        assert.equal(error.desc, desc);
        assert.equal(error.command, 'nonsense');
        assert.equal(error.message, `QEMU failed "nonsense": ${desc}`);
        assert.match(error.stack ?? '', /^QmpError: QEMU failed "nonsense".*\n[^]*theCaller/);
        return true;
      });
    });

    it('stops waiting after the timeout; the late reply is tapped, and disturbs nothing', async () => {
      const tapped: TappedMessage[] = [];
      const client = await openOn(monitor, { tap: (message) => tapped.push(message) });
      await assert.rejects(
        client.execute('slow', undefined, { timeoutMs: 10 }),
        withCode('TIMEOUT', /^QEMU did not answer "slow" within 10 ms\.$/),
      );
      const next = client.execute('next');
      await monitor.sent(3);
      monitor.say({ return: 1, id: monitor.idOf('slow') }, { return: 2, id: monitor.idOf('next') });
      assert.equal(await next, 2);
      assert.deepEqual(
        tapped.slice(-2).map(({ kind, name }) => [kind, name]),
        [
          ['reply', 'slow'],
          ['reply', 'next'],
        ],
      );
    });

    it("takes the client's timeout for a command that names none", async () => {
      const client = await openOn(monitor, { commandTimeoutMs: 10 });
      await assert.rejects(client.execute('slow'), withCode('TIMEOUT'));
    });

    it('can be cancelled while waiting, with the reason as its cause', async () => {
      const client = await openOn(monitor);
      const abort = new AbortController();
      const reply = client.execute('slow', undefined, { signal: abort.signal });
      await monitor.sent(2);
      const reason = new Error('enough');
      abort.abort(reason);
      await assert.rejects(reply, (error: QmpError) => {
        assert.equal(error.cause, reason);
        return withCode('CANCELLED')(error);
      });
      assert.equal(client.isOpen, true);
    });

    it('is not sent when cancelled before', async () => {
      const client = await openOn(monitor);
      const reply = client.execute('a', undefined, { signal: AbortSignal.abort() });
      await assert.rejects(reply, withCode('CANCELLED'));
      await setImmediate();
      assert.equal(monitor.commands.length, 1);
    });

    it('passes descriptors along with their command, in order with the others', async () => {
      const stream = new MonitorWithDescriptors();
      const client = await openOn(stream);
      void client.execute('a');
      void client.execute('getfd', { fdname: 'm' }, { descriptors: [7, 8] });
      void client.execute('b');
      await stream.sent(4);
      assert.deepEqual(stream.carried, [[7, 8]]);
      assert.deepEqual(
        stream.commands.slice(1).map(({ execute }) => execute),
        ['a', 'getfd', 'b'],
      );
      stream.destroy();
    });

    it('refuses descriptors on a stream that cannot carry them, and sends nothing', async () => {
      const client = await openOn(monitor);
      await assert.rejects(
        client.execute('getfd', { fdname: 'm' }, { descriptors: [7] }),
        withCode('NO_DESCRIPTORS', /"getfd"/),
      );
      await setImmediate();
      assert.equal(monitor.commands.length, 1);
    });
  });

  describe('events', () => {
    it("carry QEMU's own time in µs, and ours", async () => {
      const heard: QmpEvent[] = [];
      const client = await openOn(monitor);
      client.onEvent((told) => heard.push(told));
      const stopped = client.waitForEvent('STOP');
      monitor.say(event('STOP'));
      await stopped;
      assert.deepEqual(heard, [
        { name: 'STOP', data: {}, at: 1_700_000_000_000_025, receivedAt: 1_000_000 },
      ]);
    });

    it('can be waited for by name and by predicate', async () => {
      const client = await openOn(monitor);
      const resumed = client.waitForEvent('RESUME');
      const failed = client.waitForEvent(({ data }) => data['status'] === 'failed');
      monitor.say(
        event('MIGRATION', { status: 'active' }),
        event('MIGRATION', { status: 'failed' }),
        event('RESUME'),
      );
      assert.equal((await resumed).name, 'RESUME');
      assert.deepEqual((await failed).data, { status: 'failed' });
    });

    it('are waited for until a timeout, a cancel, or the end', async () => {
      const client = await openOn(monitor);
      await assert.rejects(
        client.waitForEvent('STOP', { timeoutMs: 10 }),
        withCode('TIMEOUT', /^QEMU sent no STOP event within 10 ms\.$/),
      );
      const abort = new AbortController();
      const cancelled = client.waitForEvent('STOP', { signal: abort.signal });
      abort.abort();
      await assert.rejects(cancelled, withCode('CANCELLED'));
      const closed = client.waitForEvent('STOP');
      monitor.push(null);
      await assert.rejects(closed, withCode('CLOSED', /sent no STOP event: QEMU closed/));
    });

    it('are no longer heard by a listener that was disposed', async () => {
      const client = await openOn(monitor);
      const heard: string[] = [];
      const registration = client.onEvent(({ name }) => heard.push(name));
      const stopped = client.waitForEvent('STOP');
      monitor.say(event('STOP'));
      await stopped;
      registration.dispose();
      const resumed = client.waitForEvent('RESUME');
      monitor.say(event('RESUME'));
      await resumed;
      assert.deepEqual(heard, ['STOP']);
    });
  });

  describe('the end', () => {
    it('rejects all that is pending with the reason when QEMU goes', async () => {
      const client = await openOn(monitor, { origin: 'target' });
      const replies = [client.execute('a'), client.execute('b')];
      await monitor.sent(3);
      monitor.push('{"return": {');
      monitor.push(null);
      const reason = 'QEMU (target) closed the monitor connection in the middle of a message.';
      assert.equal((await client.closed).message, reason);
      for (const [index, name] of ['a', 'b'].entries()) {
        await assert.rejects(replies[index] ?? Promise.resolve(), (error: QmpError) => {
          assert.equal(error.message, `QEMU (target) did not answer "${name}": ${reason}`);
          return withCode('CLOSED')(error);
        });
      }
      assert.equal(client.isOpen, false);
      assert.equal(monitor.destroyed, true);
    });

    it('keeps what broke the stream as the cause', async () => {
      const client = await openOn(monitor);
      const broken = new Error('read ECONNRESET');
      monitor.destroy(broken);
      const reason = await client.closed;
      assert.match(reason.message, /broke: read ECONNRESET/);
      assert.equal(reason.cause, broken);
    });

    it('comes with bytes that are no QMP, and says so to what is pending', async () => {
      const client = await openOn(monitor);
      const reply = client.execute('a');
      monitor.push('garbage');
      await assert.rejects(reply, withCode('NOT_QMP', /did not answer "a": .*"garbage"/));
      assert.equal(client.isOpen, false);
    });

    it('comes by close(), which also stops what was not written yet', async () => {
      const client = await openOn(monitor);
      const reply = client.execute('quit');
      client.close();
      await assert.rejects(reply, withCode('CLOSED', /We closed/));
      await assert.rejects(client.execute('later'), withCode('CLOSED'));
      await assert.rejects(client.waitForEvent('STOP'), withCode('CLOSED'));
      await setImmediate();
      assert.equal(monitor.commands.length, 1);
    });

    it('leaves the rest of a chunk unread when a listener closes the client', async () => {
      const heard: string[] = [];
      const client = await openOn(monitor, { tap: ({ kind }) => heard.push(kind) });
      client.onEvent(() => {
        client.close();
      });
      monitor.say(event('STOP'), event('RESUME'));
      await client.closed;
      assert.deepEqual(heard, ['greeting', 'command', 'reply', 'event']);
    });

    it('makes no unhandled rejection of commands nobody awaits any more', async () => {
      const client = await openOn(monitor);
      const unhandled: unknown[] = [];
      const listener = (reason: unknown): void => void unhandled.push(reason);
      process.on('unhandledRejection', listener);
      void client.execute('a');
      client.close();
      await setImmediate();
      process.off('unhandledRejection', listener);
      assert.deepEqual(unhandled, []);
    });
  });

  describe('the tap', () => {
    it('sees every message both ways, in the order of the wire', async () => {
      const tapped: TappedMessage[] = [];
      let clock = 0;
      const client = await openOn(monitor, {
        tap: (message) => tapped.push(message),
        now: () => ++clock,
        origin: 'source',
      });
      const replies = Promise.allSettled([client.execute('query-name'), client.execute('x')]);
      await monitor.sent(3);
      monitor.say(
        event('STOP'),
        { return: { name: 'ä' }, id: monitor.idOf('query-name') },
        { error: { class: 'GenericError', desc: 'no' }, id: monitor.idOf('x') },
        { error: { class: 'GenericError', desc: 'JSON parse error' } },
      );
      await replies;
      assert.deepEqual(
        tapped.map(({ direction, kind, name, id, at }) => [direction, kind, name, id, at]),
        [
          ['received', 'greeting', undefined, undefined, 1],
          ['sent', 'command', 'qmp_capabilities', 'sidestep-1', 2],
          ['received', 'reply', 'qmp_capabilities', 'sidestep-1', 3],
          ['sent', 'command', 'query-name', 'sidestep-2', 4],
          ['sent', 'command', 'x', 'sidestep-3', 4],
          ['received', 'event', 'STOP', undefined, 5],
          ['received', 'reply', 'query-name', 'sidestep-2', 5],
          ['received', 'error', 'x', 'sidestep-3', 5],
          ['received', 'error', undefined, undefined, 5],
        ],
      );
      assert.ok(tapped.every(({ origin }) => origin === 'source'));
      assert.equal(tapped[5]?.eventAt, 1_700_000_000_000_025);
      assert.deepEqual(tapped[6]?.message, { return: { name: 'ä' }, id: 'sidestep-2' });
      assert.equal(tapped[6].bytes, Buffer.byteLength('{"return":{"name":"ä"},"id":"sidestep-2"}'));
    });
  });

  it('is not broken by a tap or listener that throws: the error becomes a warning', async () => {
    const warnings: string[] = [];
    const listener = (warning: Error): void => void warnings.push(warning.message);
    process.on('warning', listener);
    const client = await openOn(monitor, {
      onEvent: () => {
        throw new Error('listener at fault');
      },
    });
    const resumed = client.waitForEvent('RESUME');
    monitor.say(event('RESUME'));
    assert.equal((await resumed).name, 'RESUME');

    const second = new FakeMonitor();
    await openOn(second, {
      tap: ({ kind }) => {
        if (kind === 'reply') throw new Error('tap at fault');
      },
    });
    await setImmediate();
    process.off('warning', listener);
    second.destroy();
    assert.deepEqual(warnings, ['listener at fault', 'tap at fault']);
  });
});
