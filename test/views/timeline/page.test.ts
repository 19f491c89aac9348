import assert from 'node:assert/strict';
import type { TraceRecord } from '../../../src/engine/trace/record';
import { launchBrowser, TimelinePage, type Browser } from '../../support/timeline-page';
import { at, event, header, moved } from './traces';

const path = '/traces/a.sidestep-trace';

describe("the timeline's page", () => {
  let browser: Browser;
  let timeline: TimelinePage;

  before(async () => {
    browser = await launchBrowser();
  });

  after(async () => {
    await browser.close();
  });

  async function open(records: readonly TraceRecord[]): Promise<TimelinePage['page']> {
    timeline = await TimelinePage.open(browser);
    await show(records);
    return timeline.page;
  }

  async function show(records: readonly TraceRecord[]): Promise<void> {
    await timeline.tell({ type: 'snapshot', host: 'devhost', path, records: [...records] });
  }

  const row = (name: string) =>
    timeline.page.locator('.traffic-row:not([hidden])', { hasText: name }).first();
  /** What a key has selected is drawn with the next frame. */
  const selects = (name: string) =>
    timeline.until(
      `document.querySelector('.traffic-row[aria-selected="true"] .name')?.textContent === '${name}'`,
    );
  const names = async () =>
    timeline.page.locator('.traffic-row:not([hidden]) .name').allTextContents();
  const countIs = (start: string) =>
    `document.querySelector('.filter-count').textContent.startsWith('${start}')`;
  const isFollowing = 'document.querySelector(".follow").hidden';
  /** An empty list, which has not been drawn yet, is not at its end. */
  const atEnd = `(() => {
    const { scrollTop, scrollHeight, clientHeight } = document.querySelector('.virtual-list');
    return scrollHeight > clientHeight && scrollTop + clientHeight >= scrollHeight - 1;
  })()`;

  afterEach(async () => {
    assert.deepEqual(timeline.faults, []);
    await timeline.close();
  });

  it('lists the traffic, and shows both messages of the command that is chosen', async () => {
    const page = await open(moved);
    await row('migrate').click();
    await selects('migrate');
    assert.equal(await page.locator('.detail-title').textContent(), 'migrate');
    assert.deepEqual(await page.locator('.detail-label').allTextContents(), [
      'Command',
      'Reply, after 310 µs',
    ]);
    assert.ok((await page.locator('.json-string').allTextContents()).includes('"migrate"'));
  });

  it('can be used with the keyboard alone', async () => {
    const page = await open(moved);
    await page.locator('.virtual-list').focus();
    await page.keyboard.press('End');
    await selects('moved');
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowUp');
    await selects('qom-get');
    const active = await page.locator('.virtual-list').getAttribute('aria-activedescendant');
    assert.match(
      String(await page.locator(`#${String(active)}`).getAttribute('aria-label')),
      /^qom-get, QMP command · #7 source, .*not so/,
    );
    await page.keyboard.press('Control+C');
    assert.match((await timeline.hears('copy')).text, /"execute": "qom-get"/);
    await page.keyboard.press('Enter');
    const focused = 'document.activeElement.closest("[role=treeitem]").ariaExpanded';
    assert.equal(await page.evaluate(focused), 'true');
    await page.keyboard.press('ArrowLeft');
    assert.equal(await page.evaluate(focused), 'false');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowDown');
    assert.match(
      await page.evaluate<string>('document.activeElement.textContent'),
      /execute: "qom-get"/,
    );
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+F');
    await page.keyboard.type('stop');
    await timeline.until(countIs('1 '));
    assert.deepEqual(await names(), ['STOP']);
  });

  it('shows what the filters let through, and offers to reset them', async () => {
    const page = await open(moved);
    await page.locator('[data-choice="commands"]').click();
    await timeline.until(countIs('7 '));
    await page.locator('[data-choice="output"]').click();
    await page.locator('[data-choice="errors"]').click();
    await page.locator('[data-choice="events"]').click();
    await page.locator('.traffic-empty vscode-button').click();
    await timeline.until(countIs('9 '));
    assert.equal(await page.locator('.toggle[aria-pressed="true"]').count(), 8);
  });

  it('asks its host side to copy, to open a document, and to send again', async () => {
    const page = await open(moved);
    await row('migrate').click();
    await page.locator('vscode-button[aria-label="Copy"]').click();
    const text =
      '{\n  "execute": "migrate",\n  "id": "7-3"\n}\n\n{\n  "return": {},\n  "id": "7-3"\n}\n';
    const copy = await timeline.hears('copy');
    assert.equal(copy.text, text);
    await page.locator('vscode-button[aria-label="Open as Document"]').click();
    const opened = await timeline.hears('open-document');
    assert.deepEqual([opened.title, opened.language, opened.text], ['migrate', 'json', text]);
    await page.locator('vscode-button[aria-label="Send Again in the Console"]').click();
    const { command: line, request } = await timeline.hears('send-again');
    assert.equal(line, '{"execute":"migrate"}');
    await timeline.tell({ type: 'failed', request, message: 'alpha does not run.' });
    await page.locator('.notice:not([hidden])').waitFor();
    assert.equal(await page.locator('.notice').textContent(), 'alpha does not run.');
  });

  it('follows a migration under way, until the user scrolls up', async () => {
    const many = (from: number, count: number) =>
      Array.from({ length: count }, (_, i) => event((from + i) * 100, 7, `E${from + i}`));
    const page = await open([header, ...many(0, 100)]);
    await timeline.until(atEnd);
    await timeline.tell({ type: 'append', records: many(100, 50) });
    await row('E149').waitFor();
    await timeline.until(atEnd);
    const list = await page.locator('.virtual-list').boundingBox();
    assert.ok(list);
    await page.mouse.move(list.x + 50, list.y + 50);
    await page.mouse.wheel(0, -300);
    await timeline.until(`!${isFollowing}`);
    await timeline.tell({ type: 'append', records: many(150, 50) });
    await timeline.until(countIs('200 '));
    assert.equal(await page.evaluate(atEnd), false);
    await page.locator('.follow').click();
    await timeline.until(atEnd);
    assert.equal(await page.evaluate(isFollowing), true);
  });

  it('follows to the very end, and stays there when the cause of a failure takes its room', async () => {
    const events = Array.from({ length: 100 }, (_, i) => event(i * 100, 7, `E${i}`));
    await open([header, ...events]);
    await timeline.until(atEnd);
    const message = 'It died. '.repeat(40);
    const verdict = at(20_000, { type: 'verdict', outcome: 'stayed', message });
    await timeline.tell({ type: 'append', records: [verdict] });
    await timeline.page.locator('.header-failure').waitFor();
    await row('stayed at the source').waitFor();
    await timeline.until(atEnd);
  });

  it('keeps in the document only what is in sight of 100,000 rows', async () => {
    const page = await open([header]);
    // Made in the page: that many are long on their way through the browser's driver.
    await page.evaluate(`{
      const first = ${JSON.stringify(event(0, 7, 'e'))};
      const records = Array.from({ length: 100_000 }, (_, i) => ({
        ...first,
        at: first.at + 10 * i,
        name: 'e' + i,
      }));
      postMessage({ type: 'append', records }, '*');
    }`);
    await timeline.until(countIs('100000 of 100000'));
    await page.locator('.virtual-list').focus();
    await page.keyboard.press('End');
    await selects('e99999');
    const last = page.locator('.traffic-row[aria-selected="true"]');
    assert.equal(await last.getAttribute('aria-posinset'), '100000');
    assert.equal(await last.getAttribute('aria-setsize'), '100000');
    assert.ok((await page.locator('.traffic-row').count()) < 100);
  });

  it('is after a reload as it was left', async () => {
    const page = await open(moved);
    await page.locator('[data-choice="output"]').click();
    // Until then a row is about to become another's.
    await timeline.until(countIs('8 '));
    await row('RESUME').click();
    await page.locator('.traffic-headings button').click();
    await page.locator('[aria-label="Size of the timeline"]').focus();
    await page.keyboard.press('ArrowLeft');
    const kept = `(() => {
      const state = JSON.parse(sessionStorage.getItem('state'));
      return state.ui?.lanesShare.row < 0.67 && state.trace.path;
    })()`;
    await timeline.until(kept);
    await timeline.reload();
    await show(moved);
    await timeline.until(countIs('8 '));
    await selects('RESUME');
    assert.equal(await row('STOP').locator('.cell-time').textContent(), '-2.400');
    const share = page.locator('[aria-label="Size of the timeline"]');
    assert.equal(await share.getAttribute('aria-valuenow'), '66');
  });

  it('keeps what was done last when it is left', async () => {
    const page = await open(moved);
    await row('STOP').click();
    await page.locator('.virtual-list').focus();
    const [kept, shown] = await page.evaluate<unknown[]>(`(() => {
      const list = document.querySelector('.virtual-list');
      list.dispatchEvent(new KeyboardEvent('keydown', { key: 'End' }));
      dispatchEvent(new Event('blur'));
      const { selection } = JSON.parse(sessionStorage.getItem('state')).store;
      list.dispatchEvent(new KeyboardEvent('keydown', { key: 'Home' }));
      dispatchEvent(new Event('blur'));
      return [selection, JSON.parse(sessionStorage.getItem('state')).store.selection];
    })()`);
    assert.equal(kept, moved.length - 1);
    assert.notEqual(shown, kept);
  });

  it('waits for its trace, and does not judge it before', async () => {
    timeline = await TimelinePage.open(browser);
    const text = timeline.page.locator('.header');
    await timeline.hears('ready');
    assert.equal(await text.textContent(), 'Waiting for the trace…FitDowntime');
    const now = Date.now() * 1000;
    const verdicts = await timeline.page.evaluate<string[]>(`(() => {
      const seen = [];
      const look = () => seen.push(document.querySelector('.header').textContent);
      const records = ${JSON.stringify([{ ...header, at: now }])};
      postMessage({ type: 'snapshot', host: 'devhost', path: '/a', records }, '*');
      return new Promise((resolve) => {
        const frame = () => { look(); seen.length > 9 ? resolve(seen) : requestAnimationFrame(frame); };
        addEventListener('message', frame);
      });
    })()`);
    assert.ok(verdicts.at(-1)?.includes('under way'), verdicts.at(-1));
    assert.ok(!verdicts.some((seen) => seen.includes('no verdict')), verdicts[0]);
  });

  it('shows hostile names as text, and runs nothing of them', async () => {
    const evil = '<img src=x onerror="document.title=1"><script>document.title=1</script>\u202E';
    const page = await open([
      { ...header, domain: evil } as TraceRecord,
      { ...event(10, 7, evil), message: { event: evil, [evil]: [evil] } } as TraceRecord,
      at(20, { type: 'output', instance: 7, text: evil }),
      at(30, { type: 'warning', code: evil, message: evil }),
      at(40, { type: 'verdict', outcome: 'stayed', message: evil }),
    ]);
    await timeline.tell({ type: 'problem', message: evil, hint: evil });
    await page.locator('.problem:not([hidden])').waitFor();
    await page.locator('.virtual-list').focus();
    await page.keyboard.press('Home');
    for (let i = 0; i < 4; i++) {
      await page.keyboard.press('ArrowDown');
      assert.ok((await page.locator('.detail-title').textContent())?.length);
    }
    assert.equal(await page.locator('img, body script:not([src])').count(), 0);
    const text = await page.evaluate<string>('document.body.innerText');
    assert.doesNotMatch(text, /\u202E/);
    assert.match(text, /<img src=x onerror/);
    assert.equal(await page.evaluate('document.title'), 'Sidestep');
  });

  it('tells a problem until the trace is there again', async () => {
    const page = await open(moved.slice(0, 5));
    await timeline.tell({ type: 'problem', message: 'devhost is not connected.', hint: 'Do.' });
    await page.locator('.problem:not([hidden])').waitFor();
    assert.equal(await page.locator('.problem').textContent(), 'devhost is not connected. Do.');
    assert.ok((await names()).includes('query-status'));
    await show(moved);
    await row('RESUME').waitFor();
    assert.equal(await page.locator('.problem:not([hidden])').count(), 0);
  });

  it('stacks its parts where there is little room', async () => {
    const page = await open(moved);
    const places = `[...document.querySelectorAll('.drawing, .beside')]
      .map((part) => Math.round(part.getBoundingClientRect().left))`;
    const [left, right] = await page.evaluate<number[]>(places);
    assert.notEqual(left, right);
    await timeline.resize(600, 800);
    assert.deepEqual(await page.evaluate(places), [0, 0]);
  });

  for (const [width, height] of [
    [1000, 400],
    [600, 450],
    [420, 600],
  ] as const) {
    it(`has room for lanes and list in ${width} by ${height} pixels`, async () => {
      const page = await open(moved);
      await timeline.resize(width, height);
      const seen = (selector: string) =>
        page.evaluate<number>(`(() => {
          const { top, bottom } = document.querySelector('${selector}').getBoundingClientRect();
          return Math.min(bottom, innerHeight) - Math.max(top, 0);
        })()`);
      assert.ok((await seen('.virtual-list')) >= 66, 'three rows');
      assert.ok((await seen('.lanes')) >= 120, 'the phases under the ruler');
    });
  }

  it('scrolls where there is too little room for all of it', async () => {
    const page = await open(moved);
    await timeline.resize(420, 300);
    await page.evaluate('document.querySelector(".page").scrollTo(0, 1e6)');
    const [bottom, list] = await page.evaluate<number[]>(`[
      document.querySelector('.detail').getBoundingClientRect().bottom,
      document.querySelector('.virtual-list').clientHeight,
    ]`);
    assert.equal(Math.round(bottom ?? 0), 300);
    assert.ok(list !== undefined && list >= 66);
  });

  it('keeps sizes of its own for where its parts are stacked', async () => {
    const page = await open(moved);
    const line = page.locator('[aria-label="Size of the timeline"]');
    await line.focus();
    await page.keyboard.press('Home');
    await timeline.resize(600, 800);
    await timeline.until(`document.activeElement.ariaOrientation === 'horizontal'`);
    assert.equal(await line.getAttribute('aria-valuenow'), '50');
    const height = `document.querySelector('.drawing').getBoundingClientRect().height`;
    const before = await page.evaluate<number>(height);
    await page.keyboard.press('ArrowDown');
    assert.equal(await line.getAttribute('aria-valuenow'), '52');
    assert.ok((await page.evaluate<number>(height)) > before);
    await timeline.resize(1400, 860);
    await timeline.until(`document.activeElement.ariaOrientation === 'vertical'`);
    assert.equal(await line.getAttribute('aria-valuenow'), '15');
  });

  it('shows what QEMU printed in a colour that is not seen through', async () => {
    timeline = await TimelinePage.open(browser, {
      theme: {
        kind: 'vscode-dark',
        variables: {
          '--vscode-charts-orange': '#d1861633',
          '--vscode-symbolIcon-classForeground': '#ee9d28',
        },
      },
    });
    await show(moved);
    await row('no pcid').waitFor();
    const colour = `getComputedStyle(document.querySelector('[data-tone="output"] .name')).color`;
    assert.equal(await timeline.page.evaluate(colour), 'rgb(238, 157, 40)');
  });

  it('draws a grid that is fainter than what it is for, in high contrast too', async () => {
    const white = { '--vscode-editor-foreground': '#ffffff', '--vscode-contrastBorder': '#ffffff' };
    timeline = await TimelinePage.open(browser, {
      theme: {
        kind: 'vscode-high-contrast',
        variables: {
          ...white,
          '--vscode-editor-background': '#000000',
          '--vscode-editorIndentGuide-background1': '#ffffff',
        },
      },
    });
    await show(moved);
    await row('RESUME').waitFor();
    await timeline.drawn();
    // Above the lanes there is the grid alone, beside the column of the standstill.
    const brightest = await timeline.page.evaluate<number>(`(() => {
      const canvas = document.querySelector('.lanes-body');
      const { data } = canvas.getContext('2d').getImageData(112, 0, canvas.width - 112, 4);
      return Math.max(...data.filter((_, index) => index % 4 === 1));
    })()`);
    assert.ok(brightest > 10 && brightest < 100, String(brightest));
  });
});
