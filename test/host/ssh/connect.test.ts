import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { HostError } from '../../../src/host/errors';
import type { SshConnection } from '../../../src/host/ssh/connection';
import { neverPrompt } from '../../../src/host/ssh/prompts';
import { closeServer, freePort } from '../../support/net';
import { eventually } from '../../support/eventually';
import { hostError } from '../workbench';
import { outputOf, ScriptedUser, SshBench } from './ssh-bench';

describe('SSH connections', () => {
  const bench = SshBench.forEachTest();

  it('run commands', async () => {
    const connection = await bench.connect(await bench.sshd());
    const { stream, stderr, exited } = await connection.exec('cat; echo warning >&2; exit 3');
    const warning = once(stderr, 'data');
    stream.end('given');
    const [text] = (await once(stream, 'data')) as [Buffer];
    assert.equal(text.toString(), 'given');
    assert.equal(String((await warning)[0]), 'warning\n');
    assert.equal(await exited, 3);
  });

  it('a command ended by a signal has no exit status', async () => {
    const connection = await bench.connect(await bench.sshd());
    const { exited } = await connection.exec('kill -KILL $$');
    assert.equal(await exited, undefined);
  });

  it('reach unix sockets and TCP ports of the host, with much data both ways', async () => {
    const sshd = await bench.sshd();
    const connection = await bench.connect(sshd);
    const echo = createServer((socket) => socket.pipe(socket));
    const path = join(sshd.folder, 'echo');
    const sent = Buffer.alloc(5_000_000, 'abcdefg');
    for (const where of [{ path }, { port: 0, host: '127.0.0.1' }]) {
      echo.listen(where);
      await once(echo, 'listening');
      const stream =
        'path' in where
          ? await connection.openUnix(path)
          : await connection.openTcp('127.0.0.1', (echo.address() as AddressInfo).port);
      stream.end(sent);
      const received: Buffer[] = [];
      for await (const data of stream) received.push(data as Buffer);
      assert.ok(Buffer.concat(received).equals(sent));
      await closeServer(echo);
    }
  });

  it('close what they have opened, and the other side sees it', async () => {
    const sshd = await bench.sshd();
    const connection = await bench.connect(sshd);
    const server = createServer();
    server.listen(join(sshd.folder, 'socket'));
    const accepted = once(server, 'connection');
    const stream = await connection.openUnix(join(sshd.folder, 'socket'));
    const [socket] = (await accepted) as [NodeJS.ReadableStream];
    socket.resume();
    const closed = Promise.all([once(stream, 'close'), once(socket, 'close')]);
    stream.destroy();
    await closed;
    stream.on('error', () => undefined);
    await new Promise((resolve) => stream.write('too late', resolve));
    await closeServer(server);
  });

  it('tell when nobody listens', async () => {
    const connection = await bench.connect(await bench.sshd());
    const port = await freePort();
    await assert.rejects(connection.openUnix('/none'), hostError('NOT_LISTENING', '/none'));
    await assert.rejects(connection.openTcp('127.0.0.1', port), hostError('NOT_LISTENING'));
  });

  it('tell when forwarding is forbidden, as far as the server does', async () => {
    const config = ['AllowTcpForwarding no', 'AllowStreamLocalForwarding no'];
    const sshd = await bench.sshd({ config });
    const connection = await bench.connect(sshd);
    const server = createServer().listen(join(sshd.folder, 'socket'));
    await once(server, 'listening');
    const opened = connection.openTcp('127.0.0.1', sshd.port);
    await assert.rejects(opened, hostError('PERMISSION_DENIED'));
    const forbidden = connection.openUnix(join(sshd.folder, 'socket'));
    await assert.rejects(forbidden, hostError('NOT_LISTENING'));
    await closeServer(server);
  });

  it('tell when the server takes no more sessions', async () => {
    const connection = await bench.connect(await bench.sshd({ config: ['MaxSessions 1'] }));
    await connection.exec('sleep 60');
    await assert.rejects(connection.exec('true'), hostError('IO'));
  });

  it('show the banner', async () => {
    const sshd = await bench.sshd({ config: ['Banner /etc/debian_version'] });
    await bench.connect(sshd);
    assert.deepEqual(
      bench.notices.map(({ kind, host }) => [kind, host]),
      [['banner', 'dev']],
    );
    assert.match(bench.notices[0]?.text ?? '', /^12/);
  });

  it('end with the server: all that is open ends, and nothing can be opened', async () => {
    const sshd = await bench.sshd();
    const connection = await bench.connect(sshd);
    const { stream, exited } = await connection.exec('sleep 60');
    const lost = once(stream, 'error');
    await sshd.dropSessions();
    assert.equal((await connection.closed).code, 'DISCONNECTED');
    assert.match((await connection.closed).message, /is lost: the host closed it/);
    assert.equal(await exited, undefined);
    const [error] = (await lost) as [unknown];
    hostError('DISCONNECTED')(error);
    await assert.rejects(connection.exec('true'), hostError('DISCONNECTED'));
    await assert.rejects(connection.openUnix('/x'), hostError('DISCONNECTED'));
  });

  it('outlive a change of their keys, in which the host is verified again', async () => {
    const sshd = await bench.sshd({ config: ['RekeyLimit 1M', 'LogLevel DEBUG1'] });
    const connection = await bench.connect(sshd);
    const text = await outputOf(connection, 'head -c 4000000 /dev/zero');
    assert.equal(text.length, 4_000_000);
    assert.ok(sshd.log().split('SSH2_MSG_NEWKEYS received').length > 2);
  });

  it('are closed by dispose', async () => {
    const connection = await bench.connect(await bench.sshd());
    const { stream } = await connection.exec('sleep 60');
    const ended = once(stream, 'close');
    connection.dispose();
    assert.match((await connection.closed).message, /was closed/);
    await ended;
    await assert.rejects(connection.exec('true'), hostError('DISCONNECTED'));
  });

  it('notice a host that no longer answers', async () => {
    const sshd = await bench.sshd();
    const connection = await bench.connect(sshd, [
      'ServerAliveInterval 1',
      'ServerAliveCountMax 3',
    ]);
    const pid = Number((await outputOf(connection, 'echo $PPID')).trim());
    process.kill(pid, 'SIGSTOP');
    assert.match((await connection.closed).message, /no longer answers/);
    process.kill(pid, 'SIGCONT');
  });

  describe('that do not come about', () => {
    it('nobody listens', async () => {
      const sshd = await bench.sshd();
      const port = await freePort();
      const connecting = bench.connect(sshd, [`Port ${port}`]);
      await assert.rejects(connecting, hostError('SSH_UNREACHABLE', 'dev'));
    });

    it('the name does not exist', async () => {
      const sshd = await bench.sshd();
      const connecting = bench.connect(sshd, ['HostName no-such-host.invalid']);
      await assert.rejects(connecting, hostError('SSH_UNREACHABLE', 'dev'));
    });

    it('what answers is not SSH', async () => {
      const sshd = await bench.sshd();
      const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      await assert.rejects(bench.connect(sshd, [`Port ${port}`]), hostError('SSH_HANDSHAKE'));
      await closeServer(server);
    });

    it('what listens says nothing', async () => {
      const sshd = await bench.sshd();
      const server = createServer((socket) => socket.resume()).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const connecting = bench.connect(sshd, [`Port ${port}`, 'ConnectTimeout 1']);
      await assert.rejects(connecting, hostError('SSH_UNREACHABLE'));
      await closeServer(server);
    });

    it('cancelled while the server thinks, while it is asked for, and before', async () => {
      const sshd = await bench.sshd();
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const cancel = new AbortController();
      const accepted = once(server, 'connection');
      const { signal } = cancel;
      const connecting = bench.connect(sshd, [`Port ${port}`], { signal });
      const [socket] = (await accepted) as [NodeJS.ReadableStream];
      socket.resume();
      const gone = once(socket, 'close');
      cancel.abort();
      await assert.rejects(connecting, hostError('CANCELLED'));
      await gone;
      await assert.rejects(bench.connect(sshd, [], { signal }), hostError('CANCELLED'));
      await closeServer(server);
    });

    it('the user may think longer than the server', async () => {
      const slow = { ...neverPrompt, interactive: true, confirmHostKey: () => pause(4200, true) };
      const lines = ['UserKnownHostsFile none', 'ConnectTimeout 4'];
      await bench.connect(await bench.sshd(), lines, { prompts: slow });
    });

    it('cancelled while the user is asked', async () => {
      const sshd = await bench.sshd();
      const cancel = new AbortController();
      const prompts = {
        ...neverPrompt,
        interactive: true,
        confirmHostKey: () => {
          cancel.abort();
          return new Promise<boolean>(() => undefined);
        },
      };
      const lines = ['UserKnownHostsFile none'];
      const connecting = bench.connect(sshd, lines, { prompts, signal: cancel.signal });
      await assert.rejects(connecting, hostError('CANCELLED'));
    });
  });

  describe('over other hosts', () => {
    it('go through two of them, each with keys of its own', async () => {
      const [first, second, last] = await Promise.all([bench.sshd(), bench.sshd(), bench.sshd()]);
      const connection = await connectThrough('ProxyJump first,second', { first, second, last });
      const where = (await outputOf(connection, 'echo $SSH_CONNECTION')).trim();
      assert.ok(where.endsWith(String(last.port)), where);
      for (const server of [first, second, last])
        await eventually(() => server.log().includes('Accepted publickey'));
      const closed = connection.closed;
      await first.dropSessions();
      assert.equal((await closed).code, 'DISCONNECTED');
      assert.match(
        (await closed).message,
        new RegExp(`:${last.port} is lost: .*:${first.port} is lost`),
      );
    });

    it('an unknown one on the way is refused as any other', async () => {
      const [first, last] = await Promise.all([bench.sshd(), bench.sshd()]);
      const lines = { first: ['UserKnownHostsFile none'] };
      const connecting = connectThrough('ProxyJump first', { first, last }, lines);
      await assert.rejects(connecting, (error) => {
        assert.ok(error instanceof HostError);
        assert.equal(error.code, 'CANCELLED');
        assert.ok(error.subject?.endsWith(`:${first.port}`));
        return true;
      });
      assert.doesNotMatch(last.log(), /Connection from/);
    });

    it('what lies behind the last one cannot be reached', async () => {
      const [first, last] = await Promise.all([bench.sshd(), bench.sshd()]);
      const port = await freePort();
      const connecting = connectThrough(`Port ${port}\nProxyJump first`, { first, last });
      await assert.rejects(connecting, hostError('SSH_UNREACHABLE', 'dev'));
    });

    it('that go in a circle are refused', async () => {
      const last = await bench.sshd();
      const connecting = bench.connect(last, ['ProxyJump dev']);
      await assert.rejects(connecting, hostError('SSH_CONFIG'));
    });

    async function connectThrough(
      lines: string,
      servers: Readonly<Record<string, Awaited<ReturnType<SshBench['sshd']>>>>,
      extra: Readonly<Record<string, readonly string[]>> = {},
    ): Promise<SshConnection> {
      const parts = await Promise.all(
        Object.entries(servers).map(async ([name, server]) => {
          const own = name === 'last' ? lines.split('\n') : [];
          const alias = name === 'last' ? 'dev' : name;
          const path = await server.writeConfig(alias, [...own, ...(extra[name] ?? [])]);
          return readFile(path, 'utf8');
        }),
      );
      const [some] = Object.values(servers);
      assert.ok(some !== undefined);
      const configFile = join(some.folder, 'config');
      await writeFile(configFile, parts.join('\n'));
      return bench.connectBy(configFile);
    }
  });

  describe('through a ProxyCommand', () => {
    it('speak through it', async () => {
      const sshd = await bench.sshd();
      const script = `import socket,sys,threading,os
s=socket.create_connection((sys.argv[1],int(sys.argv[2])))
def up():
  while True:
    d=os.read(0,65536)
    if not d: break
    s.sendall(d)
threading.Thread(target=up,daemon=True).start()
while True:
  d=s.recv(65536)
  if not d: break
  os.write(1,d)
`;
      const path = join(sshd.folder, 'proxy.py');
      await writeFile(path, script);
      const connection = await bench.connect(sshd, [`ProxyCommand python3 ${path} %h %p`]);
      assert.equal(await outputOf(connection, 'echo hello'), 'hello\n');
    });

    it('tell what it said when it failed', async () => {
      const sshd = await bench.sshd();
      const lines = [`ProxyCommand sh -c 'echo no way >&2; exit 7'`];
      await assert.rejects(bench.connect(sshd, lines), (error: Error) => {
        assert.match(error.message, /no way/);
        return hostError('SSH_UNREACHABLE')(error);
      });
    });
  });

  it('ask nothing when all is known', async () => {
    const user = new ScriptedUser();
    await bench.connect(await bench.sshd(), [], { prompts: user });
    assert.deepEqual(user.asked, []);
  });
});
