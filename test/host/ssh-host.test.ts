import assert from 'node:assert/strict';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { openLocalHost } from '../../src/host/local';
import { openSshHost, type SshHost, type SshHostOptions } from '../../src/host/ssh';
import { timeLimit } from '../../src/host/time-limit';
import { startSlowProxy } from '../support/slow-proxy';
import { connectToSshd } from '../support/connect-sshd';
import { startSshd, type Sshd } from '../support/sshd';
import { addUser, type TestUser } from '../support/user';
import { eventually } from '../support/eventually';
import { hostError } from './workbench';

/** What a session runs instead of what we wanted to: that is in the variable. */
const ours = 'exec /bin/sh -c "$SSH_ORIGINAL_COMMAND"';

/** A server of each test's own, its hosts, and an empty folder; all go with the test. */
class Scene {
  sshd!: Sshd;
  folder!: string;
  readonly #hosts: SshHost[] = [];
  readonly #servers: Server[] = [];

  static forEachTest(): Scene {
    const scene = new Scene();
    beforeEach(() => {
      scene.folder = fs.mkdtempSync(join(tmpdir(), 'ssh-host-'));
    });
    afterEach(async () => {
      for (const host of scene.#hosts.splice(0)) await host.dispose();
      for (const server of scene.#servers.splice(0)) server.close();
      await scene.sshd.stop();
      fs.rmSync(scene.folder, { recursive: true });
    });
    return scene;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  async start(...config: readonly string[]): Promise<void> {
    this.sshd = await startSshd({ config });
  }

  async open(options?: SshHostOptions, lines?: readonly string[]): Promise<SshHost> {
    const host = await openSshHost(await connectToSshd(this.sshd, lines), options);
    this.#hosts.push(host);
    return host;
  }

  /** Whatever opens the host fails. */
  refuses(error: (error: unknown) => true, options?: SshHostOptions): Promise<void> {
    return assert.rejects(this.open(options), error);
  }

  /** A folder that has these programs only. */
  programs(...names: readonly string[]): string {
    const folder = this.path('bin');
    fs.mkdirSync(folder);
    for (const name of names) fs.symlinkSync(join('/usr/bin', name), join(folder, name));
    return folder;
  }

  /** A listener that says again what it hears. */
  async echo(at: string | number, host = '127.0.0.1'): Promise<Server> {
    const server = createServer((socket) => {
      socket.on('error', () => undefined).pipe(socket);
    });
    this.#servers.push(server);
    if (typeof at === 'number') server.listen(at, host);
    else server.listen(at);
    await once(server, 'listening');
    return server;
  }

  async connections(server: Server): Promise<number> {
    return new Promise((resolve) => {
      server.getConnections((_, count) => {
        resolve(count);
      });
    });
  }
}

async function assertEchoes(stream: Duplex, data = Buffer.from('hello')): Promise<void> {
  const heard = await new Promise<Buffer>((resolve) => {
    const parts: Buffer[] = [];
    let missing = data.length;
    stream.on('data', function hear(part: Buffer) {
      parts.push(part);
      missing -= part.length;
      if (missing > 0) return;
      stream.off('data', hear);
      resolve(Buffer.concat(parts));
    });
    stream.write(data);
  });
  assert.ok(heard.equals(data));
}

describe('the login shell of a host behind SSH', () => {
  const scene = Scene.forEachTest();
  const works = async (host: SshHost) => {
    const { stdout } = await host.run(['echo', 'it works']);
    assert.equal(stdout.toString(), 'it works\n');
  };

  it('may print what it likes, the command line it was given included', async () => {
    // Also later on, from what it has left running.
    const later = 'while sleep 0.01; do echo noise; done & trap "kill $!" EXIT;';
    const noise = 'printf "Welcome!\\n\\n%s\\n$ " "$SSH_ORIGINAL_COMMAND"; echo oops >&2';
    await scene.start(`ForceCommand ${noise}; ${later} ${ours.replace('exec ', '')}`);
    const host = await scene.open();
    for (let i = 0; i < 5; i++) await works(host);
  });

  it('may be a csh', async () => {
    await scene.start('ForceCommand exec csh -c "$SSH_ORIGINAL_COMMAND"');
    await works(await scene.open());
  });

  it('may take its time, and be cancelled meanwhile', async () => {
    await scene.start(`ForceCommand sleep 60; ${ours}`);
    const signal = timeLimit(200);
    await scene.refuses(hostError('CANCELLED'), { signal });
  });

  it('must run commands', async () => {
    await scene.start('ForceCommand echo This account is not available. >&2; exit 1');
    await scene.refuses((error) => {
      assert.match(String(error), /This account is not available/);
      return hostError('SSH_SHELL')(error);
    });
  });

  it('must find a Python', async () => {
    await scene.start(`ForceCommand PATH=${scene.programs()}; export PATH; ${ours}`);
    await scene.refuses((error) => {
      assert.match(String(error), /apt install python3/);
      return hostError('NO_PYTHON')(error);
    });
  });

  it('must find a Python that has its library', async () => {
    await scene.start(`ForceCommand PATH=${scene.programs()}:$PATH; export PATH; ${ours}`);
    // -I -S -u -c CODE, and no module json.
    const without = 'import sys; sys.modules["json"] = None; exec(sys.argv[1])';
    const python = `#!/bin/sh\nexec /usr/bin/python3 -c '${without}' "$5"\n`;
    fs.writeFileSync(scene.path('bin/python3'), python, { mode: 0o755 });
    await scene.refuses(hostError('NO_PYTHON'));
  });
});

describe('when the connection to a host behind SSH is lost', () => {
  const scene = Scene.forEachTest();
  const observer = openLocalHost();
  after(() => observer.dispose());

  it('all that is awaited ends, locks go, and what was started lives on', async () => {
    await scene.start();
    const host = await scene.open();
    await scene.echo(scene.path('s'));
    const outputPath = scene.path('output');
    const started = await host.start({ argv: ['sleep', '60'], outputPath });
    try {
      const stream = await host.connect({ unix: scene.path('s') });
      assert.ok(await host.lock(scene.path('lock')));
      assert.equal(await observer.lock(scene.path('lock')), undefined);
      const appender = await host.openAppend(scene.path('log'));
      const pidFile = scene.path('pid');
      const running = host.run(['sh', '-c', `echo $$ > ${pidFile}; exec sleep 60`]);
      await eventually(() => fs.existsSync(pidFile) && fs.readFileSync(pidFile, 'utf8') !== '');
      const ran = Number(fs.readFileSync(pidFile, 'utf8'));

      const nothing = { unix: scene.path('nothing') };
      const ended = once(stream, 'error').then(([error]) => hostError('DISCONNECTED')(error));
      const awaited = [
        running,
        host.waitForExit(started),
        host.connect(nothing, { waitFor: started }),
        host.waitForListener(nothing.unix),
        host.converse([{ endpoint: { unix: scene.path('s') }, send: '', lines: 1 }], {
          timeoutMs: 60_000,
        }),
      ].map((wait) => assert.rejects(wait, hostError('DISCONNECTED')));
      await host.files([{ op: 'stat', path: '/' }]);
      await scene.sshd.dropSessions();

      await Promise.all([...awaited, ended]);
      hostError('DISCONNECTED')(await host.closed);
      await assert.rejects(host.files([]), hostError('DISCONNECTED'));
      await assert.rejects(host.connect({ unix: scene.path('s') }), hostError('DISCONNECTED'));
      await assert.rejects(appender.append('x'), hostError('IO'));
      await eventually(async () => (await observer.lock(scene.path('lock'))) !== undefined);
      await eventually(async () => (await observer.inspect([ran]))[0] === undefined);
      assert.equal((await observer.inspect([started.pid]))[0]?.startTime, started.startTime);
    } finally {
      await observer.signal(started, 'SIGKILL');
    }
  });

  it('because its helper has ended, it is over as well', async () => {
    await scene.start();
    const host = await scene.open();
    const waiting = assert.rejects(host.waitForListener('/nothing'), hostError('DISCONNECTED'));
    const { stdout } = await host.run(['sh', '-c', 'echo $PPID']);
    process.kill(Number(stdout), 'SIGKILL');
    await waiting;
    assert.match((await host.closed).message, /helper .* has ended/);
    await assert.rejects(host.connect({ unix: '/x' }), hostError('DISCONNECTED'));
  });

  it('it can be disposed of all the same, and twice', async () => {
    await scene.start();
    const host = await scene.open();
    const lock = await host.lock(scene.path('lock'));
    await scene.sshd.dropSessions();
    await host.closed;
    await lock?.release();
    await host.dispose();
    await host.dispose();
  });
});

describe('a host behind an SSH server that forbids forwarding', () => {
  const scene = Scene.forEachTest();
  const forbidden = ['AllowStreamLocalForwarding no', 'AllowTcpForwarding no'];

  for (const program of ['socat', 'nc', 'python3']) {
    describe(`is reached by ${program}`, () => {
      beforeEach(async () => {
        const folder = scene.programs(...new Set(['python3', program]));
        await scene.start(...forbidden, `ForceCommand PATH=${folder}; export PATH; ${ours}`);
      });

      it('which relays whatever is said, and ends with its stream', async () => {
        const host = await scene.open();
        const server = await scene.echo(scene.path('s'));
        const stream = await host.connect({ unix: scene.path('s') });
        await assertEchoes(stream);
        await assertEchoes(stream, Buffer.alloc(3_000_000, 'much '));
        assert.equal(await scene.connections(server), 1);
        stream.destroy();
        await eventually(async () => (await scene.connections(server)) === 0);
      });

      it('also on TCP, and whatever the name of a socket', async () => {
        const host = await scene.open();
        const strange = scene.path('a:b,c "d" \\e\\ $(id) ü!!');
        await scene.echo(strange);
        await assertEchoes(await host.connect({ unix: strange }));
        const address = (await scene.echo(0)).address();
        assert.ok(typeof address === 'object' && address);
        await assertEchoes(await host.connect({ host: '127.0.0.1', port: address.port }));
      });
    });
  }

  it('tells why a listener cannot be reached', async () => {
    await scene.start(...forbidden);
    const host = await scene.open();
    const [nothing, dead] = [scene.path('nothing'), scene.path('dead')];
    await host.run(['python3', '-c', 'import socket,sys;socket.socket(1).bind(sys.argv[1])', dead]);
    await assert.rejects(host.connect({ unix: nothing }), hostError('NO_SUCH_FILE', nothing));
    await assert.rejects(host.connect({ unix: dead }), hostError('NOT_LISTENING', dead));
  });

  it('has eight connections at a time at most, so that it can be asked for all else', async () => {
    await scene.start(...forbidden);
    const host = await scene.open();
    const unix = scene.path('s');
    await scene.echo(unix);
    const streams: Duplex[] = [];
    for (let i = 0; i < 8; i++) streams.push(await host.connect({ unix }));
    await assert.rejects(host.connect({ unix }), hostError('SSH_CHANNELS', unix));
    await Promise.all(streams.map((stream) => assertEchoes(stream)));
    const closed = once(streams[3] ?? assert.fail(), 'close');
    streams[3]?.destroy();
    await closed;
    await assertEchoes(await host.connect({ unix }));
  });
});

describe('a host behind SSH where the VMs are those of another user', () => {
  const scene = Scene.forEachTest();
  let user: TestUser;
  before(async () => {
    user = await addUser();
  });
  after(() => user.remove());
  const sudoers = () => `/etc/sudoers.d/${user.name}`;
  afterEach(() => {
    fs.rmSync(sudoers(), { force: true });
  });

  /** As the user, who may read what the server has of keys. */
  async function openAsUser(options?: SshHostOptions): Promise<SshHost> {
    fs.chmodSync(scene.sshd.folder, 0o755);
    return scene.open(options, [`User ${user.name}`]);
  }

  it('refuses the user, who is told so', async () => {
    await scene.start();
    const host = await openAsUser();
    const unix = scene.path('s');
    await scene.echo(unix);
    assert.notEqual(host.facts.uid, 0);
    await assert.rejects(host.connect({ unix }), hostError('PERMISSION_DENIED', unix));
    const operation = { op: 'list', path: scene.folder } as const;
    await assert.rejects(host.files([operation]), hostError('PERMISSION_DENIED', scene.folder));
  });

  it('is acted on as root by sudo, sockets included', async () => {
    await scene.start();
    fs.writeFileSync(sudoers(), `${user.name} ALL=(ALL) NOPASSWD: ALL\n`, { mode: 0o440 });
    const host = await openAsUser({ sudo: true });
    assert.equal(host.facts.uid, 0);
    const unix = scene.path('s');
    await scene.echo(unix);
    await assertEchoes(await host.connect({ unix }));
    const { stdout } = await host.run(['id', '-u']);
    assert.equal(stdout.toString(), '0\n');
  });

  it('says so when sudo asks for a password', async () => {
    await scene.start();
    await assert.rejects(openAsUser({ sudo: true }), hostError('SUDO_REFUSED'));
  });
});

describe('a host far away', () => {
  const scene = Scene.forEachTest();
  const roundTripMs = 150;
  let far: { readonly port: number; close(): Promise<void> };
  afterEach(() => far.close());

  it('costs one round trip a call, two for a listener to come, and none for the time', async () => {
    await scene.start();
    far = await startSlowProxy(scene.sshd.port, roundTripMs / 2);
    const host = await scene.open({}, [
      `Port ${far.port}`,
      `HostKeyAlias [127.0.0.1]:${scene.sshd.port}`,
    ]);
    const unix = scene.path('s');
    await scene.echo(unix);
    const [self] = await host.inspect([process.pid]);
    assert.ok(self);
    /** How many round trips an action takes: a machine that stalls can only make it seem more. */
    const cost = async (act: () => Promise<unknown>): Promise<number> => {
      let quickest = Infinity;
      for (let measured = 0; measured < 3; measured++) {
        const begin = performance.now();
        await act();
        quickest = Math.min(quickest, performance.now() - begin);
      }
      return Math.floor(quickest / roundTripMs);
    };
    const stat = { op: 'stat', path: '/' } as const;
    const appender = await host.openAppend(scene.path('log'));
    assert.deepEqual(
      {
        files: await cost(() => host.files([stat, stat, stat])),
        appends: await cost(() => Promise.all(['a', 'b', 'c'].map((x) => appender.append(x)))),
        run: await cost(() => host.run(['true'])),
        together: await cost(() =>
          Promise.all([host.files([stat]), host.run(['true']), host.lock(scene.path('l'))]),
        ),
        converse: await cost(() =>
          host.converse(
            Array.from({ length: 50 }, () => ({ endpoint: { unix }, send: 'x\n', lines: 1 })),
            { timeoutMs: 30_000 },
          ),
        ),
        connect: await cost(() => host.connect({ unix })),
        connectWhenListening: await cost(() => host.connect({ unix }, { waitFor: self })),
      },
      {
        ...{ files: 1, appends: 1, run: 1, together: 1, converse: 1 },
        ...{ connect: 1, connectWhenListening: 2 },
      },
    );
    // As exact as the way there and back is even.
    assert.ok(Math.abs(host.now() / 1000 - Date.now()) < roundTripMs / 4);
    await appender.close();
  });
});
