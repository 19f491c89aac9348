import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import type { Disposable } from '../../src/host/host';
import { eventually } from '../support/eventually';
import { describeOnEachHost } from './workbench';

describeOnEachHost('watching a file grow', (bench) => {
  let watch: Disposable | undefined;
  afterEach(() => watch?.dispose());

  /** What is told, as it comes. */
  function follow(path: string, offset = 0) {
    const told = { text: '' };
    watch = bench.host.watchGrowth(path, offset, (data) => (told.text += data.toString('latin1')));
    return {
      told,
      has: (text: string) =>
        eventually(() => told.text.length >= text.length).then(() => {
          assert.equal(told.text, text);
        }),
    };
  }

  it('tells what is there from the offset on, and then each growth', async () => {
    const path = bench.path('log');
    fs.writeFileSync(path, '0123456789');
    const { has } = follow(path, 4);
    await has('456789');
    fs.appendFileSync(path, 'abc');
    await has('456789abc');
    fs.appendFileSync(path, 'def');
    await has('456789abcdef');
  });

  it('waits for a file, and for its folders', async () => {
    const path = bench.path('a', 'b', 'log');
    const { has } = follow(path);
    fs.mkdirSync(bench.path('a'));
    await new Promise((resolve) => setTimeout(resolve, 10));
    fs.mkdirSync(bench.path('a', 'b'));
    fs.writeFileSync(path, 'hello');
    await has('hello');
    fs.appendFileSync(path, ' again');
    await has('hello again');
  });

  it('follows a file through a link', async () => {
    fs.mkdirSync(bench.path('elsewhere'));
    fs.writeFileSync(bench.path('elsewhere', 'log'), 'a');
    fs.symlinkSync(bench.path('elsewhere', 'log'), bench.path('log'));
    const { has } = follow(bench.path('log'));
    await has('a');
    fs.appendFileSync(bench.path('elsewhere', 'log'), 'b');
    await has('ab');
  });

  it('starts again when the file is truncated', async () => {
    const path = bench.path('log');
    fs.writeFileSync(path, 'a long line');
    const { has } = follow(path);
    await has('a long line');
    fs.writeFileSync(path, 'new');
    await has('a long linenew');
  });

  it('starts again when the file is replaced, after the rest of the old one', async () => {
    const path = bench.path('log');
    fs.writeFileSync(path, 'old');
    const { has } = follow(path);
    await has('old');
    fs.appendFileSync(path, ' rest');
    fs.renameSync(path, bench.path('log.1'));
    fs.writeFileSync(path, 'the next, longer one');
    await has('old restthe next, longer one');
    fs.rmSync(path);
    fs.writeFileSync(path, '!');
    await has('old restthe next, longer one!');
  });

  it('loses nothing of a process that writes fast', async () => {
    const { told } = follow(bench.path('output'));
    const script = 'i=0; while [ $i -lt 20000 ]; do echo $i; i=$((i+1)); done';
    await bench.start('sh', '-c', script);
    const all = Array.from({ length: 20000 }, (_, i) => `${i}\n`).join('');
    await eventually(() => told.text.length >= all.length);
    assert.ok(told.text === all);
  });

  it('does not mind a folder, or a file it may not read', async () => {
    fs.mkdirSync(bench.path('log'));
    const { has } = follow(bench.path('log'));
    fs.rmdirSync(bench.path('log'));
    fs.writeFileSync(bench.path('log'), 'a file at last');
    await has('a file at last');
  });

  for (const how of ['by its owner', 'with the host']) {
    it(`tells nothing more when it is disposed ${how}`, async () => {
      const path = bench.path('log');
      fs.writeFileSync(path, 'before');
      const { told, has } = follow(path);
      await has('before');
      fs.appendFileSync(path, 'never told');
      if (how === 'by its owner') watch?.dispose();
      else await bench.host.dispose();
      await new Promise((resolve) => setTimeout(resolve, 30));
      assert.equal(told.text, 'before');
    });
  }
});
