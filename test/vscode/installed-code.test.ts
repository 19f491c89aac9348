import assert from 'node:assert/strict';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installedCode } from './installed-code.mjs';

describe('an installed VS Code', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'sidestep-code-')));
    await mkdir(join(folder, 'bin'));
    await writeFile(join(folder, 'code'), '');
    await writeFile(join(folder, 'bin/code'), '');
  });

  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  it('is found by its program, its folder, and its script on the PATH', async () => {
    const link = join(folder, 'on-the-path');
    await symlink(join(folder, 'bin/code'), link);
    for (const given of [join(folder, 'code'), folder, join(folder, 'bin/code'), link]) {
      assert.equal(installedCode(given), join(folder, 'code'), given);
    }
  });

  it('is missed with a word of where', async () => {
    await rm(join(folder, 'code'));
    assert.throws(() => installedCode(folder), { message: `No VS Code lies in ${folder}` });
    assert.throws(() => installedCode(join(folder, 'no')), { code: 'ENOENT' });
  });
});
