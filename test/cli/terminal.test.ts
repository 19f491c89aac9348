import assert from 'node:assert/strict';
import { CliBench } from './bench';
import { ListDocument } from './schemas';

describe('sidestep on a terminal', () => {
  const bench = CliBench.forEachTest();
  const names = async () =>
    (await bench.document(ListDocument, ['list'])).domains.map(({ name }) => name);

  it('asks before it destroys, and takes only yes for a yes', async () => {
    await bench.start('web');
    for (const typed of ['\n', 'n\n', 'yesterday\n', '\x04']) {
      const { status, stdout } = await bench.runOnTerminal(['destroy', 'web'], typed);
      assert.match(stdout, /^Destroy domain "web" \([-0-9a-f]{36}\)\? \[y\/N\] /m);
      assert.match(stdout, /Nothing was done\. \[DECLINED\]/);
      assert.equal(status, 3, JSON.stringify(typed));
    }
    assert.deepEqual(await names(), ['web']);
    const { status, stdout } = await bench.runOnTerminal(['destroy', 'web'], 'y\n');
    assert.equal(status, 0, stdout);
    assert.match(stdout, /Domain "web" is destroyed\./);
    assert.deepEqual(await names(), []);
  });

  it('does not ask with --yes', async () => {
    await bench.start('web');
    const { status, stdout } = await bench.runOnTerminal(['destroy', 'web', '--yes']);
    assert.deepEqual([status, stdout], [0, 'Domain "web" is destroyed.\r\n']);
  });

  it('draws the phases over one line, and then tells what was done', async () => {
    await bench.start('web');
    const words = ['migrate', '--live', '--local', 'web'];
    const { status, stdout } = await bench.runOnTerminal(words);
    assert.equal(status, 0, stdout);
    const drawn = stdout.split('\r\x1b[K');
    assert.equal(drawn[0], '', 'nothing stands before the line');
    for (const phase of ['Begin (source)', 'Prepare (target)', 'Confirm (source)']) {
      assert.ok(drawn.some((line) => line.includes(phase)));
    }
    const report = drawn.at(-1) ?? '';
    assert.ok(report.startsWith('\x1b[32mDomain "web" has moved\x1b[0m from instance 1 '), report);

    const plain = await bench.runOnTerminal(words, '', { NO_COLOR: '1' });
    const plainReport = plain.stdout.split('\r\x1b[K').at(-1) ?? '';
    assert.ok(plainReport.startsWith('Domain "web" has moved from instance 2 '), plainReport);
    assert.ok(!plainReport.includes('\x1b'), plainReport);
  });
});
