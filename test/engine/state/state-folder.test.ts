import assert from 'node:assert/strict';
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { StateFolder } from '../../../src/engine/state/state-folder';
import { openLocalHost, type LocalHost } from '../../../src/host/local';
import { sidestepError } from '../../support/errors';

describe('the state folder', () => {
  let folder: string;
  let path: string;
  let host: LocalHost;
  beforeEach(async () => {
    folder = await mkdtemp('/tmp/state-');
    path = join(folder, 'state');
    host = openLocalHost();
  });
  afterEach(async () => {
    await host.dispose();
    await rm(folder, { recursive: true });
  });

  const domain = {
    uuid: '11111111-2222-3333-4444-555555555555',
    name: 'd',
    definition: ['-m', '64'],
    source: 1,
    ownedPaths: [],
    takenSockets: [],
  };
  const instance = { id: 1, uuid: domain.uuid, emulator: '/bin/qemu', monitor: '/m.sock' };

  it('is made, and its user’s alone', async () => {
    const state = await StateFolder.open(host, path);
    assert.equal((await stat(path)).mode & 0o777, 0o700);
    const { tables, journals } = await state.read();
    assert.deepEqual([tables.domains, tables.instances, journals.size], [[], [], 0]);
    assert.equal(await readFile(join(path, 'format'), 'utf8'), '1\n');
  });

  it('gives back what was written, to whoever opens it', async () => {
    const first = await StateFolder.open(host, path);
    await host.files([
      { op: 'mkdir', path: first.domainFolder(domain.uuid) },
      { op: 'mkdir', path: first.instanceFolder(1) },
      { op: 'mkdir', path: first.instanceFolder(2) },
      first.writeInstance(instance),
      first.writeInstance({ ...instance, id: 2 }),
      first.writeDomain({ ...domain, remote: 2 }),
    ]);
    const { tables, journals } = await (await StateFolder.open(host, path)).read();
    assert.deepEqual(tables.domains, [{ ...domain, remote: 2 }]);
    assert.deepEqual(tables.source.byUuid(domain.uuid), instance);
    assert.deepEqual(tables.source.byName('d'), instance);
    assert.equal(tables.remote.byUuid(domain.uuid)?.id, 2);
    assert.equal(journals.size, 0);
  });

  it('gives each instance an id of its own, also after all folders are gone', async () => {
    const state = await StateFolder.open(host, path);
    assert.deepEqual(
      [await state.claimInstanceId(), await state.claimInstanceId(), await state.claimInstanceId()],
      [1, 2, 3],
    );
    await rm(join(path, 'instances'), { recursive: true });
    assert.equal(await (await StateFolder.open(host, path)).claimInstanceId(), 4);
  });

  it('gives out no id twice to those who ask at once', async () => {
    const state = await StateFolder.open(host, path);
    const ids = await Promise.all(Array.from({ length: 50 }, () => state.claimInstanceId()));
    assert.deepEqual(
      ids.sort((a, b) => a - b),
      Array.from({ length: 50 }, (_, index) => index + 1),
    );
  });

  it('of a newer version is refused, and not touched', async () => {
    await StateFolder.open(host, path);
    await writeFile(join(path, 'format'), '2\n');
    await rm(join(path, 'ids'), { recursive: true });
    const before = await contents(path);
    await assert.rejects(
      StateFolder.open(host, path),
      sidestepError('STATE_TOO_NEW', /format 2, this one knows 1\). Nothing was changed/),
    );
    assert.deepEqual(await contents(path), before);
  });

  it('of an earlier version gets what that did not have, and keeps the rest', async () => {
    await mkdir(path, { mode: 0o700 });
    for (const name of ['ids', 'domains', 'instances', 'traces', 'emulators'])
      await mkdir(join(path, name));
    await writeFile(join(path, 'format'), '1\n');
    await writeFile(join(path, 'ids', 'next-8'), '');
    await mkdir(join(path, 'domains', domain.uuid));
    const early = { ...domain, takenSockets: undefined };
    await writeFile(join(path, 'domains', domain.uuid, 'domain.json'), JSON.stringify(early));
    const state = await StateFolder.open(host, path);
    assert.deepEqual((await state.read()).tables.domains, [domain]);
    assert.equal(await state.claimInstanceId(), 8);
    await (await state.lockDomain(domain)).release();
    await state.close();
  });

  for (const format of ['', '0', '-1', '1.5', 'one', '\0']) {
    it(`of format ${JSON.stringify(format)} is damaged`, async () => {
      await StateFolder.open(host, path);
      await writeFile(join(path, 'format'), format);
      await assert.rejects(StateFolder.open(host, path), sidestepError('STATE_DAMAGED'));
    });
  }

  for (const mode of [0o755, 0o770, 0o703]) {
    it(`that others may look into or write to (${mode.toString(8)}) is refused`, async () => {
      await mkdir(path);
      await chmod(path, mode);
      await assert.rejects(
        StateFolder.open(host, path),
        sidestepError('STATE_NOT_PRIVATE', new RegExp(path)),
      );
      assert.deepEqual(await readdir(path), []);
    });
  }

  it('that somebody else puts there just when it is made is refused', async () => {
    const elsewhere = join(folder, 'elsewhere');
    await mkdir(elsewhere);
    await chmod(elsewhere, 0o777);
    const files = host.files.bind(host);
    let looks = 0;
    const raced = Object.assign(Object.create(host) as LocalHost, {
      files: async (operations: Parameters<typeof files>[0]) => {
        const found = await files(operations);
        if (++looks === 1) await symlink(elsewhere, path);
        return found;
      },
    });
    await assert.rejects(
      StateFolder.open(raced, path),
      sidestepError('STATE_NOT_PRIVATE', new RegExp(path)),
    );
  });

  it('that is a link to what others may look into is refused, and nothing written there', async () => {
    const elsewhere = join(folder, 'elsewhere');
    await mkdir(elsewhere);
    await chmod(elsewhere, 0o755);
    await symlink(elsewhere, path);
    await assert.rejects(
      StateFolder.open(host, path),
      sidestepError('STATE_NOT_PRIVATE', new RegExp(path)),
    );
    assert.deepEqual(await readdir(elsewhere), []);
  });

  it('replaces a link planted at a record’s place, and writes nothing where it points', async () => {
    const state = await StateFolder.open(host, path);
    const victim = join(folder, 'victim');
    await writeFile(victim, 'precious');
    await host.files([{ op: 'mkdir', path: state.domainFolder(domain.uuid) }]);
    await symlink(victim, join(state.domainFolder(domain.uuid), 'domain.json'));
    await host.files([state.writeDomain(domain)]);
    assert.equal(await readFile(victim, 'utf8'), 'precious');
    assert.equal((await state.readDomain(domain.uuid))?.domain.name, 'd');
  });

  it('makes no folder of another user’s QEMU where there is something already', async () => {
    const state = await StateFolder.open(host, path);
    const elsewhere = join(folder, 'elsewhere');
    await mkdir(elsewhere, { mode: 0o700 });
    await mkdir(join(path, 'guests'));
    await symlink(elsewhere, state.homeFolder(domain.uuid));
    const { uid, gid } = userInfo();
    await assert.rejects(host.files(state.makeHome(domain.uuid, { uid, gid, groups: [] })), {
      code: 'EXISTS',
    });
    assert.deepEqual(await readdir(elsewhere), []);
  });

  it('that is a file is refused', async () => {
    await writeFile(path, '', { mode: 0o600 });
    await assert.rejects(
      StateFolder.open(host, path),
      sidestepError('STATE_UNREADABLE', new RegExp(path)),
    );
  });

  for (const [what, data] of [
    ['no JSON', 'nonsense'],
    ['cut', '{"id": 1, "uu'],
    ['empty', ''],
    ['another document', '{"a": 1}'],
    ['of wrong types', '{"id":"1","uuid":1,"emulator":"","monitor":""}'],
  ] as const) {
    it(`names a record that is ${what}`, async () => {
      const state = await StateFolder.open(host, path);
      for (const [folderOf, name] of [
        [state.instanceFolder(7), 'instance.json'],
        [state.domainFolder(domain.uuid), 'domain.json'],
      ] as const) {
        await mkdir(folderOf);
        const file = join(folderOf, name);
        await writeFile(file, data);
        await assert.rejects(state.read(), (error: unknown) => {
          sidestepError('STATE_DAMAGED')(error);
          assert.ok(String(error).includes(file), String(error));
          return true;
        });
        await rm(folderOf, { recursive: true });
      }
    });
  }

  it('is not confused by a folder without a record', async () => {
    const state = await StateFolder.open(host, path);
    await mkdir(state.instanceFolder(7));
    await mkdir(state.domainFolder('half-made'));
    await writeFile(join(path, 'domains', 'a file'), '');
    const { tables } = await state.read();
    assert.deepEqual(tables.domains, []);
  });
});

/** Every file below a folder, with what is in it. */
async function contents(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((file) => join(file.parentPath, file.name));
  return Object.fromEntries(
    await Promise.all(
      files.sort().map(async (file) => [file, await readFile(file, 'utf8')] as const),
    ),
  );
}
