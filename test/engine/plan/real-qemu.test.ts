/**
 * The arguments of the plan on real QEMU: the target starts beside the source, the machine state of
 * one fits the other, and each address is taken back once the source is gone.
 */
import assert from 'node:assert/strict';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { resolvePaths } from '../../../src/engine/plan/absolute-paths';
import { instancePaths } from '../../../src/engine/plan/instance-paths';
import type { Plan, TakeBack } from '../../../src/engine/plan/plan';
import { startArguments } from '../../../src/engine/plan/start-arguments';
import type { Endpoint } from '../../../src/host/host';
import { openLocalHost, type LocalHost } from '../../../src/host/local';
import type { ProcessIdentity } from '../../../src/host/process';
import { QmpClient } from '../../../src/qemu/qmp/client';
import { qemu100, qemu72 } from '../../support/emulators';
import { diskTemplate } from '../../support/guests';
import { planOf } from './fixture';

interface Sample {
  readonly name: string;
  readonly arguments: readonly string[];
  /** Where the source runs; QEMU 7.2 if not said. */
  readonly from?: string;
  /** What answers again when all is done. */
  readonly listeners: readonly Endpoint[];
}

const loopback = (port: number): Endpoint => ({ host: '127.0.0.1', port });

/** Files are relative to the folder of the test. */
const samples: readonly Sample[] = [
  {
    name: 'a developer’s q35',
    arguments: [
      ...['-M', 'q35', '-m', '64', '-cpu', 'qemu64', '-nodefaults', '-vga', 'std'],
      ...[
        '-blockdev',
        '{"driver":"qcow2","node-name":"d","file":{"driver":"file","filename":"a.img"}}',
      ],
      ...['-device', 'virtio-blk-pci,drive=d'],
      ...['-netdev', 'user,id=net0,hostfwd=tcp:127.0.0.1:27101-:22,hostfwd=udp::27102-:53'],
      ...['-device', '{"driver":"virtio-net-pci","netdev":"net0"}'],
      ...['-vnc', '127.0.0.1:21203,to=21206,password=on'],
      ...['-monitor', 'unix:hmp.sock,server,nowait'],
      ...['-serial', 'tcp:127.0.0.1:27104,server=on,wait=off,telnet=on'],
      ...['-chardev', 'socket,id=port,path=port.sock,server=on,wait=off,logfile=port.log'],
      ...['-device', 'virtio-serial-pci', '-device', 'virtserialport,chardev=port'],
      ...['-qmp', 'tcp:127.0.0.1:27105,server=on,wait=off'],
      ...['-pidfile', 'pid', '-D', 'log', '-S', '-gdb', 'tcp:127.0.0.1:27106'],
    ],
    listeners: [
      ...[27101, 27103, 27104, 27106].map(loopback),
      { unix: 'hmp.sock' },
      { unix: 'port.sock' },
    ],
  },
  {
    name: '-nographic and all that QEMU adds by itself',
    arguments: ['-nographic', '-m', '64', '-hda', 'a.img', '-net', 'nic', '-net', 'user', '-S'],
    listeners: [],
  },
  {
    name: 'short forms of every sort',
    arguments: [
      ...['-M', 'pc', '-m', '64', '-display', 'vnc=unix:vnc.sock', 'a.img', '-S'],
      ...['-serial', 'mon:unix:mux.sock,server=on,wait=off', '-serial', 'file:serial.log'],
      ...['-serial', 'pty', '-parallel', 'tcp:127.0.0.1:27110,server=on,wait=off'],
      ...[
        '-debugcon',
        'file:debug.log',
        '-monitor',
        'none',
        '-qmp-pretty',
        'unix:qmp,server=on,wait=off',
      ],
      ...['-nic', 'user,model=e1000,hostfwd=tcp:127.0.0.1:27111-:22', '-s'],
      ...['-object', 'secret,id=s,data=geheim', '-trace', 'enable=vm_state_notify'],
    ],
    listeners: [
      loopback(27111),
      loopback(1234),
      { unix: 'vnc.sock' },
      { unix: 'mux.sock' },
      { unix: 'qmp' },
    ],
  },
  {
    name: 'RAM in a file that is copied into another',
    arguments: [
      ...['-M', 'q35,memory-backend=ram', '-m', '64', '-nodefaults', '-display', 'none', '-S'],
      ...['-object', 'memory-backend-file,id=ram,size=64M,mem-path=ram,share=on'],
      ...[
        '-chardev',
        'socket,id=a,path=a,,b.sock,server=on,wait=off',
        '-device',
        'isa-serial,chardev=a',
      ],
    ],
    listeners: [{ unix: 'a,b.sock' }],
  },
  {
    // Not versioned, so only from an emulator to itself.
    name: 'a microvm',
    from: qemu100,
    arguments: [
      ...['-M', 'microvm', '-m', '64', '-nodefaults', '-display', 'none', '-S'],
      ...[
        '-chardev',
        'stdio,id=con',
        '-device',
        'virtio-serial-device',
        '-device',
        'virtconsole,chardev=con',
      ],
    ],
    listeners: [],
  },
];

