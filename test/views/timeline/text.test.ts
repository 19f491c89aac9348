import assert from 'node:assert/strict';
import { t, useTexts } from '../../../src/views/timeline/l10n';
import { UiState, usualUi } from '../../../src/views/timeline/layout/ui-state';
import { visibleText } from '../../../src/views/timeline/visible-text';

describe('texts of others', () => {
  for (const [what, text, shown] of [
    ['a right-to-left override', 'a\u202Etxt.exe', 'a⟨U+202E⟩txt.exe'],
    ['isolates', '\u2066x\u2069', '⟨U+2066⟩x⟨U+2069⟩'],
    ['a zero-width space', 'a\u200Bb', 'a⟨U+200B⟩b'],
    ['controls', 'a\u0000\u001b[31m\r', 'a⟨U+0000⟩⟨U+001B⟩[31m⟨U+000D⟩'],
    ['tags', 'a\u{e0041}', 'a⟨U+E0041⟩'],
    ['line separators', 'a\u2028b', 'a⟨U+2028⟩b'],
  ] as const) {
    it(`show ${what}`, () => {
      assert.equal(visibleText(text), shown);
    });
  }

  it('are let be otherwise, in any script', () => {
    const text = 'Größe\n\tдомен 域 😀 e\u0301 אבג <b>&amp;</b>';
    assert.equal(visibleText(text), text);
  });
});

describe("the page's own texts", () => {
  afterEach(() => {
    useTexts({});
  });

  it('are English where there are no others', () => {
    assert.equal(t('{0} of {1}', 3, 5), '3 of 5');
  });

  it("are in the user's language where the bundle has them", () => {
    useTexts({ '{0} of {1}': '{1} davon {0}' });
    assert.equal(t('{0} of {1}', 3, 5), '5 davon 3');
    assert.equal(t('Copy'), 'Copy');
  });

  it('do not read placeholders in what is put in', () => {
    assert.equal(t('{0}', '{1} {0}', 'x'), '{1} {0}');
  });
});

describe('what the user has set up on the page', () => {
  it('is as it was saved', () => {
    const ui = new UiState({
      ...usualUi,
      listShare: { row: 0.5, column: 0.3 },
      since: 'selection',
    });
    assert.deepEqual(
      [ui.state.listShare, ui.state.since],
      [{ row: 0.5, column: 0.3 }, 'selection'],
    );
  });

  it('is as usual where nothing, or nonsense, was saved', () => {
    for (const saved of [undefined, 'x', { listShare: 7 }, { since: 'ever' }])
      assert.deepEqual(new UiState(saved).state, usualUi);
  });
});
