import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readTrace } from '../../src/engine/trace/file';
import { logPath } from '../libvirt/log/logs';
import { CliBench } from './bench';
import { TraceDocument } from './schemas';

const both = [logPath('9.0-source.log'), logPath('9.0-target.log')];

describe('sidestep log', () => {
  const bench = CliBench.forEachTest();

  it("prints both sides of libvirt's migration as a table, and writes the trace", async () => {
    const { status, stdout, stderr } = await bench.run(['log', ...both, '--trace', 't.trace']);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^ +Time\/ms +Phase +Inst +What happened\n +0\.000 .* domain "vm one"/);
    assert.match(stdout, /\n +\d+\.\d{3} +perform +1 +-> command migrate \{.*\n/);
    assert.match(stdout, /\nmoved, downtime 62\.9 ms, 2\.14 s in all\n$/);
    const [table = ''] = stdout.split('\nPhase ');
    const trace = await bench.run(['trace', 't.trace']);
    assert.ok(trace.stdout.startsWith(table));
    const { records } = await bench.document(TraceDocument, ['log', ...both]);
    const written = readTrace(readFileSync(bench.path('t.trace'), 'utf8'), 't.trace');
    assert.deepEqual(written, records);
  });

  it('is refused what tells nothing, and leaves no file behind', async () => {
    for (const [args, code] of [
      [[logPath('9.0-source.log'), '--domain', 'other'], 'LOG_HAS_NO_SUCH_DOMAIN'],
      [[bench.path('state', 'format')], 'LOG_HAS_NO_QMP'],
    ] as const) {
      await bench.run(['list']);
      const { status, stderr } = await bench.run(['log', ...args, '--trace', 't.trace']);
      assert.equal(status, 3, stderr);
      assert.match(stderr, new RegExp(code));
    }
    assert.throws(() => readFileSync(bench.path('t.trace')), { code: 'ENOENT' });
    const { status, stderr } = await bench.run(['log', 'missing.log']);
    assert.equal(status, 1);
    assert.match(stderr, /missing\.log/);
  });
});
