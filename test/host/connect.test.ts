import assert from 'node:assert/strict';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import type { Endpoint } from '../../src/host/host';
import type { ProcessIdentity } from '../../src/host/process';
import { describeOnEachHost, hostError } from './workbench';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describeOnEachHost('connecting', (bench) => {
  let server: Server | undefined;
  afterEach(() => server?.close());

  /** A listener that greets, as a monitor does. */
  async function listen(at: string | number): Promise<Server> {
    server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.end('hello');
    });
    server.listen(at);
    await once(server, 'listening');
    return server;
  }
  async function greetingOf(endpoint: Endpoint, waitFor?: ProcessIdentity): Promise<string> {
    const stream = await bench.host.connect(endpoint, waitFor ? { waitFor } : {});
    return (await stream.toArray()).join('');
  }
  /** A TCP port that nobody listens on. */
  async function freePort(): Promise<number> {
    const { port } = (await listen(0)).address() as AddressInfo;
    server?.close();
    return port;
  }
  const unix = () => ({ unix: bench.path('a "b" ü.sock') });

  it('reaches a unix socket and a TCP port', async () => {
    await listen(unix().unix);
    assert.equal(await greetingOf(unix()), 'hello');
    server?.close();
    const { port } = (await listen(0)).address() as AddressInfo;
    assert.equal(await greetingOf({ host: 'localhost', port }), 'hello');
  });

  it('tells a missing socket from one nobody listens on', async () => {
    await assert.rejects(bench.host.connect(unix()), hostError('NO_SUCH_FILE', unix().unix));
    await bench.host.run(['python3', '-c', bindOnly, unix().unix]);
    await assert.rejects(bench.host.connect(unix()), hostError('NOT_LISTENING', unix().unix));
    const port = await freePort();
    const nobody = { host: '127.0.0.1', port };
    await assert.rejects(
      bench.host.connect(nobody),
      hostError('NOT_LISTENING', `127.0.0.1:${port}`),
    );
  });

  it('refuses a path that is too long for a unix socket, whatever the encoding', async () => {
    const folder = `${bench.folder}/`;
    const fits = folder + 'x'.repeat(107 - folder.length);
    await listen(fits);
    assert.equal(await greetingOf({ unix: fits }), 'hello');
    for (const path of [`${fits}x`, `${fits.slice(0, -1)}ü`]) {
      await assert.rejects(bench.host.connect({ unix: path }), (error: Error) => {
        assert.match(error.message, /at most 107 bytes, this one has 108/);
        return hostError('IO', path)(error);
      });
    }
  });

  it('is cancelled by its signal', async () => {
    await listen(unix().unix);
    const before = bench.host.connect(unix(), { signal: AbortSignal.abort() });
    await assert.rejects(before, hostError('CANCELLED'));
    const cancel = new AbortController();
    const during = bench.host.connect(unix(), { signal: cancel.signal });
    cancel.abort();
    await assert.rejects(during, hostError('CANCELLED'));
  });

  it('hands out streams that end with the host', async () => {
    await listen(unix().unix);
    const stream = await bench.host.connect(unix());
    await bench.host.dispose();
    assert.equal(stream.destroyed, true);
  });

  describe('that waits for the listener', () => {
    it('reaches one that listens already', async () => {
      await listen(unix().unix);
      assert.equal(await greetingOf(unix(), await bench.start('sleep', '60')), 'hello');
    });

    it('reaches one that comes later', async () => {
      const greeting = greetingOf(unix(), await bench.start('sleep', '60'));
      await pause(30);
      await listen(unix().unix);
      assert.equal(await greeting, 'hello');
    });

    it('reaches one whose folders come later', async () => {
      const path = bench.path('a', 'b', 'c', 'd.sock');
      const greeting = greetingOf({ unix: path }, await bench.start('sleep', '60'));
      for (const folder of ['a', 'a/b', 'a/b/c']) {
        await pause(5);
        fs.mkdirSync(bench.path(folder));
      }
      await pause(5);
      await listen(path);
      assert.equal(await greeting, 'hello');
    });

    it('reaches one that is slow to listen after it has bound', async () => {
      const process = await bench.start('python3', '-c', bindThenListen, unix().unix);
      assert.equal(await greetingOf(unix(), process), 'hello');
    });

    it('reaches one that takes the place of a dead socket', async () => {
      await bench.host.run(['python3', '-c', bindOnly, unix().unix]);
      const greeting = greetingOf(unix(), await bench.start('sleep', '60'));
      await pause(30);
      fs.unlinkSync(unix().unix);
      await pause(10);
      await listen(unix().unix);
      assert.equal(await greeting, 'hello');
    });

    it('reaches a TCP port that is opened later', async () => {
      const port = await freePort();
      const greeting = greetingOf({ host: '127.0.0.1', port }, await bench.start('sleep', '60'));
      await pause(30);
      await listen(port);
      assert.equal(await greeting, 'hello');
    });

    it('ends when the process dies before it listens, ours or not', async () => {
      const endpoints = [unix(), { host: '127.0.0.1', port: await freePort() }];
      for (const endpoint of endpoints) {
        for (const waitFor of [await bench.start('sleep', '60'), await startStranger()]) {
          const connecting = bench.host.connect(endpoint, { waitFor });
          const gone = assert.rejects(connecting, hostError('PROCESS_GONE'));
          await pause(30);
          process.kill(waitFor.pid, 'SIGKILL');
          await gone;
        }
      }
    });

    it('ends at once when the process is dead already', async () => {
      const waitFor = await bench.start('true');
      await bench.host.waitForExit(waitFor);
      await assert.rejects(bench.host.connect(unix(), { waitFor }), hostError('PROCESS_GONE'));
    });

    it('is cancelled by its signal, and by the disposal of the host', async () => {
      const waitFor = await bench.start('sleep', '60');
      const cancel = new AbortController();
      const waiting = bench.host.connect(unix(), { waitFor, signal: cancel.signal });
      await pause(5);
      cancel.abort();
      await assert.rejects(waiting, hostError('CANCELLED'));
      const until = assert.rejects(bench.host.connect(unix(), { waitFor }), hostError('CANCELLED'));
      await bench.host.dispose();
      await until;
    });

    it('does not wait where it may not go', async () => {
      const waitFor = await bench.start('sleep', '60');
      fs.writeFileSync(bench.path('file'), '');
      const below = { unix: bench.path('file', 'x.sock') };
      await assert.rejects(bench.host.connect(below, { waitFor }), hostError('IO'));
    });
  });

  describe('not at all, but waiting for a listener', () => {
    it('leaves its one connection to another', async () => {
      const process = await bench.start('python3', '-c', bindThenListen, unix().unix);
      await bench.host.waitForListener(unix().unix, { waitFor: process });
      await bench.host.waitForListener(unix().unix);
      assert.equal(await greetingOf(unix()), 'hello');
    });

    it('ends when the process dies, is cancelled or the host disposed', async () => {
      const dying = await bench.start('sleep', '0.03');
      const gone = bench.host.waitForListener(unix().unix, { waitFor: dying });
      await assert.rejects(gone, hostError('PROCESS_GONE'));
      const cancel = new AbortController();
      const waits = [
        bench.host.waitForListener(unix().unix, { signal: cancel.signal }),
        bench.host.waitForListener(unix().unix),
      ].map((wait) => assert.rejects(wait, hostError('CANCELLED')));
      cancel.abort();
      await bench.host.dispose();
      await Promise.all(waits);
    });
  });

  /** Of a shell, that is, so that it is no child of ours. */
  async function startStranger(): Promise<ProcessIdentity> {
    const { stdout } = await bench.host.run([
      'sh',
      '-c',
      'setsid sleep 60 >/dev/null 2>&1 & echo $!',
    ]);
    const [facts] = await bench.host.inspect([Number(stdout)]);
    assert.ok(facts);
    return bench.mustEnd(facts);
  }
});

const bindOnly = `
import socket, sys
socket.socket(socket.AF_UNIX).bind(sys.argv[1])`;

const bindThenListen = `
import socket, sys, time
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1])
time.sleep(0.05)
s.listen(1)
s.accept()[0].sendall(b'hello')`;
