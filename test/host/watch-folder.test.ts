import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import type { Disposable } from '../../src/host/host';
import { eventually } from '../support/eventually';
import { describeOnEachHost } from './workbench';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
/** In this time everything is told. */
const settle = () => pause(80);

describeOnEachHost('watching a folder', (bench) => {
  let watch: Disposable | undefined;
  afterEach(() => watch?.dispose());

  /** How often something was told, from when the watch is in place. */
  async function follow(path: string): Promise<{ times: number }> {
    const told = { times: 0 };
    watch = bench.host.watchFolder(path, () => told.times++);
    // However far away, it has been asked for by the time that this is answered.
    await bench.host.files([]);
    await settle();
    return told;
  }

  it('tells when an entry is made, renamed and removed', async () => {
    const told = await follow(bench.folder);
    const changes = [
      () => {
        fs.writeFileSync(bench.path('a'), '');
      },
      () => {
        fs.renameSync(bench.path('a'), bench.path('b'));
      },
      () => {
        fs.rmSync(bench.path('b'));
      },
      () => {
        fs.mkdirSync(bench.path('folder'));
      },
    ];
    for (const [index, change] of changes.entries()) {
      change();
      await eventually(() => told.times === index + 1);
      await settle();
    }
    assert.equal(told.times, changes.length);
  });

  it('tells when an entry is replaced by another of its name', async () => {
    for (const name of ['old', 'new']) fs.writeFileSync(bench.path(name), name);
    const told = await follow(bench.folder);
    fs.renameSync(bench.path('new'), bench.path('old'));
    await eventually(() => told.times === 1);
  });

  it('does not tell a burst one by one', async () => {
    const told = await follow(bench.folder);
    for (let i = 0; i < 100; i++) fs.writeFileSync(bench.path(`f${i}`), '');
    await eventually(() => told.times > 0);
    await settle();
    // Once, if the machine does not stall meanwhile.
    assert.ok(told.times < 50, `${told.times} times`);
  });

  it('says nothing of what is written to a file, nor of what is further down', async () => {
    fs.writeFileSync(bench.path('file'), '');
    fs.mkdirSync(bench.path('folder'));
    const told = await follow(bench.folder);
    fs.appendFileSync(bench.path('file'), 'grown');
    fs.writeFileSync(bench.path('folder', 'below'), '');
    await settle();
    assert.equal(told.times, 0);
  });

  it('waits for a folder, and follows one that is removed and made again', async () => {
    const path = bench.path('a', 'b');
    const told = await follow(path);
    fs.mkdirSync(bench.path('a'));
    await settle();
    assert.equal(told.times, 0);
    for (const change of [
      () => {
        fs.mkdirSync(path);
      },
      () => {
        fs.writeFileSync(bench.path('a', 'b', 'f'), '');
      },
      () => {
        fs.rmSync(path, { recursive: true });
      },
      () => {
        fs.mkdirSync(path);
      },
      () => {
        fs.writeFileSync(bench.path('a', 'b', 'f'), '');
      },
    ]) {
      const before = told.times;
      change();
      await eventually(() => told.times > before);
      await settle();
    }
  });

  for (const how of ['by its owner', 'with the host']) {
    it(`tells nothing more when it is disposed ${how}`, async () => {
      const told = await follow(bench.folder);
      fs.writeFileSync(bench.path('never told'), '');
      if (how === 'by its owner') watch?.dispose();
      else await bench.host.dispose();
      await settle();
      assert.equal(told.times, 0);
    });
  }
});
