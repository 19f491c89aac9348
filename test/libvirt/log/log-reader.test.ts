import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { LogEntry, MessageEntry } from '../../../src/libvirt/log/entries';
import { logOf, logPath, read, readFile } from './logs';

const domain = 'vm one';

function messages(entries: readonly LogEntry[]): MessageEntry[] {
  return entries.filter((entry) => entry.type === 'message');
}

/** `+12 begin source end`: ms since the first line of the log. */
function phases(entries: readonly LogEntry[]): string[] {
  const all = entries.filter((entry) => entry.type === 'phase');
  const first = all[0]?.at ?? 0;
  return all.map(({ at, phase, side, edge, isCancelled }) =>
    [
      `+${Math.floor((at - first) / 1000)}`,
      ...[phase, side, edge],
      ...(isCancelled ? ['cancelled'] : []),
    ].join(' '),
  );
}

function executed({ json }: MessageEntry): string {
  return /"execute":"([^"]*)"/.exec(json)?.[1] ?? '';
}

function idOf({ json }: MessageEntry): string {
  return /"id": ?"([^"]*)"/.exec(json)?.[1] ?? '';
}

describe("libvirt's log", () => {
  for (const version of ['9.0', '11.3']) {
    describe(`of libvirt ${version}, of a migration between hosts`, () => {
      const source = readFile(`${version}-source.log`);
      const target = readFile(`${version}-target.log`);

      it('has each command once, answered once, and with its domain', () => {
        for (const { entries } of [source, target]) {
          const all = messages(entries);
          const commands = all.filter(({ kind }) => kind === 'command').map(idOf);
          const replies = all.filter(({ kind }) => kind === 'reply').map(idOf);
          assert.ok(commands.length >= 10);
          assert.equal(new Set(commands).size, commands.length);
          assert.deepEqual(replies, commands);
          assert.deepEqual([...new Set(entries.map((entry) => entry.domain))], [domain]);
        }
      });

      it('tells nothing of the emulators that were only asked what they can do', () => {
        const probes = readFileSync(logPath(`${version}-target.log`), 'latin1');
        assert.match(probes, /SEND_MSG.*"query-target"/);
        const all = messages(target.entries).map(executed);
        assert.ok(!all.includes('query-target'));
        assert.ok(all.includes('migrate-incoming'));
      });

      it('has the greeting of the QEMU that was started, and its process', () => {
        const [greeting] = messages(target.entries).filter(({ kind }) => kind === 'greeting');
        assert.match(greeting?.json ?? '', /^\{"QMP": \{"version": /);
        const processes = [...source.entries, ...target.entries].flatMap((entry) =>
          entry.type === 'process' ? [[entry.edge, entry.reason]] : [],
        );
        assert.deepEqual(processes, [
          ['exit', 'migrated'],
          ['start', undefined],
        ]);
      });

      it('has the phases of each side, with the time of the whole call', () => {
        const edges = (entries: readonly LogEntry[]) =>
          phases(entries).map((phase) => phase.replace(/^\+\d+ /, ''));
        assert.deepEqual(edges(source.entries), [
          ...['begin source begin', 'begin source end'],
          ...['perform source begin', 'perform source end'],
          ...['confirm source begin', 'confirm source end'],
        ]);
        assert.deepEqual(edges(target.entries), [
          ...['prepare target begin', 'prepare target end'],
          ...['finish target begin', 'finish target end'],
        ]);
      });

      it('has the time of an event to the microsecond, and no later line before it', () => {
        const all = messages(source.entries);
        const stop = all.findIndex(({ json }) => json.includes('"STOP"'));
        const event = all[stop];
        assert.ok(event !== undefined);
        const { seconds, microseconds } = (
          JSON.parse(event.json) as { timestamp: Record<string, number> }
        ).timestamp;
        assert.equal(event.at, (seconds ?? 0) * 1_000_000 + (microseconds ?? 0));
        for (const { at } of all.slice(stop)) assert.ok(at >= event.at);
      });

      it('knows the UUID', () => {
        assert.match(source.uuids.get(domain) ?? '', /^[0-9a-f-]{36}$/);
        assert.deepEqual(target.uuids, source.uuids);
      });
    });
  }

  it('tells the time of the phases as the log does', () => {
    assert.deepEqual(phases(readFile('9.0-source.log').entries), [
      '+0 begin source begin',
      '+13 begin source end',
      '+1575 perform source begin',
      '+1912 perform source end',
      '+1929 confirm source begin',
      '+2138 confirm source end',
    ]);
    // The call of Prepare has asked an emulator what it can do before libvirt calls it a phase.
    assert.deepEqual(phases(readFile('9.0-target.log').entries).slice(0, 2), [
      '+0 prepare target begin',
      '+1560 prepare target end',
    ]);
  });

  it('of a migration from peer to peer has the phases of one call', () => {
    assert.deepEqual(phases(readFile('9.0-peer-to-peer.log').entries), [
      '+0 begin source begin',
      '+2 begin source end',
      '+1591 perform source begin',
      '+1674 perform source end',
      '+1706 confirm source begin',
      '+1915 confirm source end',
    ]);
  });

  it('of a migration that was cancelled says so, and why', () => {
    const { entries } = readFile('9.0-aborted.log');
    assert.deepEqual(phases(entries).slice(-4), [
      '+1626 perform source begin',
      '+2038 perform source failed',
      '+2039 confirm source begin cancelled',
      '+2047 confirm source end cancelled',
    ]);
    const errors = entries.flatMap((entry) =>
      entry.type === 'migration-error' ? [entry.message] : [],
    );
    assert.deepEqual(errors, ["operation aborted: job 'migration out' canceled by client"]);
  });

  it('at level info tells the domain by what QEMU says of its monitor', () => {
    const { entries, hostnames, uuids } = readFile('9.0-info.log');
    const all = messages(entries);
    assert.deepEqual([...new Set(entries.map((entry) => entry.domain))], [domain]);
    // What came before is the domain's as well.
    assert.equal(executed(all[0] ?? assert.fail()), 'qmp_capabilities');
    assert.ok(all.some((message) => executed(message) === 'nonsense'));
    assert.deepEqual(hostnames, ['vm']);
    assert.ok(uuids.has(domain));
  });

  it('at level info, begun in the middle, keeps the traffic of a domain that it cannot name', () => {
    const { entries } = readFile('9.0-info-middle.log');
    assert.deepEqual(
      [...new Set(entries.map((entry) => entry.domain))],
      ['monitor 0x7f9084014460'],
    );
    assert.deepEqual(
      messages(entries)
        .filter(({ kind }) => kind === 'command')
        .map(executed),
      ['stop', 'cont'],
    );
  });

  for (const name of ['9.0-source.log', '11.3-target.log', '9.0-info.log']) {
    it(`is the same however ${name} is cut`, () => {
      const whole = readFile(name);
      for (const pieceSize of [7, 4096]) assert.deepEqual(readFile(name, pieceSize), whole);
    });
  }

  describe('monitors', () => {
    const opened = (pointer: string) =>
      [1, 'info', `QEMU_MONITOR_NEW: mon=${pointer} fd=3`] as const;
    const closed = (pointer: string) => [1, 'info', `QEMU_MONITOR_CLOSE: mon=${pointer}`] as const;
    const connects = (name: string) =>
      [1, 'debug', `Connect monitor to vm=0xaa name='${name}'`] as const;
    const enters = (pointer: string, name: string) =>
      [1, 'debug', `Entering monitor (mon=${pointer} vm=0xaa name=${name})`] as const;
    const event = (pointer: string, name: string) =>
      [7, 'info', `QEMU_MONITOR_RECV_EVENT: mon=${pointer} event={"event": "${name}"}`] as const;
    const told = (log: string) =>
      messages(read(log).entries).map(
        ({ domain, monitor, json }) =>
          `${domain} ${monitor} ${/"event": "([^"]*)"/.exec(json)?.[1] ?? ''}`,
      );

    it('are told apart where pointers are used again', () => {
      const log = logOf(
        ...[connects('a'), opened('0x1'), event('0x1', 'A'), closed('0x1')],
        // Nobody's: a probe.
        ...[opened('0x1'), event('0x1', 'X'), closed('0x1')],
        ...[connects('b'), opened('0x1'), event('0x1', 'B')],
        // Its end was not logged.
        ...[connects('c'), opened('0x1'), event('0x1', 'C')],
      );
      assert.deepEqual(told(log), ['a 1 A', 'b 3 B', 'c 4 C']);
    });

    it('have their domain also for what came before it was told', () => {
      const log = logOf(
        event('0x1', 'A'),
        event('0x2', 'B'),
        enters('0x1', 'a'),
        enters('0x2', 'b'),
      );
      assert.deepEqual(told(log), ['a 1 A', 'b 2 B']);
    });

    for (const name of ['a, b) c', "o'brien", 'ünïcödé 虚拟机', 'x name=y)', 'mon=0x9']) {
      it(`may be of a domain called ${name}`, () => {
        assert.deepEqual(told(logOf(enters('0x1', name), event('0x1', 'A'))), [`${name} 1 A`]);
        assert.deepEqual(told(logOf(connects(name), opened('0x1'), event('0x1', 'A'))), [
          `${name} 1 A`,
        ]);
      });
    }
  });

  describe('messages', () => {
    const whose = [1, 'debug', 'Entering monitor (mon=0x1 vm=0xaa name=a)'] as const;
    const sent = (json: string) =>
      [1, 'info', `QEMU_MONITOR_SEND_MSG: mon=0x1 msg=${json}\r\n fd=-1`] as const;
    const written = (json: string) =>
      [2, 'info', `QEMU_MONITOR_IO_WRITE: mon=0x1 buf=${json}\r\n len=9 ret=9 errno=0`] as const;
    const received = (json: string) =>
      [2, 'info', `QEMU_MONITOR_RECV_REPLY: mon=0x1 reply=${json}`] as const;
    const other = [3, 'debug', 'of no interest'] as const;
    const told = (log: string) => messages(read(log).entries).map(({ json }) => json);
    const stop = '{"execute":"stop","id":"libvirt-1"}';

    it('are counted once when they are sent and written, also in parts', () => {
      const log = logOf(whose, sent(stop), written(stop), written(stop.slice(20)), sent(stop));
      assert.deepEqual(told(log), [stop, stop]);
    });

    it('are told when they are written, if the log begins after they were sent', () => {
      assert.deepEqual(told(logOf(whose, written(stop))), [stop]);
    });

    it('may go on over more lines', () => {
      const reply = '{"return": {},\n "id":\n "libvirt-1"}';
      assert.deepEqual(told(logOf(whose, received(reply), other, received(reply))), [reply, reply]);
    });

    it('are told as far as they go where the log is cut off', () => {
      const log = logOf(whose, received('{"return": {"na'), received(stop), received('{"re'));
      assert.deepEqual(told(log), ['{"return": {"na', stop, '{"re']);
      const half = logOf(whose, received(stop));
      assert.deepEqual(told(half.slice(0, -10)), [stop.slice(0, -9)]);
    });

    it('have the characters that QEMU has sent', () => {
      const reply = '{"return": "ünïcödé 虚拟机 💻", "id": "libvirt-1"}';
      assert.deepEqual(told(logOf(whose, received(reply))), [reply]);
    });
  });

  it('is not read into what is no log', () => {
    const lines = ['', '2026-11-23', 'QEMU_MONITOR_NEW: mon=0x1', '\0\xff'.repeat(1000), '+0000: '];
    assert.deepEqual(read(lines.join('\n')).entries, []);
  });
});