describe('A plan’s arguments on real QEMU', () => {
  let host: LocalHost;
  let folder: string;
  const started: ProcessIdentity[] = [];

  beforeEach(async () => {
    host = openLocalHost();
    folder = await mkdtemp('/tmp/sidestep-plan-');
    await copyFile(diskTemplate, join(folder, 'a.img'));
    await Promise.all(['1', '2'].map((id) => mkdir(join(folder, id))));
  });

  afterEach(async () => {
    await Promise.all(
      started.splice(0).map(async (process) => {
        await host.signal(process, 'SIGKILL');
        await host.waitForExit(process);
      }),
    );
    await host.dispose();
    await rm(folder, { recursive: true });
  });

  async function start(emulator: string, argv: readonly string[], directory: string) {
    const paths = instancePaths(directory);
    const process = await host.start({ argv: [emulator, ...argv], outputPath: paths.output });
    started.push(process);
    const stream = await host.connect({ unix: paths.monitor }, { waitFor: process });
    return { process, client: await QmpClient.open(stream, { now: () => host.now() }) };
  }

  for (const { name, arguments: words, listeners, from = qemu72 } of samples) {
    it(`carries ${name} to QEMU 10.0`, async () => {
      const definition = resolvePaths(words, folder);
      const directory = join(folder, '2');
      const plan = planOf(definition, { directory, mode: 'precopy' });
      assert.deepEqual(plan.blockers, []);

      const source = await start(
        from,
        startArguments(definition, join(folder, '1')),
        join(folder, '1'),
      );
      const target = await start(qemu100, plan.arguments.target, directory);

      const uri = `unix:${instancePaths(directory).migration}`;
      const moved = completion(target.client);
      await target.client.execute('migrate-set-capabilities', events);
      await target.client.execute('migrate-incoming', { uri });
      await source.client.execute('migrate', { uri });
      assert.equal(await moved, 'completed', `the state of ${name} does not fit`);
      await source.client.execute('quit');
      await host.waitForExit(source.process);

      for (const takeBack of plan.takeBacks) await take(takeBack, target.client);
      for (const listener of listeners) {
        const endpoint = 'unix' in listener ? { unix: join(folder, listener.unix) } : listener;
        (await host.connect(endpoint)).destroy();
      }
    });
  }

  it('starts the target again from the definition that the plan leaves', async () => {
    const sample = samples[0];
    assert(sample);
    const first = planOf(resolvePaths(sample.arguments, folder), { directory: join(folder, '1') });
    const second: Plan = planOf(first.definition, { directory: join(folder, '2') });
    await start(qemu100, startArguments(first.definition, join(folder, '1')), join(folder, '1'));
    await start(qemu100, second.arguments.target, join(folder, '2'));
  });

  it('starts beside a source whose log it goes on with', async () => {
    const log = join(folder, 'serial.log');
    const definition = ['-M', 'none', '-nodefaults', '-display', 'none', '-serial', `file:${log}`];
    await writeFile(log, 'what the source wrote\n');
    const plan = planOf(definition, {
      directory: join(folder, '2'),
      evidence: { machineType: 'none' },
    });
    await start(qemu100, plan.arguments.target, join(folder, '2'));
    const [written] = await host.files([{ op: 'read', path: log }]);
    assert.equal(written?.toString(), 'what the source wrote\n');
  });

  async function take(takeBack: TakeBack, target: QmpClient): Promise<void> {
    switch (takeBack.by) {
      case 'rename':
        await host.files([{ op: 'rename', from: takeBack.from, to: takeBack.to }]);
        return;
      case 'qmp':
        await target.execute(takeBack.command, takeBack.arguments);
        return;
      case 'hmp': {
        const printed = await target.execute('human-monitor-command', {
          'command-line': takeBack.commandLine,
        });
        const { success } = takeBack;
        assert(
          typeof printed === 'string' &&
            (success === undefined ? printed === '' : printed.startsWith(success)),
          `${takeBack.commandLine}: ${String(printed)}`,
        );
      }
    }
  }
});

const events = { capabilities: [{ capability: 'events', state: true }] };

/** The status in which the incoming migration ends. */
function completion(client: QmpClient): Promise<unknown> {
  return new Promise((resolve) => {
    client.onEvent((event) => {
      const status = event.name === 'MIGRATION' ? event.data['status'] : undefined;
      if (status === 'completed' || status === 'failed') resolve(status);
    });
    void client.closed.then(() => {
      resolve('closed');
    });
  });
}
