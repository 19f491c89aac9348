import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { surveyLogs, type LogSurvey } from '../../../src/engine/libvirt-log/survey';
import { chooseDomain, traceLogs } from '../../../src/engine/libvirt-log/trace-logs';
import { TraceRecordSchema, type TraceRecord } from '../../../src/engine/trace/record';
import { summarize } from '../../../src/engine/trace/summary';
import type { Host } from '../../../src/host/host';
import { openLocalHost } from '../../../src/host/local';
import { TraceModel } from '../../../src/views/timeline/model/trace-model';
import { logOf, logPath, type Line } from '../../libvirt/log/logs';
import { sidestepError } from '../../support/errors';

describe("libvirt's logs as a trace", () => {
  let host: Host;
  let folder: string;
  before(() => {
    host = openLocalHost();
    folder = mkdtempSync('/tmp/sidestep-log-');
  });
  after(async () => {
    await host.dispose();
    rmSync(folder, { recursive: true });
  });

  const survey = (...names: string[]) => surveyLogs(host, names.map(logPath));

  async function traceOf(found: LogSurvey, name?: string): Promise<TraceRecord[]> {
    const records: TraceRecord[] = [];
    await traceLogs(host, found, chooseDomain(found, name), (record) => records.push(record));
    return records;
  }

  /** A survey of a log with these lines. */
  function surveyOf(...lines: readonly Line[]): Promise<LogSurvey> {
    const path = join(folder, 'libvirtd.log');
    writeFileSync(path, logOf(...lines));
    return surveyLogs(host, [path]);
  }

  for (const [order, names] of [
    ['first', ['9.0-source.log', '9.0-target.log']],
    ['last', ['9.0-target.log', '9.0-source.log']],
  ] as const) {
    it(`have both sides of a migration, the source's ${order}`, async () => {
      const records = await traceOf(await survey(...names));
      for (const record of records) v.assert(TraceRecordSchema, record);
      const { phases, downtimeUs, outcome, totalUs } = summarize(records);
      assert.deepEqual(
        phases.map(({ name, side, startUs, endUs }) => [name, side, startUs / 1000, endUs / 1000]),
        [
          ['begin', 'source', 0, 13],
          ['prepare', 'target', 14, 1574],
          ['perform', 'source', 1575, 1912],
          ['finish', 'target', 1914, 1928],
          ['confirm', 'source', 1929, 2138],
        ],
      );
      // From the STOP that one QEMU has told to the RESUME of the other.
      assert.equal(downtimeUs, 62_885);
      assert.equal(outcome, 'moved');
      assert.equal(totalUs, 2_138_000);
      const { instances } = TraceModel.of(records);
      assert.deepEqual(
        instances.map(({ id, roles: [{ side }], runStates }) => [
          [id, side],
          runStates.items.map(({ state }) => state),
        ]),
        [
          [
            [1, 'source'],
            ['running', 'paused', 'postmigrate', 'gone'],
          ],
          [
            [2, 'target'],
            ['starting', 'running'],
          ],
        ],
      );
    });
  }

  it('name the domain and its UUID, and of each answer the command', async () => {
    const records = await traceOf(await survey('9.0-source.log'));
    const [header] = records;
    assert.ok(header?.type === 'header');
    assert.equal(header.domain, 'vm one');
    assert.equal(header.uuid, '999b2dd5-1523-4068-b7ae-9b2b2926059b');
    const messages = records.filter((record) => record.type === 'qmp');
    const answered = messages.filter(({ kind }) => kind === 'reply').map(({ name }) => name);
    assert.deepEqual(
      answered,
      messages.filter(({ kind }) => kind === 'command').map(({ name }) => name),
    );
    assert.equal(header.origin, 'libvirt');
  });

  it('have the progress of RAM that libvirt has asked for', async () => {
    const records = await traceOf(await survey('11.3-source.log'));
    const progress = records.flatMap((record) => (record.type === 'ram' ? [record] : []));
    assert.ok(progress.length > 0);
    assert.ok(progress.every(({ total, transferred }) => total > 0 && transferred > 0));
  });

  it('say of a migration that was cancelled that the guest stayed, and why', async () => {
    const records = await traceOf(await survey('9.0-aborted.log'));
    const verdict = records.at(-1);
    assert.ok(verdict?.type === 'verdict');
    assert.equal(verdict.outcome, 'stayed');
    assert.equal(verdict.message, "operation aborted: job 'migration out' canceled by client");
    assert.equal(summarize(records).downtimeUs, undefined);
  });

  const call = (edge: string, name: string) =>
    [9, 'debug', `Thread 9 (rpc) ${edge} remoteDispatchDomainMigrate${name}3Params`] as const;
  const phase = (way: string, name: string) =>
    [9, 'debug', `Setting 'migration ${way}' phase to '${name}'`] as const;
  const error = (message: string) => [9, 'error', message] as const;
  const running = [9, 'debug', 'Entering monitor (mon=0x1 vm=0xaa name=a)'] as const;
  const outcomeOf = async (...lines: readonly Line[]) => {
    const verdict = (await traceOf(await surveyOf(...lines))).at(-1);
    assert.ok(verdict?.type === 'verdict');
    return [verdict.outcome, verdict.message];
  };

  it('say why a target could not be reached, and not what followed from it', async () => {
    const unreachable = "unable to connect to server at '192.0.2.1:49999': Network is unreachable";
    const source = [
      ...[running, call('is now running job', 'Perform')],
      ...[[9, 'debug', 'driver=0x1, vm=0xaa, flags=0x1'] as const, phase('out', 'perform3')],
      ...[error(unreachable), call('finished job', 'Perform3Params with ret=-1')],
    ];
    assert.deepEqual(await outcomeOf(...source), ['stayed', unreachable]);
    const both = [
      ...source,
      ...[call('is now running job', 'Finish'), [9, 'debug', 'vm=0xaa, flags=0x1'] as const],
      ...[phase('in', 'finish3'), [9, 'debug', 'vm=0xaa, flags=0x1, retcode=1'] as const],
      error('migration successfully aborted'),
      call('finished job', 'Finish3Params with ret=-1'),
    ];
    assert.deepEqual(await outcomeOf(...both), ['stayed', unreachable]);
  });

  it('know from the target alone that the guest has not come', async () => {
    const lines: Line[] = [
      [9, 'debug', 'name=a, origname=<null>, protocol=tcp, port=49152'],
      phase('in', 'prepare'),
      [9, 'debug', 'QEMU vm=0xaa name=a running with pid=17'],
      call('finished job', 'Prepare3Params with ret=0'),
    ];
    assert.deepEqual(await outcomeOf(...lines), ['listened', undefined]);
    const ended: Line = [
      8,
      'debug',
      'Shutting down vm=0xaa name=a id=1 pid=17, reason=crashed, asyncJob=none, flags=0x1',
    ];
    assert.deepEqual(await outcomeOf(...lines, ended), ['stayed', undefined]);
  });

  it("warn of hosts' clocks that differ", async () => {
    const late = join(folder, 'late.log');
    const target = readFileSync(logPath('9.0-target.log'), 'utf8');
    // Half a second behind.
    writeFileSync(
      late,
      target.replaceAll(/^2026-11-23 14:39:(\d\d\.\d{3})/gm, (_, seconds: string) => {
        const earlier = (Number(seconds) - 0.5).toFixed(3).padStart(6, '0');
        return `2026-11-23 14:39:${earlier}`;
      }),
    );
    const records = await traceOf(await surveyLogs(host, [logPath('9.0-source.log'), late]));
    const warning = records.find(({ type }) => type === 'warning');
    assert.ok(warning?.type === 'warning');
    assert.match(warning.message, /differ by 499 ms or more/);
    const right = await traceOf(await survey('9.0-source.log', '9.0-target.log'));
    assert.ok(right.every(({ type }) => type !== 'warning'));
  });

  it('without a migration say that there was none', async () => {
    const records = await traceOf(await survey('9.0-info.log'));
    assert.ok(records.every(({ type }) => type !== 'phase'));
    assert.equal(summarize(records).outcome, 'listened');
    const states = records.flatMap((record) => (record.type === 'run-state' ? [record.state] : []));
    assert.deepEqual(states, ['running', 'paused', 'running', 'shutdown', 'gone']);
    const error = records.find((record) => record.type === 'qmp' && record.kind === 'error');
    assert.ok(error?.type === 'qmp');
    assert.equal(error.name, 'nonsense');
  });

  const enters = (pointer: string, name: string) =>
    [1, 'debug', `Entering monitor (mon=${pointer} vm=0xaa name=${name})`] as const;
  const sent = (pointer: string, json: string) =>
    [1, 'info', `QEMU_MONITOR_SEND_MSG: mon=${pointer} msg=${json}`] as const;

  it('hold no secret', async () => {
    const secret = 'Xyzzy-42';
    const found = await surveyOf(
      enters('0x1', 'a'),
      sent(
        '0x1',
        `{"execute":"set_password","arguments":{"protocol":"vnc","password":"${secret}"}}`,
      ),
      sent('0x1', `{"execute":"object-add","arguments":{"qom-type":"secret","data":"${secret}"}}`),
      // What is left out is not told either.
      sent('0x1', `{"execute":"set_password","arguments":{"password":"${secret}"`),
    );
    const text = JSON.stringify(await traceOf(found));
    assert.match(text, /set_password/);
    assert.doesNotMatch(text, new RegExp(secret));
  });

  it('warn of a message that is cut off', async () => {
    const found = await surveyOf(enters('0x1', 'a'), sent('0x1', '{"execute":"st'));
    const records = await traceOf(found);
    assert.deepEqual(
      records.flatMap((record) => (record.type === 'warning' ? [record.code] : [])),
      ['LOG_MESSAGE_CUT'],
    );
  });

  it('go on with the same instance when the daemon has been started anew', async () => {
    const stop = '{"execute":"stop","id":"libvirt-1"}';
    const found = await surveyOf(
      ...[enters('0x1', 'a'), sent('0x1', stop)],
      [1, 'info', 'QEMU_MONITOR_CLOSE: mon=0x1'],
      ...[enters('0x2', 'a'), sent('0x2', stop)],
      [1, 'debug', 'QEMU vm=0xaa name=a running with pid=17'],
      ...[enters('0x3', 'a'), sent('0x3', stop)],
    );
    const records = await traceOf(found);
    assert.deepEqual(
      records.flatMap((record) => (record.type === 'qmp' ? [record.instance] : [])),
      [1, 1, 2],
    );
    // Not for a migration to come in.
    assert.deepEqual(
      TraceModel.of(records).instances.map(({ roles: [{ side }] }) => side),
      ['source', 'source'],
    );
  });

  it('are of the domain that is asked for', async () => {
    const stop = '{"execute":"stop"}';
    const found = await surveyOf(
      ...[enters('0x1', 'a'), sent('0x1', stop)],
      ...[enters('0x2', 'b'), sent('0x2', stop), sent('0x2', stop)],
    );
    assert.deepEqual(
      found.domains.map(({ name, messages }) => [name, messages]),
      [
        ['b', 2],
        ['a', 1],
      ],
    );
    assert.throws(() => chooseDomain(found), sidestepError('LOG_HAS_MANY_DOMAINS'));
    assert.throws(() => chooseDomain(found, 'c'), sidestepError('LOG_HAS_NO_SUCH_DOMAIN'));
    const records = await traceOf(found, 'a');
    assert.equal(records.filter(({ type }) => type === 'qmp').length, 1);
  });

  it('have to have QMP traffic', async () => {
    const found = await surveyOf([1, 'info', 'of no interest']);
    assert.throws(() => chooseDomain(found), sidestepError('LOG_HAS_NO_QMP'));
  });

  it('are read until they are no longer asked for', async () => {
    const path = join(folder, 'long.log');
    writeFileSync(path, readFileSync(logPath('9.0-source.log')).toString().repeat(400));
    const controller = new AbortController();
    const reading = surveyLogs(host, [path], {
      signal: controller.signal,
      onProgress() {
        controller.abort();
      },
    });
    await assert.rejects(reading, { name: 'AbortError' });
  });
});
