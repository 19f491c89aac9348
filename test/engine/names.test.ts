import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { qemu100, qemu72 } from '../support/emulators';
import { sidestepError } from '../support/errors';
import { EngineBench } from '../support/workbench';

describe('a domain is named', () => {
  const bench = EngineBench.forEachTest();

  for (const name of [
    'with spaces  between ',
    `with 'single' and "double" quotes`,
    'a;touch /tmp/owned; $(touch /tmp/owned) `touch /tmp/owned` & | > /tmp/owned',
    'with,commas,,and=equals',
    '../../../etc/passwd',
    '-name',
    'Größe 虚拟机 🦆 עברית',
    '%s%n%d \\n \\0 {}[]',
  ]) {
    it(`${JSON.stringify(name)}, and found by it before and after a migration`, async () => {
      const walker = await bench.walker({ name });
      const { outcome, report } = await walker.migrate({ emulator: qemu100 });
      assert.equal(outcome, 'moved');
      const domain = await bench.engine.findDomain(name);
      assert.equal(domain.uuid, walker.uuid);
      assert.equal(domain.name, name);
      const own = await bench.qmp(await walker.instance(), (client) =>
        client.execute('query-name'),
      );
      assert.deepEqual(own, { name });
      const [header] = await bench.readTrace(report?.tracePath ?? '');
      assert.ok(header?.type === 'header');
      assert.equal(header.domain, name);
      await assert.rejects(readFile('/tmp/owned'), { code: 'ENOENT' });
    });
  }

  it('with 4000 characters', async () => {
    const name = 'é'.repeat(4000);
    const walker = await bench.walker({ name });
    const { outcome } = await walker.migrate({ emulator: qemu100 });
    assert.equal(outcome, 'moved');
    await bench.engine.findDomain(name);
  });

  for (const name of ['', 'two\nlines', 'tab\t', 'nul\0', '\u001b[31mred', 'delete\u007f']) {
    it(`not ${JSON.stringify(name)}: refused, and nothing is started`, async () => {
      await assert.rejects(
        bench.engine.start({ name, emulator: qemu72, cwd: '/', arguments: [] }),
        sidestepError('BAD_NAME'),
      );
      assert.deepEqual((await bench.engine.overview()).domains, []);
    });
  }

  it('by one name only: a second domain of that name or UUID is refused', async () => {
    const first = await bench.walker({ name: 'one' });
    await assert.rejects(bench.walker({ name: 'one' }), sidestepError('DOMAIN_EXISTS'));
    const other = { name: 'other', arguments: ['-uuid', first.uuid.toUpperCase()] };
    await assert.rejects(bench.walker(other), sidestepError('DOMAIN_EXISTS'));
    assert.equal((await bench.engine.overview()).domains.length, 1);
    await first.checkWhereItRuns();
  });

  it('by its UUID as well, in any case of letters', async () => {
    const walker = await bench.walker();
    assert.equal((await bench.engine.findDomain(walker.uuid.toUpperCase())).name, walker.name);
  });

  it('and one that is not there is told by that name', async () => {
    for (const ask of [
      bench.engine.findDomain('nobody'),
      bench.engine.destroy('nobody'),
      bench.engine.migrate({ domain: 'nobody', mode: 'auto' }),
    ]) {
      await assert.rejects(ask, sidestepError('NO_SUCH_DOMAIN', /"nobody"/));
    }
  });
});
