import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { createServer } from 'node:net';
import { basename } from 'node:path';
import { readParts } from '../../src/host/read-parts';
import { describeOnEachHost, hostError } from './workbench';

const strangeNames = [
  'with spaces',
  `'single' "double" \`back\``,
  'a;b|c&d $(touch x) ${HOME}',
  'line\nbreak\ttab',
  'ünïcödé 虚拟机 💻',
  '-rf',
  '%s\\n',
];

describeOnEachHost('files', (bench) => {
  it('are written, read, renamed, listed and removed in order, in one call', async () => {
    const [folder, file, moved] = [bench.path('d'), bench.path('d', 'f'), bench.path('d', 'g')];
    const results = await bench.host.files([
      { op: 'mkdir', path: folder },
      { op: 'write', path: file, data: 'one' },
      { op: 'append', path: file, data: Buffer.from(' two') },
      { op: 'read', path: file },
      { op: 'rename', from: file, to: moved },
      { op: 'list', path: folder },
      { op: 'remove', path: folder },
      { op: 'list', path: folder },
    ]);
    assert.equal(results[3]?.toString(), 'one two');
    assert.deepEqual(results[5], ['g']);
    assert.deepEqual(results[7], []);
  });

  for (const name of strangeNames) {
    it(`may be called ${JSON.stringify(name)}`, async () => {
      const path = bench.path(name, name);
      const [, , bytes, names, each] = await bench.host.files([
        { op: 'mkdir', path: bench.path(name) },
        { op: 'write', path, data: name },
        { op: 'read', path },
        { op: 'list', path: bench.folder },
        { op: 'readEach', path: bench.folder, name },
      ]);
      assert.equal(bytes?.toString(), name);
      assert.deepEqual(names, [name]);
      assert.deepEqual([...each], [[name, Buffer.from(name)]]);
      await bench.host.files([{ op: 'remove', path: bench.path(name) }]);
      assert.deepEqual(fs.readdirSync(bench.folder), []);
    });
  }

  it('stops at the first operation that fails, and names its path', async () => {
    const missing = bench.path('missing', 'f');
    await assert.rejects(
      bench.host.files([
        { op: 'write', path: bench.path('before'), data: '' },
        { op: 'write', path: missing, data: '' },
        { op: 'write', path: bench.path('after'), data: '' },
      ]),
      hostError('NO_SUCH_FILE', missing),
    );
    assert.deepEqual(fs.readdirSync(bench.folder), ['before']);
  });

  describe('write', () => {
    it('replaces a file as a whole, under the eyes of its readers', async () => {
      const path = bench.path('f');
      await bench.host.files([{ op: 'write', path, data: 'old' }]);
      const opened = fs.openSync(path, 'r');
      await bench.host.files([{ op: 'write', path, data: 'new and longer' }]);
      assert.equal(fs.readFileSync(opened, 'utf8'), 'old');
      assert.equal(fs.readFileSync(path, 'utf8'), 'new and longer');
      fs.closeSync(opened);
    });

    it('is private unless a mode is given, whatever the umask', async () => {
      const modes = [undefined, 0o644, 0o777];
      for (const mode of modes) {
        const path = bench.path('f');
        await bench.host.files([{ op: 'write', path, data: '', ...(mode && { mode }) }]);
        assert.equal(fs.statSync(path).mode & 0o7777, mode ?? 0o600);
      }
    });

    it('replaces a link planted at its place, and leaves what it points to alone', async () => {
      const victim = bench.path('victim');
      fs.writeFileSync(victim, 'untouched');
      fs.symlinkSync(victim, bench.path('f'));
      await bench.host.files([{ op: 'write', path: bench.path('f'), data: 'mine' }]);
      assert.equal(fs.readFileSync(victim, 'utf8'), 'untouched');
      assert.equal(fs.lstatSync(bench.path('f')).isSymbolicLink(), false);
    });

    it('leaves nothing beside the file when it fails', async () => {
      fs.mkdirSync(bench.path('folder'));
      const write = { op: 'write', path: bench.path('folder'), data: 'x' } as const;
      await assert.rejects(bench.host.files([write]), hostError('IO', write.path));
      assert.deepEqual(fs.readdirSync(bench.folder), ['folder']);
    });

    it('writes large data without loss', async () => {
      const data = Buffer.alloc(5_000_000, 'large ');
      await bench.host.files([{ op: 'write', path: bench.path('f'), data }]);
      assert.ok(fs.readFileSync(bench.path('f')).equals(data));
    });

    it('says that there is no space', async () => {
      // A device that is always full; it can be appended to, not replaced.
      await assert.rejects(
        bench.host.files([{ op: 'append', path: '/dev/full', data: 'x' }]),
        hostError('NO_SPACE', '/dev/full'),
      );
    });
  });

  describe('remove', () => {
    it('takes a link away, with or without a slash behind, not what it points to', async () => {
      fs.mkdirSync(bench.path('victim'));
      fs.writeFileSync(bench.path('victim', 'f'), '');
      for (const end of ['', '/', '//']) {
        fs.symlinkSync(bench.path('victim'), bench.path('link'));
        await bench.host.files([{ op: 'remove', path: bench.path('link') + end }]);
        assert.deepEqual(fs.readdirSync(bench.folder), ['victim'], `link${end}`);
      }
      assert.deepEqual(fs.readdirSync(bench.path('victim')), ['f']);
    });

    it('takes a folder away with all in it, and follows no link in there', async () => {
      fs.writeFileSync(bench.path('victim'), '');
      fs.mkdirSync(bench.path('d', 'e'), { recursive: true });
      fs.symlinkSync(bench.path('victim'), bench.path('d', 'e', 'link'));
      fs.symlinkSync('/', bench.path('d', 'root'));
      await bench.host.files([{ op: 'remove', path: bench.path('d') }]);
      assert.deepEqual(fs.readdirSync(bench.folder), ['victim']);
    });

    it('does not mind that there is nothing', async () => {
      fs.writeFileSync(bench.path('file'), '');
      await bench.host.files([
        { op: 'remove', path: bench.path('nothing') },
        { op: 'remove', path: bench.path('file', 'below a file') },
      ]);
    });
  });

  describe('mkdir', () => {
    it('makes the parents as well, all private', async () => {
      await bench.host.files([{ op: 'mkdir', path: bench.path('a', 'b', 'c') }]);
      for (const names of [['a'], ['a', 'b'], ['a', 'b', 'c']]) {
        assert.equal(fs.statSync(bench.path(...names)).mode & 0o7777, 0o700);
      }
    });

    it('gives the mode that is asked for, whatever the umask', async () => {
      await bench.host.files([{ op: 'mkdir', path: bench.path('a'), mode: 0o777 }]);
      assert.equal(fs.statSync(bench.path('a')).mode & 0o7777, 0o777);
    });

    it('leaves a folder that exists as it is, unless it must be the first', async () => {
      const mkdir = { op: 'mkdir', path: bench.path('a') } as const;
      fs.mkdirSync(mkdir.path, { mode: 0o750 });
      await bench.host.files([mkdir]);
      assert.equal(fs.statSync(mkdir.path).mode & 0o7777, 0o750);
      const exclusive = { ...mkdir, exclusive: true };
      await assert.rejects(bench.host.files([exclusive]), hostError('EXISTS', mkdir.path));
    });

    it('does not take a file for a folder', async () => {
      fs.writeFileSync(bench.path('a'), '');
      const mkdir = { op: 'mkdir', path: bench.path('a') } as const;
      await assert.rejects(bench.host.files([mkdir]), hostError('EXISTS', mkdir.path));
    });

    it('is won by exactly one of two exclusive ones', async () => {
      const mkdir = { op: 'mkdir', path: bench.path('a', 'b'), exclusive: true } as const;
      const outcomes = await Promise.allSettled([
        bench.host.files([mkdir]),
        bench.host.files([mkdir]),
      ]);
      assert.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    });
  });

  it('rename goes over whatever is there, and keeps a socket reachable', async () => {
    const server = createServer((socket) => socket.end('still here'));
    await new Promise<void>((resolve) => server.listen(bench.path('a'), resolve));
    fs.writeFileSync(bench.path('b'), 'stale');
    await bench.host.files([{ op: 'rename', from: bench.path('a'), to: bench.path('b') }]);
    const stream = await bench.host.connect({ unix: bench.path('b') });
    assert.equal((await stream.toArray()).join(''), 'still here');
    server.close();
  });

  it('what is not there is told apart from what cannot be read', async () => {
    const nothing = bench.path('nothing');
    const results = await bench.host.files([
      { op: 'read', path: nothing },
      { op: 'readPart', path: nothing, offset: 0, length: 1 },
      { op: 'readEach', path: nothing, name: 'f' },
      { op: 'list', path: nothing },
      { op: 'stat', path: nothing },
      { op: 'realpath', path: nothing },
    ]);
    assert.deepEqual(results, [undefined, undefined, new Map(), [], undefined, undefined]);
    await assert.rejects(
      bench.host.files([{ op: 'read', path: bench.folder }]),
      hostError('IO', bench.folder),
    );
  });

  it('a file is read in parts, to its end', async () => {
    const path = bench.path('f');
    fs.writeFileSync(path, 'one two');
    const part = (offset: number, length: number) =>
      ({ op: 'readPart', path, offset, length }) as const;
    const parts = await bench.host.files([part(0, 3), part(3, 100), part(7, 100), part(70, 1)]);
    assert.deepEqual(parts.map(String), ['one', ' two', '', '']);
    const pieces: string[] = [];
    for await (const piece of readParts(bench.host, path, { partSize: 2 })) {
      pieces.push(piece.toString());
    }
    assert.deepEqual(pieces, ['on', 'e ', 'tw', 'o']);
    const missing = bench.path('missing');
    await assert.rejects(readParts(bench.host, missing).next(), hostError('NO_SUCH_FILE', missing));
  });

  it('readEach reads one file in each folder, and passes over those that have none', async () => {
    for (const folder of ['b', 'a', 'empty']) fs.mkdirSync(bench.path(folder));
    fs.writeFileSync(bench.path('b', 'f'), 'B');
    fs.writeFileSync(bench.path('a', 'f'), 'A');
    fs.writeFileSync(bench.path('file'), '');
    const [each] = await bench.host.files([{ op: 'readEach', path: bench.folder, name: 'f' }]);
    assert.deepEqual(
      [...each].map(([folder, bytes]) => `${folder}=${bytes.toString()}`),
      ['a=A', 'b=B'],
    );
  });

  it('stat tells the kind, follows links, and knows what may be executed', async () => {
    fs.writeFileSync(bench.path('plain'), '12345', { mode: 0o640 });
    fs.writeFileSync(bench.path('program'), '', { mode: 0o755 });
    fs.symlinkSync('program', bench.path('link'));
    const [plain, program, link, folder, device] = await bench.host.files([
      { op: 'stat', path: bench.path('plain') },
      { op: 'stat', path: bench.path('program') },
      { op: 'stat', path: bench.path('link') },
      { op: 'stat', path: bench.folder },
      { op: 'stat', path: '/dev/null' },
    ]);
    const { ino, dev, mtimeMs } = fs.statSync(bench.path('plain'));
    assert.deepEqual(plain, {
      kind: 'file',
      size: 5,
      mtimeMs,
      device: dev,
      inode: ino,
      rdev: 0,
      mode: 0o640,
      uid: process.getuid?.(),
      executable: false,
    });
    assert.equal(program?.executable, true);
    assert.deepEqual(link, program);
    assert.equal(folder?.kind, 'directory');
    assert.equal(folder.executable, false);
    assert.equal(device?.kind, 'other');
    assert.equal(device.rdev, fs.statSync('/dev/null').rdev);
  });

  it('realpath resolves links, freeSpace counts bytes', async () => {
    fs.mkdirSync(bench.path('d'));
    fs.symlinkSync('d', bench.path('link'));
    const [real, free] = await bench.host.files([
      { op: 'realpath', path: bench.path('d', '..', 'link') },
      { op: 'freeSpace', path: bench.folder },
    ]);
    assert.equal(basename(real ?? ''), 'd');
    const { bavail, bsize } = fs.statfsSync(bench.folder);
    assert.ok(Math.abs(free - bavail * bsize) < 1 << 30);
  });
});

