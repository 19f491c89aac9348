import assert from 'node:assert/strict';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Conversation } from '../../src/host/host';
import { freePort } from '../support/net';
import { eventually } from '../support/eventually';
import { describeOnEachHost, hostError } from './workbench';

const timeoutMs = 30_000;

describeOnEachHost('talking with many listeners', (bench) => {
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  afterEach(() => {
    for (const socket of sockets) socket.destroy();
    for (const server of servers.splice(0)) server.close();
  });

  async function listen(at: string | number, talk: (socket: Socket) => void): Promise<Server> {
    const server = createServer((socket) => {
      sockets.add(socket.once('close', () => sockets.delete(socket)));
      socket.on('error', () => undefined);
      talk(socket);
    });
    servers.push(server);
    server.listen(typeof at === 'number' ? { port: at } : { path: at });
    await once(server, 'listening');
    return server;
  }
  /** Greets, and answers each line that it is told, as a monitor does. */
  const monitor = (name: string) => (socket: Socket) => {
    socket.write(`hello from ${name}\r\n`);
    socket.on('data', (data: Buffer) => {
      for (const line of data.toString().trim().split('\n')) socket.write(`${name}: ${line}\r\n`);
    });
  };
  const to = (name: string, send = 'one\ntwo\n', lines = 3): Conversation => ({
    endpoint: { unix: bench.path(name) },
    send,
    lines,
  });

  it('hears the lines that were asked for from each, and hangs up', async () => {
    await listen(bench.path('a "ü"'), monitor('a'));
    const server = await listen(0, monitor('b'));
    const { port } = server.address() as AddressInfo;
    const answers = await bench.host.converse(
      [
        to('a "ü"'),
        { endpoint: { host: '127.0.0.1', port }, send: 'x\n', lines: 2 },
        to('a "ü"', 'ünïcödé 💻\n', 2),
      ],
      { timeoutMs },
    );
    assert.deepEqual(answers, [
      ['hello from a', 'a: one', 'a: two'],
      ['hello from b', 'b: x'],
      ['hello from a', 'a: ünïcödé 💻'],
    ]);
    await eventually(() => sockets.size === 0);
  });

  it('tells those whom nobody hears', async () => {
    fs.writeFileSync(bench.path('file'), '');
    await listen(bench.path('a'), monitor('a'));
    const port = await freePort();
    const nobody: Conversation['endpoint'][] = [
      { unix: bench.path('nothing') },
      { unix: bench.path('file') },
      { unix: bench.path('x'.repeat(200)) },
      { host: '127.0.0.1', port },
    ];
    const answers = await bench.host.converse(
      [...nobody.map((endpoint) => ({ endpoint, send: '', lines: 1 })), to('a', '', 1)],
      { timeoutMs },
    );
    assert.deepEqual(answers, [...nobody.map(() => undefined), ['hello from a']]);
  });

  it('gives up on those who do not come to an end, with what they have said', async () => {
    await listen(bench.path('slow'), (socket) => socket.write('first\nsecond, unfinished'));
    await listen(bench.path('silent'), (socket) => socket.resume());
    await listen(bench.path('ends'), (socket) => socket.end('last words\n'));
    const asked = [to('slow'), to('silent'), to('ends')];
    const answers = await bench.host.converse(asked, { timeoutMs: 1000 });
    assert.deepEqual(answers, [['first'], [], ['last words']]);
  });

  it('takes answers of any size', async () => {
    const long = 'long '.repeat(1_000_000);
    await listen(bench.path('a'), (socket) => socket.write(`${long}\n`));
    const [answer] = await bench.host.converse([to('a', '', 1)], { timeoutMs });
    assert.ok(answer?.[0] === long);
  });

  it('hears a thousand at once', async () => {
    const names = Array.from({ length: 1000 }, (_, i) => String(i));
    await Promise.all(names.map((name) => listen(bench.path(name), monitor(name))));
    const answers = await bench.host.converse(
      names.map((name) => to(name, 'x\n', 2)),
      { timeoutMs },
    );
    assert.deepEqual(
      answers,
      names.map((name) => [`hello from ${name}`, `${name}: x`]),
    );
  });

  it('waits its turn where the queue is full', async () => {
    const process = await bench.start('python3', '-c', oneAtATime, bench.path('a'));
    await bench.host.waitForListener(bench.path('a'), { waitFor: process });
    const asked = Array.from({ length: 30 }, () => to('a', 'x', 1));
    const answers = await bench.host.converse(asked, { timeoutMs });
    assert.deepEqual(
      answers.map((answer) => answer?.length),
      asked.map(() => 1),
    );
  });

  it('is cancelled by its signal, and by the disposal of the host', async () => {
    await listen(bench.path('silent'), (socket) => socket.resume());
    const cancel = new AbortController();
    const talk = (signal?: AbortSignal) =>
      assert.rejects(
        bench.host.converse([to('silent')], { timeoutMs, ...(signal && { signal }) }),
        hostError('CANCELLED'),
      );
    const talks = [talk(cancel.signal), talk()];
    await eventually(() => sockets.size === 2);
    cancel.abort();
    await bench.host.dispose();
    await Promise.all([...talks, eventually(() => sockets.size === 0)]);
  });
});

/** A listener with a queue of one, which takes its time for each that comes. */
const oneAtATime = `
import socket, sys, time
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1])
s.listen(1)
while True:
    c = s.accept()[0]
    c.recv(1)
    time.sleep(0.01)
    c.sendall(b'hello\\n')
    c.close()`;
