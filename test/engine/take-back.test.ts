/** Addresses of the source that the target takes over, and what becomes of one that a stranger took. */
import assert from 'node:assert/strict';
import { access, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import type { Server, Socket } from 'node:net';
import { qemu100 } from '../support/emulators';
import { closeServer, connectTo, firstBytes, freePort, listenOn } from '../support/net';
import { greetSpice } from '../support/spice';
import { EngineBench, type Walker } from '../support/workbench';

interface Address {
  readonly what: RegExp;
  readonly arguments: readonly string[];
  /** Fails unless whoever is meant to answers. */
  readonly check: () => Promise<void>;
  /** Takes it in the source's stead; undefined where nobody can. */
  readonly occupy: (() => Promise<Server>) | undefined;
}

describe('what the source listened on', () => {
  const bench = EngineBench.forEachTest();
  const open: Socket[] = [];
  afterEach(() => {
    for (const socket of open.splice(0)) socket.destroy();
  });

  const connection = async (...endpoint: Parameters<typeof connectTo>) => {
    const socket = await connectTo(...endpoint);
    open.push(socket);
    return socket;
  };
  const answers = async (port: number, start: string, ask = '') => {
    const socket = await connection({ host: '127.0.0.1', port });
    if (ask !== '') socket.write(ask);
    const said = await firstBytes(socket, start.length);
    assert.equal(said.slice(0, start.length), start);
    socket.destroy();
  };

  const addresses: Readonly<Record<string, () => Promise<Address>>> = {
    'a serial port on a unix socket': () => {
      const path = bench.path('second.sock');
      return Promise.resolve({
        what: /serial/,
        arguments: ['-serial', `unix:${path},server=on,wait=off`],
        check: async () => {
          (await connection({ path })).destroy();
        },
        occupy: undefined,
      });
    },
    'a QMP monitor on a unix socket': () => {
      const path = bench.path('user.sock');
      return Promise.resolve({
        what: /monitor/,
        arguments: ['-qmp', `unix:${path},server=on,wait=off`],
        check: async () => {
          const socket = await connection({ path });
          assert.match(await firstBytes(socket, 8), /^\{"QMP"/);
          socket.destroy();
        },
        occupy: undefined,
      });
    },
    'a serial port on TCP': async () => {
      const port = await freePort();
      return {
        what: /serial/,
        arguments: ['-serial', `tcp:127.0.0.1:${port},server=on,wait=off`],
        check: async () => {
          (await connection({ host: '127.0.0.1', port })).destroy();
        },
        occupy: () => listenOn(port),
      };
    },
    'a VNC display': async () => {
      const port = await displayPort();
      return {
        what: /VNC/,
        arguments: ['-vnc', `127.0.0.1:${port - 5900}`],
        check: () => answers(port, 'RFB 003'),
        occupy: () => listenOn(port),
      };
    },
    'a SPICE server on a unix socket': () => {
      const path = bench.path('spice.sock');
      return Promise.resolve({
        what: /SPICE/,
        arguments: ['-spice', `unix=on,addr=${path},disable-ticketing=on`],
        check: async () => {
          const socket = await connection({ path });
          await greetSpice(socket);
          socket.destroy();
        },
        occupy: undefined,
      });
    },
    'a forwarded port': async () => {
      const port = await freePort();
      return {
        what: /forwarded port/,
        arguments: ['-netdev', `user,id=n,hostfwd=tcp:127.0.0.1:${port}-:80`],
        check: async () => {
          (await connection({ host: '127.0.0.1', port })).destroy();
        },
        occupy: () => listenOn(port),
      };
    },
    'a gdbstub': async () => {
      const port = await freePort();
      return {
        what: /gdbstub/,
        arguments: ['-gdb', `tcp:127.0.0.1:${port}`],
        check: async () => {
          (await connection({ host: '127.0.0.1', port })).destroy();
        },
        occupy: () => listenOn(port),
      };
    },
  };

  for (const [name, address] of Object.entries(addresses)) {
    const check = name === 'a gdbstub' ? 'is there again' : 'answers again';
    it(`${name} ${check} after a migration, and after a second one`, async () => {
      const { what, arguments: args, check } = await address();
      const walker = await bench.walker({ arguments: args });
      for (const hop of [1, 2]) {
        const { report, error } = await walker.migrate({ emulator: qemu100 });
        assert.equal(error, undefined);
        assert.deepEqual(
          report?.takenBack.map((taken) => taken.error),
          [undefined],
          `hop ${hop}`,
        );
        assert.match(report.takenBack[0]?.what ?? '', what);
        // A debugger stops the guest that it connects to.
        if (name !== 'a gdbstub') await check();
      }
      await check();
    });

    // Over a stranger's socket file the target's own is renamed.
    if (name.includes('unix socket')) continue;
    it(`${name} that a stranger took is told, and nothing else is lost`, async () => {
      const { arguments: args, occupy } = await address();
      assert.ok(occupy !== undefined);
      const path = bench.path('user.sock');
      const monitor = ['-qmp', `unix:${path},server=on,wait=off`];
      const walker = await bench.walker({ arguments: [...args, ...monitor] });
      let stranger: Server | undefined;
      try {
        const { report, error, records } = await walker.migrate({
          emulator: qemu100,
          options: {
            beforeStep: async (_, step) => {
              if (step === 'take-back') stranger = await occupy();
            },
          },
        });
        assert.equal(error, undefined);
        assert.ok(stranger !== undefined, 'no stranger came by');
        const failures = report?.takenBack.filter((taken) => taken.error !== undefined) ?? [];
        assert.equal(report?.takenBack.length, 2);
        assert.equal(failures.length, 1);
        assert.match(failures[0]?.error ?? '', /node \(pid \d+\) listens there \[ADDRESS_BUSY\]/);
        assert.ok(records.some(({ type }) => type === 'take-back'));
        const socket = await connection({ path });
        assert.match(await firstBytes(socket, 8), /^\{"QMP"/);
      } finally {
        if (stranger !== undefined) await closeServer(stranger);
      }
      const again = await walker.migrate({ emulator: qemu100 });
      assert.equal(again.error, undefined);
      assert.deepEqual(
        again.report?.takenBack.map((taken) => taken.error),
        [undefined, undefined],
        'the next migration takes it back',
      );
    });
  }

  it('all of it, in one migration', async () => {
    const all = await Promise.all(Object.values(addresses).map((address) => address()));
    const walker = await bench.walker({ arguments: all.flatMap((each) => each.arguments) });
    const { report } = await walker.migrate({ emulator: qemu100 });
    assert.deepEqual(
      report?.takenBack.map((taken) => taken.error),
      all.map(() => undefined),
    );
    for (const { check } of all) await check();
  });

  it('on a unix socket keeps those who are connected to the new one connected', async () => {
    const path = bench.path('user.sock');
    const walker = await bench.walker({ arguments: ['-qmp', `unix:${path},server=on,wait=off`] });
    await walker.migrate({ emulator: qemu100 });
    const socket = await connection({ path });
    assert.match(await firstBytes(socket, 8), /^\{"QMP"/);
    assert.equal(socket.destroyed, false);
  });

  it('on a unix socket answers again also where it lies on another file system than our state', async () => {
    const folder = await mkdtemp('/dev/shm/sidestep-test-');
    try {
      const [there, here] = await Promise.all([stat(folder), stat(bench.path('.'))]);
      assert.notEqual(there.dev, here.dev);
      const path = `${folder}/user.sock`;
      const walker = await bench.walker({
        arguments: ['-qmp', `unix:${path},server=on,wait=off`, '-vnc', `unix:${folder}/vnc.sock`],
      });
      for (const hop of [1, 2]) {
        const { report } = await walker.migrate({ emulator: qemu100 });
        const errors = report?.takenBack.map((taken) => taken.error);
        assert.deepEqual(errors, [undefined, undefined], `hop ${hop}`);
        const socket = await connection({ path });
        assert.match(await firstBytes(socket, 8), /^\{"QMP"/);
        socket.destroy();
        assert.deepEqual((await readdir(folder)).sort(), ['user.sock', 'vnc.sock']);
      }
      await bench.engine.destroy(walker.name);
      assert.deepEqual(await readdir(folder), []);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('leaves nothing beside its path when the migration comes to nothing', async () => {
    const path = bench.path('user.sock');
    const walker = await bench.walker({ arguments: ['-qmp', `unix:${path},server=on,wait=off`] });
    const before = await readdir(bench.path('.'));
    let during: string[] = [];
    const { error } = await walker.migrate({
      emulator: qemu100,
      options: {
        beforeStep: async (_, step) => {
          if (step !== 'migrate') return;
          during = await readdir(bench.path('.'));
          throw new Error('no further');
        },
      },
    });
    assert.match(String(error), /no further/);
    assert.ok(
      during.some((name) => name.endsWith('-user.sock')),
      during.join(),
    );
    assert.deepEqual(await readdir(bench.path('.')), before);
    const socket = await connection({ path });
    assert.match(await firstBytes(socket, 8), /^\{"QMP"/);
  });

  for (const end of ['destroy', 'stop'] as const) {
    it(`is gone from its path after ${end}, also where it was renamed there`, async () => {
      const path = bench.path('user.sock');
      const walker = await bench.walker({ arguments: ['-qmp', `unix:${path},server=on,wait=off`] });
      await walker.migrate({ emulator: qemu100 });
      await access(path);
      if (end === 'destroy') await bench.engine.destroy(walker.name);
      else await quit(walker);
      await assert.rejects(access(path), { code: 'ENOENT' });
    });
  }

  /** The walker does not listen to ACPI: QEMU is told to quit while the guest is asked to. */
  async function quit(walker: Walker): Promise<void> {
    const instance = { ...(await walker.instance()), monitor: bench.path('user.sock') };
    await bench.qmp(instance, async (client) => {
      const poweredDown = client.waitForEvent('POWERDOWN');
      const stopped = bench.engine.stop(walker.name, 60_000);
      await poweredDown;
      await client.execute('quit');
      await stopped;
    });
  }
});

/** A port that VNC can have: displays count from 5900. */
async function displayPort(): Promise<number> {
  for (;;) {
    const port = 5900 + 100 + Math.floor(Math.random() * 20_000);
    const server = await listenOn(port).catch(() => undefined);
    if (server === undefined) continue;
    await closeServer(server);
    return port;
  }
}
