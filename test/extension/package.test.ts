import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repository } from '../../scripts/setup/cache.mjs';

const mebibyte = 1024 ** 2;

describe('the package', () => {
  let files: string[];

  before(async () => {
    const vsce = join(repository, 'node_modules/.bin/vsce');
    const run = promisify(execFile);
    const { stdout } = await run(vsce, ['ls', '--no-dependencies'], { cwd: repository });
    files = stdout.trim().split('\n');
  });

  it('has what runs and what is shown, and nothing else', () => {
    const others = files.filter((path) => !/^(dist|media|l10n)\//.test(path)).sort();
    assert.deepEqual(others, [
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'package.json',
      'package.nls.json',
    ]);
    assert.deepEqual(files.filter((path) => path.startsWith('dist/')).sort(), [
      'dist/cli.js',
      'dist/extension.js',
      'dist/ssh2.js',
      'dist/timeline.css',
      'dist/timeline.js',
    ]);
  });

  it('has no bundle of 1 MB or more', () => {
    for (const path of files.filter((each) => each.startsWith('dist/'))) {
      const file = join(repository, path);
      assert.ok(existsSync(file), `${path} is not built`);
      assert.ok(statSync(file).size < mebibyte, path);
    }
  });
});