describeOnEachHost('an appender', (bench) => {
  it('adds in order, and a reader sees what an append has resolved for', async () => {
    const path = bench.path('journal');
    fs.writeFileSync(path, 'before\n');
    const appender = await bench.host.openAppend(path);
    await appender.append('first\n');
    assert.equal(fs.readFileSync(path, 'utf8'), 'before\nfirst\n');
    await Promise.all(Array.from({ length: 100 }, (_, i) => appender.append(`${i}\n`)));
    await appender.close();
    const numbers = Array.from({ length: 100 }, (_, i) => String(i));
    const lines = fs.readFileSync(path, 'utf8').trim().split('\n');
    assert.deepEqual(lines, ['before', 'first', ...numbers]);
  });

  it('makes a private file, or one of the mode given', async () => {
    const appenders = [
      await bench.host.openAppend(bench.path('a')),
      await bench.host.openAppend(bench.path('b'), 0o640),
    ];
    assert.equal(fs.statSync(bench.path('a')).mode & 0o777, 0o600);
    assert.equal(fs.statSync(bench.path('b')).mode & 0o777, 0o640);
    await Promise.all(appenders.map((appender) => appender.close()));
  });

  it('adds to a pipe in order too', async () => {
    await bench.host.run(['mkfifo', bench.path('pipe')]);
    const reader = bench.host.run(['cat', bench.path('pipe')]);
    const appender = await bench.host.openAppend(bench.path('pipe'));
    const parts = Array.from({ length: 50 }, (_, i) => String(i % 10).repeat(5000));
    await Promise.all(parts.map((part) => appender.append(part)));
    await appender.close();
    assert.equal((await reader).stdout.toString(), parts.join(''));
  });

  it('tells why it cannot be opened, or written to', async () => {
    const path = bench.path('missing', 'journal');
    await assert.rejects(bench.host.openAppend(path), hostError('NO_SUCH_FILE', path));
    const full = await bench.host.openAppend('/dev/full');
    await assert.rejects(full.append('x'), hostError('NO_SPACE', '/dev/full'));
    const closed = await bench.host.openAppend(bench.path('f'));
    await closed.close();
    await assert.rejects(closed.append('x'), hostError('IO', bench.path('f')));
  });

  it('may be closed twice, and is closed with the host', async () => {
    const appender = await bench.host.openAppend(bench.path('f'));
    await bench.host.dispose();
    await assert.rejects(appender.append('x'), hostError('IO'));
    await appender.close();
  });
});
