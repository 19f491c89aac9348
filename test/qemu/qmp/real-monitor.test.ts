import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { QmpClient, type QmpClientOptions } from '../../../src/qemu/qmp/client';
import type { QmpError } from '../../../src/qemu/qmp/errors';
import { qemu72, qemu100 } from '../../support/emulators';

const now = (): number => Date.now() * 1000;

for (const [emulator, version] of [
  [qemu72, /^7\.2\./],
  [qemu100, /^10\.0\./],
] as const) {
  describe(`QMP client on a real monitor of QEMU ${version.source.replace(/[\\^]/g, '')}x`, () => {
    let folder: string;
    let qemu: ChildProcess;

    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'sidestep-qmp-'));
      const [plain, pretty] = [join(folder, 'qmp'), join(folder, 'pretty')];
      qemu = spawn(
        emulator,
        [
          ...['-machine', 'none', '-nodefaults', '-display', 'none'],
          ...['-qmp', `unix:${plain},server=on,wait=off`],
          ...['-chardev', `socket,id=pretty,path=${pretty},server=on,wait=off`],
          ...['-mon', 'chardev=pretty,mode=control,pretty=on'],
          // The monitors begin in this order: a greeting here means that the others listen.
          ...['-qmp', 'stdio'],
        ],
        { stdio: ['pipe', 'pipe', 'inherit'] },
      );
      assert.ok(qemu.stdout);
      await once(qemu.stdout, 'data');
    });

    afterEach(async () => {
      if (qemu.exitCode === null && qemu.signalCode === null) {
        qemu.kill('SIGKILL');
        await once(qemu, 'exit');
      }
      await rm(folder, { recursive: true });
    });

    const open = (monitor = 'qmp', options: Partial<QmpClientOptions> = {}): Promise<QmpClient> =>
      QmpClient.open(connect(join(folder, monitor)), { now, ...options });

    it('greets, answers and refuses', async () => {
      const client = await open();
      assert.match(client.greeting.version, version);
      assert.deepEqual(client.greeting.capabilities, ['oob']);
      await assert.rejects(client.execute('nonsense'), {
        code: 'COMMAND_FAILED',
        errorClass: 'CommandNotFound',
      });
      await assert.rejects(client.execute('migrate', { uri: 'nonsense:' }), {
        code: 'COMMAND_FAILED',
        errorClass: 'GenericError',
      });
      client.close();
    });

    it('takes many commands at once, and an oob one among them', async () => {
      const client = await open();
      const names = Array.from({ length: 30 }, () => client.execute('query-name'));
      const schema = client.execute('query-qmp-schema');
      const paused = client.execute('migrate-pause', undefined, { oob: true });
      await assert.rejects(paused, { errorClass: 'GenericError' });
      assert.equal((await Promise.all(names)).length, 30);
      assert.ok(JSON.stringify(await schema).length > 100_000);
      client.close();
    });

    it('says the same on a pretty monitor', async () => {
      const [plain, pretty] = await Promise.all([open(), open('pretty')]);
      const [schema, samePretty] = await Promise.all(
        [plain, pretty].map((client) => client.execute('query-qmp-schema')),
      );
      assert.deepEqual(samePretty, schema);
      plain.close();
      pretty.close();
    });

    it('is busy while another client is on the monitor, and free again after', async () => {
      const first = await open();
      await assert.rejects(
        open('qmp', { greetingTimeoutMs: 100 }),
        (error: QmpError) => error.code === 'MONITOR_BUSY',
      );
      const waiting = open();
      first.close();
      const second = await waiting;
      assert.deepEqual(await second.execute('query-name'), {});
      second.close();
    });

    it("tells QEMU's events by QEMU's clock, and its end", async () => {
      const before = now();
      const client = await open();
      const shutdown = client.waitForEvent('SHUTDOWN');
      await client.execute('quit');
      const { data, at, receivedAt } = await shutdown;
      assert.equal(data['reason'], 'host-qmp-quit');
      assert.ok(at >= before && at <= receivedAt + 1000);
      assert.match((await client.closed).message, /closed the monitor/);
    });

    it('tells what is pending that QEMU died', async () => {
      const client = await open();
      const stopped = client.waitForEvent('POWERDOWN');
      qemu.kill('SIGKILL');
      await assert.rejects(stopped, { code: 'CLOSED' });
    });
  });
}
