import assert from 'node:assert/strict';
import {
  isMigrationEnd,
  migrationStatuses,
  migrationStatusOf,
  parseMigrationInfo,
  parseRunState,
} from '../../src/qemu/migration';

/** From QEMU 10.0.13, after a precopy. */
const completed = {
  'blocked-reasons': ['a device forbids it'],
  status: 'completed',
  'setup-time': 1,
  downtime: 6,
  'total-time': 3419,
  ram: {
    total: 1082990592,
    'postcopy-requests': 0,
    'dirty-sync-count': 3,
    'multifd-bytes': 0,
    'pages-per-second': 32710,
    'downtime-bytes': 0,
    'page-size': 4096,
    remaining: 0,
    'postcopy-bytes': 0,
    mbps: 268.5,
    transferred: 114793481,
    'dirty-sync-missed-zero-copy': 0,
    'precopy-bytes': 114793481,
    duplicate: 236737,
    'dirty-pages-rate': 12,
    'normal-bytes': 112222208,
    normal: 27398,
  },
};

describe('query-migrate', () => {
  it('is read with its times in ms and its sizes in bytes', () => {
    assert.deepEqual(parseMigrationInfo(completed), {
      status: 'completed',
      ram: {
        transferred: 114793481,
        remaining: 0,
        total: 1082990592,
        duplicate: 236737,
        normal: 27398,
        normalBytes: 112222208,
        mbps: 268.5,
        dirtySyncCount: 3,
        dirtyPagesRate: 12,
        pageSize: 4096,
      },
      totalTimeMs: 3419,
      downtimeMs: 6,
      expectedDowntimeMs: undefined,
      setupTimeMs: 1,
      errorDesc: undefined,
      blockedReasons: ['a device forbids it'],
      raw: completed,
    });
  });

  it('is `none` before the first migration', () => {
    const info = parseMigrationInfo({});
    assert.equal(info.status, 'none');
    assert.equal(info.ram, undefined);
    assert.deepEqual(info.blockedReasons, []);
  });

  it('tells why a migration failed', () => {
    const info = parseMigrationInfo({ status: 'failed', 'error-desc': 'Unable to write' });
    assert.equal(info.errorDesc, 'Unable to write');
  });

  it('keeps states and fields it does not know', () => {
    const returned = { status: 'teleporting', novelty: { a: 1 }, ram: { transferred: 'much' } };
    const info = parseMigrationInfo(returned);
    assert.equal(info.status, 'teleporting');
    assert.equal(info.ram, undefined);
    assert.deepEqual(info.raw, returned);
  });

  it('is a failure only if it is no object', () => {
    for (const returned of [undefined, null, 'active']) {
      assert.throws(() => parseMigrationInfo(returned), { code: 'NOT_QMP' });
    }
  });
});

describe('migration status', () => {
  it('is over when completed, failed or cancelled', () => {
    assert.deepEqual(migrationStatuses.filter(isMigrationEnd), [
      'cancelled',
      'completed',
      'failed',
    ]);
    assert.equal(isMigrationEnd('teleporting'), false);
  });

  it('is told by MIGRATION events', () => {
    assert.equal(migrationStatusOf({ name: 'MIGRATION', data: { status: 'device' } }), 'device');
    assert.equal(migrationStatusOf({ name: 'MIGRATION_PASS', data: { pass: 1 } }), undefined);
    assert.equal(migrationStatusOf({ name: 'MIGRATION', data: {} }), undefined);
  });
});

describe('query-status', () => {
  it('is read, whatever the state', () => {
    const returned = { status: 'postmigrate', running: false, singlestep: false };
    assert.deepEqual(parseRunState(returned), { status: 'postmigrate', running: false });
    assert.equal(parseRunState({ status: 'dreaming', running: true }).status, 'dreaming');
  });

  it('is a failure if it does not say whether vCPUs run', () => {
    assert.throws(() => parseRunState({ status: 'running' }), { code: 'NOT_QMP' });
  });
});
