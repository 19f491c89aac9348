/** One file is the whole bug report: made of a migration that really failed, and read by tar(1). */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { makeBundle } from '../../../src/engine/bundle/read';
import { packTarball } from '../../../src/engine/bundle/tar';
import { readTrace } from '../../../src/engine/trace/file';
import { qemu100, qemu72 } from '../../support/emulators';
import { sidestepError } from '../../support/errors';
import { EngineBench } from '../../support/workbench';
import { writeTargetEmulator } from '../../support/wrapper';

const secret = 'Xyzzy-42';

/** What a tarball holds, by path. */
function unpack(archive: string): Map<string, string> {
  const tar = (...args: string[]) => execFileSync('tar', args, { encoding: 'utf8' });
  const paths = tar('-tzf', archive).trim().split('\n');
  return new Map(paths.map((path) => [path, tar('-xzOf', archive, path)]));
}

describe('a bundle', () => {
  const bench = EngineBench.forEachTest();

  it('holds all that a migration which failed has left, and no secrets', async () => {
    const walker = await bench.walker({
      emulator: qemu72,
      arguments: [
        ...['-object', `secret,id=s,data=${secret}`],
        ...['-D', bench.path('source.log'), '-d', 'guest_errors'],
      ],
    });
    writeFileSync(bench.path('source.log'), 'what the source has logged\n');
    const output = bench.engine.state.instancePaths(1, walker.domain).output;
    writeFileSync(output, 'what the source has printed\n');
    await writeTargetEmulator(bench.path('failing'), qemu100, [
      `echo "qemu: -object secret,id=s,data=${secret}: quantum" >&2; exit 1`,
    ]);
    const { error } = await walker.migrate({ emulator: bench.path('failing') });
    assert.equal(error?.details.outcome, 'stayed');

    const trace = error.details.trace ?? '';
    const archive = bench.path('report.tar.gz');
    writeFileSync(archive, await makeBundle(bench.host, trace, '1.2.3'));
    const files = unpack(archive);
    const folder = /[^/]*(?=\.sidestep-trace$)/.exec(trace)?.[0] ?? '';
    assert.deepEqual(
      [...files.keys()],
      [
        ...['report.txt', 'trace.sidestep-trace', 'instance-2/printed.txt'],
        ...['instance-1/qemu.out.txt', 'instance-1/source.log.txt', 'host.txt'],
      ].map((name) => `sidestep-${folder}/${name}`),
    );
    const read = (name: string) => files.get(`sidestep-${folder}/${name}`) ?? '';
    assert.match(read('report.txt'), /^Sidestep 1\.2\.3\nDomain: walker-1 /);
    assert.match(read('report.txt'), /Outcome: stayed \[TARGET_FAILED\]/);
    assert.match(read('instance-1/qemu.out.txt'), /what the source has printed/);
    assert.match(read('instance-1/source.log.txt'), /what the source has logged/);
    assert.match(read('instance-2/printed.txt'), /secret,id=s,data=\(hidden\)/);
    assert.match(read('host.txt'), /^Linux /);
    assert.equal(readTrace(read('trace.sidestep-trace'), 't').at(-1)?.type, 'verdict');
    for (const [path, text] of files) assert.ok(!text.includes(secret), path);
    assert.ok(!(await readFile(trace, 'utf8')).includes(secret));
  });

  it('of no trace is refused', async () => {
    const none = makeBundle(bench.host, bench.path('no.sidestep-trace'), '1');
    await assert.rejects(none, sidestepError('TRACE_MISSING'));
  });
});

describe('a tarball', () => {
  it('gives back what went in, of any length', () => {
    const data = ['', 'a', 'b'.repeat(511), 'c'.repeat(512), 'd'.repeat(513), 'ü'.repeat(5000)];
    const files = data.map((text, index) => ({ path: `f/${index}`, data: text }));
    const archive = `/tmp/sidestep-tar-${process.pid}.tar.gz`;
    try {
      writeFileSync(archive, packTarball(files, 1_700_000_000));
      assert.deepEqual([...unpack(archive).values()], data);
      assert.match(
        execFileSync('tar', ['-tvzf', archive, '--utc'], { encoding: 'utf8' }),
        /^-rw-r--r-- 0\/0 +0 2023-11-14 22:13 f\/0$/m,
      );
      assert.equal(readFileSync(archive).readUInt16BE(0), 0x1f8b);
    } finally {
      execFileSync('rm', ['-f', archive]);
    }
  });
});
